uniform vec3 rgb;
uniform float roughness;
uniform float metallic;

void main() {
    Point p = point();
    vec3 world = p.world, n = p.n, v = normalize(-world), base = rgb * p.tint;
    PAINTED(base, 1.0)
    float ao = p.ao;
    float nv = clamp(dot(n, v), 0.02, 1.0), rough = clamp(roughness, 0.08, 1.0);
    vec3 f0 = mix(vec3(0.04), base, metallic);
    vec3 diffuse = sh_irradiance(n) * bounced(ao, base), gloss = vec3(0.0);
    for (int k = 0; k < int(counts.x); k++) {
        vec3 l = key_direction[k].xyz;
        float size = key_direction[k].w, c = dot(n, l);
        if (c < -size) continue;
        float lit = shadow(k, world, n, 0.002, 0.001);
        diffuse += key_light(k, world) / PI * lit * soft_cosine(c, size);
        float m = pow(clamp(1.0 - dot(v, normalize(v + l)), 0.0, 1.0), 5.0);
        gloss += key_light(k, world) * lit * lobe(n, v, l, rough, size, nv) * (f0 + (1.0 - f0) * m);
    }
    vec2 e = environment_brdf(rough, nv);
    vec3 around = f0 * e.x + e.y;
    gloss += sh_radiance(reflect(-v, n), rough) * around * specular_ao(nv, ao, rough);
    out_color = vec4(base * (1.0 - metallic) * diffuse * (1.0 - around) + gloss, 1.0);
}
