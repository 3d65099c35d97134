// Which fine strand of a ribbon a point lies on, and whether it lies between them. u across, v root to tip.
float hash(vec2 p) {
    vec3 q = fract(vec3(p.xyx) * vec3(0.1031, 0.1030, 0.0973));
    q += dot(q, q.yzx + 33.33);
    return fract((q.x + q.y) * q.z);
}
float strand_seed(float u, float count, float ribbon) {
    return hash(vec2(floor(u * max(count, 1.0)), floor(ribbon * 977.0)));
}
bool between_strands(vec2 at, float count, float ribbon, float width) {
    float seed = strand_seed(at.x, count, ribbon), across = fract(at.x * count);
    float thick = (0.5 + 0.5 * seed) * (1.0 - smoothstep(0.75 * (0.6 + 0.4 * seed), 1.0, at.y));
    return abs(across - 0.5) * 2.0 > thick + 0.25 * width * count;
}
