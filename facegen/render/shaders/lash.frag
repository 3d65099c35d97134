// Lashes: ribbons a few hairs wide, soft across and thinning to the tip; blended, for a lash is thinner than a sample.
uniform vec3 rgb;
uniform float opacity;
uniform float blended;

Point p;
vec3 light;

void by_key(const int k) {
    light += key_light(k, p.world) / PI * soft_cosine(dot(p.n, key_direction[k].xyz), 0.7) * p.ao;
}

void main() {
    p = point();
    float across = fract(p.uv.x), along = clamp(p.uv.y, 0.0, 1.0);
    float alpha = opacity * smoothstep(0.0, 0.75, 4.0 * across * (1.0 - across)) * (1.0 - 0.8 * along * along);
    PAINTED(rgb * p.tint, mix(1.0, alpha, blended))
    light = sh_irradiance(p.n) * p.ao;
    EACH_KEY(by_key)
    alpha = mix(1.0, alpha, blended);
    out_color = vec4(rgb * p.tint * light * alpha, alpha);
}
