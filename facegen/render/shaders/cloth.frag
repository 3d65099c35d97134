uniform vec3 rgb;
uniform vec3 rgb2;
uniform float pattern;  // 0 plain, 1 stripes, 2 checks, 3 dots, 4 knit
uniform float scale;    // metres a repeat

void main() {
    Point at = point();
    vec3 n = at.n, world = at.world, v = normalize(-world);
    vec2 uv = at.uv, p = uv / max(scale, 1e-4);
    float ao = at.ao;
    vec2 px = abs(dFdx(p)), py = abs(dFdy(p));
    float edge = max(min(px.x + px.y, py.x + py.y) * 1.4, 1e-4);
    float coarse = max(px.x + px.y, py.x + py.y);  // repeats a sample, along the worse direction
    float fade = clamp(1.0 - edge, 0.0, 1.0);
    float mask = 0.0, height = 0.5;
    int kind = int(pattern + 0.5);
    vec2 f = fract(p) - 0.5;
    if (kind == 1) mask = smoothstep(-edge, edge, abs(f.y) - 0.25);
    if (kind == 2) mask = 0.5 * smoothstep(-edge, edge, abs(f.x) - 0.3) + 0.5 * smoothstep(-edge, edge, abs(f.y) - 0.3);
    if (kind == 3) mask = smoothstep(edge, -edge, length(f) - 0.22);
    if (kind == 4) {
        float row = fract(p.x * 3.0 + abs(fract(p.y * 4.0) - 0.5) * 0.6);
        height = mix(0.5, abs(row - 0.5) * 2.0, clamp(1.5 - 6.0 * coarse, 0.0, 1.0));
    }
    float weave = 0.92 + 0.16 * mix(0.5, noise(uv * 3000.0), clamp(1.0 - 3000.0 * edge * scale, 0.0, 1.0));
    vec3 base = mix(rgb, rgb2, mix(0.3, mask, fade) * float(kind > 0 && kind < 4)) * at.tint * mix(1.0, weave, 0.8);
    base *= mix(1.0, 0.6 + 0.8 * height, float(kind == 4));
    vec3 diffuse = sh_irradiance(n) * bounced(ao, base), fuzz = vec3(0.0);
    float rim = pow(clamp(1.0 - dot(n, v), 0.0, 1.0), 3.0);
    for (int k = 0; k < int(counts.x); k++) {
        float size = key_direction[k].w, c = dot(n, key_direction[k].xyz);
        if (c < -size) continue;
        vec3 light = key_light(k, world) / PI * shadow(k, world, n, 0.003, 0.0012);
        diffuse += light * soft_cosine(c, size);
        fuzz += light * rim * soft_cosine(c, 0.3);
    }
    out_color = vec4(base * diffuse + (0.03 + 0.12 * base) * fuzz, 1.0);
}
