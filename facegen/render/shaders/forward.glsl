// Blended surfaces: the point comes straight from the rasteriser.
in vec3 world;
in float depth;
in vec3 smooth_normal;
in vec2 uv;
in vec3 tangent;
in vec4 tint;
flat in int region;
struct Point { vec3 world, n, tangent, tint; vec2 uv; float ao; };

Point point() {
    vec3 n = normalize(smooth_normal);
    return Point(world, gl_FrontFacing ? n : -n, tangent, tint.rgb, uv, tint.a);
}
float level(sampler2D image, vec2 uv) {
    vec2 size = vec2(textureSize(image, 0)), x = dFdx(uv) * size, y = dFdy(uv) * size;
    return 0.5 * log2(max(max(dot(x, x), dot(y, y)), 1e-8));
}
