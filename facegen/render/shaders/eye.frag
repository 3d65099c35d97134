uniform vec3 iris_rgb;
uniform vec3 iris_rgb2;     // around the pupil (collarette)
uniform float pupil;        // radius over the iris's, in the light of a room
uniform float iris_radius;  // over the eyeball's
uniform float limbal;
uniform vec3 sclera_rgb;
uniform float vein;
uniform float seed;
uniform float arcus;        // ring of lipids in the old cornea
uniform float sector;       // how far a wedge of the iris has the collarette's colour
uniform float sector_turn;
uniform vec3 caruncle_rgb;
uniform vec2 canthus;       // inner corner of the lids, in uv
uniform vec3 axis_x, axis_y, axis_z;  // the eye frame in the world; Z is the optical axis
const float CATCHLIGHT = 0.15;  // largest seen radius (sine) of a light in the cornea: lashes, brow and frames hide the rest of it
// Light of a flash that comes back from the back of the eye, red, in a narrow cone about the flash: seen by a lens within a few degrees
// of it, through wide pupils that look about that way. Strengths are our choice.
const vec3 FUNDUS = vec3(0.60, 0.075, 0.03);
const float CONE = 0.038, CONE_END = 0.068;  // radians

float ridged(vec2 p) { return 1.0 - abs(2.0 * noise(p) - 1.0); }

// The iris's colour at q (disc of radius 1): radial fibres, crypts, collarette, dark rim, the pupil, of radius `open`.
vec3 iris_at(vec2 q, float open, float ball) {
    float rho = length(q), phi = atan(q.y, q.x);
    vec2 ring = vec2(cos(phi), sin(phi));
    // Fibres run from pupil to rim: rho is measured between the two, so that they stretch with the pupil.
    float s = clamp((rho - open) / (1.0 - open), 0.0, 1.0);
    float fibres = 0.5 * ridged(ring * 9.0 + vec2(s * 0.9, ball)) + 0.5 * ridged(ring * 23.0 - vec2(ball, s * 1.3));
    float jag = 0.05 * (noise(ring * 6.0 + ball) - 0.5);
    float collar = 1.0 - smoothstep(0.16, 0.40, s + jag);
    float wedge = sector * smoothstep(0.75, 0.93, cos(phi - sector_turn));
    vec3 color = mix(iris_rgb, iris_rgb2, clamp(0.75 * collar + 0.10 * (1.0 - s) + wedge, 0.0, 1.0));
    float crypts = smoothstep(0.62, 0.80, noise(ring * 4.0 + vec2(s * 2.6, ball))) * smoothstep(0.2, 0.35, s) * (1.0 - smoothstep(0.6, 0.8, s));
    color *= (0.42 + 0.78 * fibres * (0.7 + 0.6 * noise(ring * 5.0 + s * 3.0 + ball))) * (1.0 - 0.35 * crypts);
    color *= 1.0 - 0.25 * exp(-pow((s - 0.30 - jag) / 0.06, 2.0));                    // the collarette's own shadow
    color *= 1.0 - (0.30 + 0.60 * limbal) * smoothstep(0.74, 1.0, rho);             // limbal ring
    color *= smoothstep(open - 0.035, open + 0.035, rho) * 0.985 + 0.015;
    return color;
}

Point p;
vec3 n, v, mirror, diffuse, gloss = vec3(0.0);
float ao, inside, soft, open_to = 0.0;
mat3 frame;

void by_key(const int k) {
    vec3 l = key_direction[k].xyz;
    float size = key_direction[k].w;
    float lit = shadow(k, p.world, n, 0.0008, 0.0008);
    // Light through the cornea is focused on the iris's far side.
    float c = mix(dot(n, l), clamp(dot(frame[2] - 0.5 * vec3(n - frame[2]), l), -1.0, 1.0), inside * 0.5);
    diffuse += key_light(k, p.world) / PI * lit * mix(0.35, 1.0, ao) * soft_cosine(c, max(soft, size));
    float seen = shadow(k, p.world, n, 0.002, 0.003);
    if (eyes.z > 0.5 && size > SMALL) {  // larger lights are in the map, seen where nothing stands before them
        open_to = max(open_to, seen * (1.0 - smoothstep(asin(size), asin(size) + 0.15, acos(clamp(dot(mirror, l), -1.0, 1.0)))));
        return;
    }
    // The cornea mirrors the light itself, a disc of its radius; the tear film on the sclera blurs it.
    float blur = mix(0.10, 0.025, inside), radius = max(min(asin(size), CATCHLIGHT), 1.5 * blur);
    float away = acos(clamp(dot(mirror, l), -1.0, 1.0));
    float disc = 1.0 - smoothstep(radius - blur, radius + blur, away);
    gloss += key_light(k, p.world) * seen * disc / (2.0 * PI * (1.0 - cos(radius))) * fresnel(0.025, dot(v, normalize(v + l)));
}

void main() {
    p = point();
    n = p.n;
    v = normalize(-p.world);
    vec2 uv = p.uv;
    ao = p.ao;
    frame = mat3(axis_x, axis_y, axis_z);
    float r = length(uv) / iris_radius, ball = hash(vec2(seed, 3.7)) * 61.0;
    inside = 1.0 - smoothstep(0.93, 1.07, r);
    float open = clamp(pupil * eyes.x, 0.2, 0.72);
    // Sclera: veins fade towards the iris, corners turn pink; in the inner one lies the caruncle, before it a fold.
    float corner = smoothstep(0.45, 0.95, abs(uv.x));
    float net = pow(ridged(uv * vec2(9.0, 17.0) + ball), 9.0) + 0.6 * pow(ridged(uv * vec2(19.0, 31.0) - ball), 12.0);
    vec3 white = sclera_rgb * mix(vec3(1.0), vec3(0.55, 0.38, 0.33), 0.65 * corner);  // the socket closes in there too
    white *= 1.0 - 0.18 * (1.0 - smoothstep(1.0, 1.35, r));  // the dark choroid shines through the thin limbus
    white *= mix(vec3(1.0), vec3(0.82, 0.38, 0.34), clamp(net * vein * (0.35 + 1.2 * corner), 0.0, 0.8));
    float off = length((uv - canthus) * vec2(1.0, 1.25)) + 0.05 * (noise(uv * 24.0 + ball) - 0.5);
    float flesh = 1.0 - smoothstep(0.17, 0.23, off), fold = 0.6 * (1.0 - smoothstep(0.22, 0.34, off));
    vec3 pink = caruncle_rgb * (0.85 + 0.3 * noise(uv * 45.0 - ball));
    white = mix(mix(white, sqrt(white * pink), fold), pink, flesh);
    // Iris: the line of sight, refracted at the cornea, meets the iris plane below it.
    vec3 sight = refract(-v, mix(frame[2], n, 0.6), 1.0 / 1.336);
    vec3 local = transpose(frame) * sight;
    float depth = 0.16 * (1.0 - 0.7 * r * r) * step(r, 1.0);
    vec2 q = (uv + local.xy / max(-local.z, 0.3) * depth * 0.8) / iris_radius;
    vec3 iris = iris_at(q, open, ball);
    float lipid = arcus * smoothstep(0.74, 0.84, r) * (1.0 - smoothstep(0.93, 0.99, r)) * (0.55 + 0.45 * abs(uv.y) / iris_radius);
    iris = mix(iris, 0.62 * sclera_rgb * vec3(0.95, 1.0, 1.04), 0.75 * lipid);
    vec3 base = mix(white, iris, inside) * mix(p.tint, vec3(1.0), 0.5 * flesh);
    PAINTED(base, 1.0)

    soft = mix(0.25, 0.12, inside);  // the sclera scatters
    diffuse = sh_irradiance(n) * ao;
    vec3 bumps = (vec3(noise(uv * 30.0 + ball), noise(uv * 30.0 - ball), 0.5) - 0.5) * mix(0.02, 0.5, flesh);
    vec3 wet = normalize(n + (1.0 - inside) * bumps);
    float nv = clamp(dot(n, v), 0.02, 1.0);
    mirror = reflect(-v, wet);
    EACH_KEY(by_key)
    vec2 e = environment_brdf(0.08, nv);
    // Brow, lashes and cheeks hide most of the surroundings: what is mirrored comes from them, and they are darker.
    float lid = mix(0.45, 0.28, smoothstep(0.1, 0.7, mirror.y));
    lid = mix(lid, 1.0, open_to);
    gloss += mix(sh_radiance(mirror, 0.15), mirrored(mirror, 0.15), mix(0.3, 1.0, inside)) * (0.025 * e.x + e.y) * lid * specular_ao(nv, ao, 0.3);
    // Tears stand where the lower lid touches the ball.
    float lake = smoothstep(0.30, 0.42, 1.0 - ao) * smoothstep(0.0, 0.15, -uv.y) * (1.0 - inside * 0.5);
    gloss += 0.05 * lake * sh_radiance(normalize(n + vec3(0.0, 0.6, 0.0)), 0.3);
    if (eyes.y > -0.5) {
        int k = int(eyes.y);
        float off = acos(clamp(dot(normalize(key_source[k].xyz - p.world), v), -1.0, 1.0));
        float back = (1.0 - smoothstep(CONE, CONE_END, off)) * smoothstep(0.80, 0.97, dot(frame[2], v));
        float hole = inside * (1.0 - smoothstep(open - 0.06, open + 0.02, length(q)));
        gloss += hole * back * min(open * open * 4.0, 1.5) * FUNDUS * key_light(k, p.world) / PI * shadow(k, p.world, n, 0.002, 0.003);
    }
    out_color = vec4(base * diffuse + gloss, 1.0);
}
