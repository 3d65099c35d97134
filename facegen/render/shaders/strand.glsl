// Which fine strand of a ribbon a point lies on, and whether it lies between them. u across, the ribbon's number in its whole
// part; v root to tip.
float hash(vec2 p) {
    vec3 q = fract(vec3(p.xyx) * vec3(0.1031, 0.1030, 0.0973));
    q += dot(q, q.yzx + 33.33);
    return fract((q.x + q.y) * q.z);
}
float strand_seed(float u, float count) {
    return hash(vec2(floor(u * max(count, 1.0)), count));
}
// Ordered dither (Bayer 4 x 4), turned by chance from 2 x 2 block to block and from ribbon to ribbon: any block of samples that
// makes a pixel holds every quarter of 0..1, so that a share of cover is drawn as that share and not as salt and pepper.
float dither(vec2 at, float ribbon) {
    ivec2 p = ivec2(at) & 3;
    int order = 8 * ((p.x ^ p.y) & 1) + 4 * (p.y & 1) + 2 * (((p.x ^ p.y) >> 1) & 1) + (p.y >> 1);
    return fract((float(order) + 0.5) / 16.0 + hash(floor(at * 0.5) + 7.31 * ribbon));
}
// A strand thinner than a sample covers a share of it. The middle of a ribbon is closed, its borders and ends break up into
// single strands; each strand thins to nothing at its own place, so that hair ends and silhouettes fade instead of stepping.
bool between_strands(vec2 at, float count, float width) {
    // What cannot be told apart takes the mean of its kind: strands that of their wisp, wisps that of the ribbon.
    float wide = width * count, across = fract(at.x * count);
    float wisp = mix(strand_seed(at.x, 0.25 * count), 0.5, smoothstep(5.0, 12.0, wide));
    float seed = mix(strand_seed(at.x, count), wisp, smoothstep(1.2, 2.5, wide));
    float inside = 1.0 - abs(2.0 * fract(at.x) - 1.0);
    float body = mix(0.35 + 0.6 * seed, 1.02, smoothstep(0.0, 0.5, inside));
    float end = 0.56 + 0.46 * seed * (0.6 + 0.4 * inside);
    float thick = body * (1.0 - smoothstep(end - 0.22, end, at.y));
    float fine = smoothstep(0.35, 1.0, wide);
    float whole = step(abs(across - 0.5) * 2.0, thick);
    return mix(whole, min(thick, 1.0), fine) < 0.01 + 0.98 * dither(gl_FragCoord.xy, floor(at.x));
}
