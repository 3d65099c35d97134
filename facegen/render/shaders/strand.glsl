// Which fine strand of a ribbon a point lies on, and whether it lies between them. u across, v root to tip.
float hash(vec2 p) {
    vec3 q = fract(vec3(p.xyx) * vec3(0.1031, 0.1030, 0.0973));
    q += dot(q, q.yzx + 33.33);
    return fract((q.x + q.y) * q.z);
}
float strand_seed(float u, float count, float ribbon) {
    return hash(vec2(floor(u * max(count, 1.0)), floor(ribbon * 977.0)));
}
// A strand thinner than a sample covers a share of it: that share is drawn by chance, so that hair ends and silhouettes fade
// instead of stepping. Its thickness falls to nothing at the tip, each strand at its own place.
bool between_strands(vec2 at, float count, float ribbon, float width) {
    float seed = strand_seed(at.x, count, ribbon), across = fract(at.x * count);
    float thick = (0.6 + 0.4 * seed) * (1.0 - smoothstep(0.5 + 0.4 * seed, 1.02, at.y));
    float fine = smoothstep(0.35, 1.0, width * count);
    float whole = step(abs(across - 0.5) * 2.0, thick);
    return mix(whole, min(1.6 * thick, 1.0), fine) < 0.01 + 0.98 * hash(gl_FragCoord.xy + 61.0 * ribbon);
}
