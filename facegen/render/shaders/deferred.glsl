// Shading pass: the point is read from the geometry pass.
uniform sampler2D g_surface, g_uv, g_tint, g_tangent;
layout(location = 0) out vec4 out_color;   // linear, premultiplied
struct Point { vec3 world, n, tangent, tint; vec2 uv; float ao; };

Point point() {
    ivec2 at = ivec2(gl_FragCoord.xy);
    vec4 s = texelFetch(g_surface, at, 0), t = texelFetch(g_tint, at, 0);
    vec2 ndc = gl_FragCoord.xy * (2.0 / counts.y) - 1.0;
    vec3 world = vec3((ndc.x + projection[2][0]) / projection[0][0], (ndc.y + projection[2][1]) / projection[1][1], -1.0) * s.w;
    return Point(world, s.xyz, texelFetch(g_tangent, at, 0).xyz, t.rgb, texelFetch(g_uv, at, 0).xy, t.a);
}
// Level of detail from the smaller of the two derivatives: the larger one is wrong where another surface begins.
float level(sampler2D image, vec2 uv) {
    vec2 size = vec2(textureSize(image, 0)), x = dFdx(uv) * size, y = dFdy(uv) * size;
    return 0.5 * log2(max(min(dot(x, x), dot(y, y)) * 1.5, 1e-8));
}
