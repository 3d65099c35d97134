uniform vec3 rgb;
uniform float roughness;
uniform float metallic;

Point p;
vec3 n, v, f0, diffuse, gloss = vec3(0.0);
float nv, rough;

void by_key(const int k) {
    vec3 l = key_direction[k].xyz;
    float size = key_direction[k].w, c = dot(n, l);
    if (c < -size) return;
    float lit = shadow(k, p.world, n, 0.002, 0.001);
    diffuse += key_light(k, p.world) / PI * lit * soft_cosine(c, size);
    float m = pow(clamp(1.0 - dot(v, normalize(v + l)), 0.0, 1.0), 5.0);
    gloss += key_light(k, p.world) * lit * lobe(n, v, l, rough, size, nv) * (f0 + (1.0 - f0) * m);
}

void main() {
    p = point();
    n = p.n;
    v = normalize(-p.world);
    vec3 base = rgb * p.tint;
    PAINTED(base, 1.0)
    float ao = p.ao;
    nv = clamp(dot(n, v), 0.02, 1.0);
    rough = clamp(roughness, 0.08, 1.0);
    f0 = mix(vec3(0.04), base, metallic);
    diffuse = sh_irradiance(n) * bounced(ao, base);
    EACH_KEY(by_key)
    vec2 e = environment_brdf(rough, nv);
    vec3 around = f0 * e.x + e.y;
    gloss += sh_radiance(reflect(-v, n), rough) * around * specular_ao(nv, ao, rough);
    out_color = vec4(base * (1.0 - metallic) * diffuse * (1.0 - around) + gloss, 1.0);
}
