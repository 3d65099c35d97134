// Cloth: a print or knit, the weave, creases and seams as bent normals, all faded where a pixel holds more than they can show.
uniform vec3 rgb;
uniform vec3 rgb2;
uniform float pattern;  // wear/shapes.py: PATTERNS
uniform float scale;    // metres a repeat
uniform float weave;    // 0 jersey, 1 woven, 2 twill, 3 wool, 4 satin
uniform float crease;   // depth of creases, metres
uniform float sleeve;   // half width where the sleeves are sewn on, metres; 0 none
uniform float seed;

float pixel = 0.001;    // metres of cloth a pixel of the picture

// What is left of a detail of `period` metres after averaging over a pixel; gone before it could beat with the pixels.
float seen(float period) { return smoothstep(1.8, 4.0, period / pixel); }
float ridge(float n) { float s = 2.0 * n - 1.0; return 1.0 - sqrt(s * s + 0.03); }

// Height of the cloth's creases at uv: pulls fanning from the armpits, slanted folds where the cloth hangs, fine crumple.
float creases(vec2 uv) {
    vec2 q = vec2(abs(uv.x), uv.y), arm = q - vec2(0.17, -0.15);
    float side = uv.x < 0.0 ? 31.7 : 0.0, near = exp(-dot(arm, arm) * 55.0);
    near *= smoothstep(0.0, 0.05, q.x);  // both sides have creases of their own, and meet flat
    vec2 fan = vec2(arm.y / (0.06 + abs(arm.x)) * 2.6, length(arm) * 7.0);
    float h = 1.1 * near * ridge(noise(fan + side + seed));
    vec2 bend = vec2(noise(uv * 11.0 + seed), noise(uv * 11.0 + seed + 7.3)) - 0.5;
    vec2 s = q + 0.07 * bend;
    vec2 slant = vec2(0.8 * s.x + 0.6 * s.y, 0.8 * s.y - 0.6 * s.x) * vec2(5.0, 21.0);
    h += 0.75 * smoothstep(0.0, 0.05, q.x) * ridge(noise(slant + side + seed)) * (0.25 + bend.x + bend.y * 0.5 + 0.5);
    h += 0.16 * noise(s * vec2(70.0, 48.0) + seed);
    return h;
}

float band(float x, float half_width, float edge) { return smoothstep(half_width + edge, half_width - edge, abs(x)); }

// Share of rgb2 at p = uv / scale, `edge` the softness of an outline; mean shares stand in where the print cannot be seen.
float printed(int kind, vec2 p, vec2 uv, float edge) {
    vec2 f = fract(p) - 0.5, cell = floor(p);
    float left = seen(scale), m = 0.0, mean = 0.0;
    if (kind == 1) { m = 1.0 - band(f.y, 0.25, edge); mean = 0.5; }
    if (kind == 2) { m = 0.5 * (1.0 - band(f.x, 0.25, edge)) + 0.5 * (1.0 - band(f.y, 0.25, edge)); mean = 0.5; }
    if (kind == 3) { m = smoothstep(edge, -edge, length(f) - 0.22); mean = 0.15; }
    if (kind == 5) { m = band(f.x, 0.06, edge); mean = 0.12; }
    if (kind == 6) {
        vec2 wide = vec2(band(f.x, 0.22, edge), band(f.y, 0.22, edge));
        vec2 thin = vec2(band(abs(f.x) - 0.36, 0.03, edge), band(abs(f.y) - 0.36, 0.03, edge));
        m = 0.40 * (wide.x + wide.y) + 0.5 * max(thin.x, thin.y);
        mean = 0.40;
    }
    if (kind == 7) {
        for (int k = 0; k < 2; k++) {  // flowers big and small, each somewhere in its own cell
            vec2 g = p * (1.0 + 0.9 * float(k)) + 3.7 * float(k) + seed, c = floor(g);
            vec2 d = fract(g) - 0.5 - 0.36 * (vec2(hash(c), hash(c + 17.0)) - 0.5);
            float turn = atan(d.y, d.x) * 5.0 + 6.3 * hash(c + 5.0), r = length(d);
            float petal = smoothstep(edge * 2.0, -edge * 2.0, r - (0.25 + 0.07 * sin(turn)) * (0.7 + 0.3 * hash(c + 9.0)));
            m = max(m, petal * (0.75 + 0.25 * step(0.08, r)) * step(0.15, hash(c + 29.0)));
        }
        mean = 0.3;
    }
    if (kind == 8) {  // one print on the chest: a ring, or lines of blocks like lettering
        vec2 at = uv - vec2(0.0, -0.135);
        float e = 1.2 * pixel;
        if (hash(vec2(seed, 3.0)) < 0.4) m = band(length(at) - 0.042, 0.008, e) + band(at.y, 0.008, e) * band(at.x, 0.06, e);
        else {
            vec2 b = at / vec2(0.021, 0.034), k = floor(b);
            vec2 gap = abs(fract(b) - 0.5);
            m = step(gap.x, 0.36) * step(gap.y, 0.34) * step(0.18, hash(k + seed)) * step(0.3, hash(floor(b * vec2(2.3, 2.9)) + seed));
            m *= step(abs(at.x), 0.105) * step(abs(at.y), 0.034);
        }
        return clamp(m, 0.0, 1.0) * seen(0.02);
    }
    if (kind == 9) {  // melange yarn
        m = smoothstep(0.35, 0.75, 0.6 * noise(uv * vec2(900.0, 420.0)) + 0.4 * noise(uv * vec2(2100.0, 900.0)));
        left = seen(0.003);
        mean = 0.45;
    }
    return clamp(mix(mean, m, left), 0.0, 1.0);
}

// Height (in metres) of knitted ribs.
float knitted(vec2 uv) {
    float row = abs(fract(uv.x / scale * 3.0 + 0.12 * abs(fract(uv.y / scale * 4.0) - 0.5)) - 0.5) * 2.0;
    return smoothstep(0.05, 0.8, row);
}

Point at;
vec3 v, n, diffuse, fuzz = vec3(0.0), gloss = vec3(0.0);
float nv, rim, satin;

void by_key(const int k) {
    vec3 l = key_direction[k].xyz;
    float size = key_direction[k].w, c = dot(n, l);
    if (c < -size) return;
    vec3 light = key_light(k, at.world) * shadow(k, at.world, at.n, 0.003, 0.0012);
    diffuse += light / PI * soft_cosine(c, size);
    fuzz += light / PI * rim * soft_cosine(c, 0.3);
    if (satin > 0.0) gloss += light * lobe(n, v, l, 0.42, size, nv);
}

void main() {
    at = point();
    v = normalize(-at.world);
    n = at.n;
    vec2 uv = at.uv, p = uv / max(scale, 1e-4), dx = abs(dFdx(uv)), dy = abs(dFdy(uv));
    float least = min(dx.x + dx.y, dy.x + dy.y), worst = max(dx.x + dx.y, dy.x + dy.y);
    pixel = max(min(worst, 3.0 * least), 1e-5) * counts.z;
    int kind = int(pattern + 0.5), cloth = int(weave + 0.5);
    float edge = clamp(1.4 * least / max(scale, 1e-4), 1e-4, 0.5), ao = at.ao, tone = 1.0;
    vec2 slope = vec2(0.0);
    if (crease > 0.0) {
        float d = max(0.0015, pixel), h = creases(uv);
        slope += crease * (vec2(creases(uv + vec2(d, 0.0)), creases(uv + vec2(0.0, d))) - h) / d;
        ao *= mix(0.80, 1.0, clamp(0.35 + 0.6 * h, 0.0, 1.0));
    }
    if (kind == 4) {
        float rib = knitted(uv), left = seen(scale / 3.0), d = 0.0004;
        slope += 0.0010 * left * (vec2(knitted(uv + vec2(d, 0.0)), knitted(uv + vec2(0.0, d))) - rib) / d;
        tone *= mix(1.0, 0.62 + 0.55 * rib, 0.8 * left);
    }
    if (sleeve > 0.0) {  // the seam that joins sleeve and body: a groove, and the cloth puckered on it
        float down = max(-uv.y - 0.05, 0.0), away = abs(uv.x) - sleeve + 0.25 * down * (1.0 - 3.0 * down), left = seen(0.006);
        float groove = exp(-away * away / 2.2e-6), pucker = exp(-away * away / 6e-5) * noise(vec2(uv.y * 260.0, away * 60.0));
        slope.x += sign(uv.x) * left * 0.5 * groove * sign(away);
        slope.y += 0.25 * left * (pucker - 0.3 * exp(-away * away / 6e-5));
        tone *= 1.0 - 0.35 * left * groove;
    }
    if (cloth == 2) tone *= 1.0 + 0.20 * seen(0.0026) * (noise(uv * vec2(900.0, 260.0)) + 0.5 * fract((uv.x + uv.y) * 380.0) - 0.75);
    else if (cloth == 3) tone *= 1.0 + 0.16 * seen(0.004) * (noise(uv * 420.0) - 0.5) + 0.16 * seen(0.0014) * (noise(uv * 1400.0) - 0.5);
    else tone *= 1.0 + 0.14 * seen(0.0016) * (noise(uv * (cloth == 1 ? vec2(1700.0) : vec2(1500.0, 600.0))) - 0.5);
    vec3 t = at.tangent - n * dot(at.tangent, n);
    float size_t = dot(t, t);
    if (size_t > 1e-6) {
        t *= inversesqrt(size_t);
        slope *= min(1.0, 1.1 * inversesqrt(max(dot(slope, slope), 1e-8)));
        n = normalize(n - t * slope.x - cross(n, t) * slope.y);
    }
    float share = kind == 0 || kind == 4 ? 0.0 : printed(kind, p, uv, edge);
    vec3 base = min(mix(rgb, rgb2, share) * at.tint * tone, vec3(0.95));
    PAINTED(base, 1.0)
    nv = clamp(dot(n, v), 0.02, 1.0);
    rim = pow(1.0 - nv, 3.0);
    satin = cloth == 4 ? 1.0 : 0.0;
    diffuse = sh_irradiance(n) * bounced(ao, base);
    EACH_KEY(by_key)
    if (satin > 0.0) gloss += sh_radiance(reflect(-v, n), 0.5) * 0.7 * ao;
    out_color = vec4(base * diffuse + (0.03 + 0.12 * base) * fuzz * (1.0 - satin) + satin * (0.04 + 0.22 * base) * gloss, 1.0);
}
