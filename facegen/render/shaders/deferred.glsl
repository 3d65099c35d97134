// Shading pass: the point is read from the geometry pass.
uniform sampler2D g_surface, g_uv, g_tint, g_tangent;
struct Point { vec3 world, n, tangent, tint; vec2 uv; float ao; };

Point point() {
    ivec2 at = ivec2(gl_FragCoord.xy);
    vec4 s = texelFetch(g_surface, at, 0), t = texelFetch(g_tint, at, 0), u = texelFetch(g_uv, at, 0), a = texelFetch(g_tangent, at, 0);
    return Point(vec3(u.zw, -a.w), s.xyz, a.xyz, t.rgb, u.xy, t.a);
}
// Level of detail from the smaller of the two derivatives: the larger one is wrong where another surface begins.
float level(sampler2D image, vec2 uv) {
    vec2 size = vec2(textureSize(image, 0)), x = dFdx(uv) * size, y = dFdy(uv) * size;
    return 0.5 * log2(max(min(dot(x, x), dot(y, y)) * 1.5, 1e-8));
}
