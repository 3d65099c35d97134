uniform vec3 iris_rgb;
uniform vec3 iris_rgb2;     // around the pupil (collarette)
uniform float pupil;        // radius over the iris's
uniform float iris_radius;  // over the eyeball's
uniform float limbal;
uniform vec3 sclera_rgb;
uniform float vein;
uniform float seed;
uniform vec3 axis_x, axis_y, axis_z;  // the eye frame in the world; Z is the optical axis

float ridged(vec2 p) { return 1.0 - abs(2.0 * noise(p) - 1.0); }

void main() {
    Point p = point();
    vec3 world = p.world, n = p.n, v = normalize(-world);
    vec2 uv = p.uv;
    float ao = p.ao;
    mat3 frame = mat3(axis_x, axis_y, axis_z);
    float r = length(uv) / iris_radius;
    vec3 base;
    float inside = 1.0 - smoothstep(0.97, 1.06, r);
    float ball = hash(vec2(seed, 3.7)) * 61.0;
    // Sclera: veins fade towards the iris, corners turn pink.
    float corner = smoothstep(0.45, 0.95, abs(uv.x));
    float net = pow(ridged(uv * vec2(9.0, 17.0) + ball), 9.0) + 0.6 * pow(ridged(uv * vec2(19.0, 31.0) - ball), 12.0);
    vec3 white = 0.85 * sclera_rgb * mix(vec3(1.0), vec3(0.78, 0.52, 0.47), 0.6 * corner);  // the socket closes in there too
    white *= mix(vec3(1.0), vec3(0.85, 0.42, 0.38), clamp(net * vein * (0.25 + corner), 0.0, 0.8));
    // Iris: the line of sight, refracted at the cornea, meets the iris plane below it.
    vec3 sight = refract(-v, mix(frame[2], n, 0.6), 1.0 / 1.336);
    vec3 local = transpose(frame) * sight;
    float depth = 0.16 * (1.0 - 0.7 * r * r) * step(r, 1.0);
    vec2 q = (uv + local.xy / max(-local.z, 0.3) * depth * 0.8) / iris_radius;
    float rho = length(q), phi = atan(q.y, q.x);
    vec2 ring = vec2(cos(phi), sin(phi));
    float fibres = 0.55 * ridged(ring * 9.0 + vec2(rho * 0.9, ball)) + 0.45 * ridged(ring * 21.0 - vec2(ball, rho * 1.3));
    float collar = exp(-pow((rho - pupil - 0.22) / 0.13, 2.0));
    vec3 iris = mix(iris_rgb, iris_rgb2, clamp(collar * 0.9 + 0.25 * (1.0 - rho), 0.0, 1.0));
    iris *= 0.45 + 0.95 * fibres * mix(1.0, 0.7 + 0.6 * noise(ring * 5.0 + rho * 3.0 + ball), 0.7);
    iris *= 1.0 - 0.75 * limbal * smoothstep(0.72, 1.0, rho);
    iris *= smoothstep(pupil - 0.05, pupil + 0.05, rho) * 0.97 + 0.03;
    base = mix(white, iris, inside) * p.tint;

    float soft = mix(0.25, 0.12, inside);  // the sclera scatters
    vec3 diffuse = sh_irradiance(n) * ao, gloss = vec3(0.0);
    float nv = clamp(dot(n, v), 0.02, 1.0);
    vec3 wet = normalize(n + 0.02 * (1.0 - inside) * (vec3(noise(uv * 30.0 + ball), noise(uv * 30.0 - ball), 0.5) - 0.5));
    vec3 mirror = reflect(-v, wet);
    for (int k = 0; k < int(counts.x); k++) {
        vec3 l = key_direction[k].xyz;
        float size = key_direction[k].w;
        float lit = shadow(k, world, n, 0.0008, 0.0008);
        // Light through the cornea is focused on the iris's far side.
        float c = mix(dot(n, l), clamp(dot(frame[2] - 0.5 * vec3(n - frame[2]), l), -1.0, 1.0), inside * 0.5);
        diffuse += key_light(k, world) / PI * lit * mix(0.45, 1.0, ao) * soft_cosine(c, max(soft, size));
        float seen = shadow(k, world, n, 0.002, 0.003);
        // The cornea mirrors the light itself, a disc of its radius; the tear film on the sclera blurs it.
        float blur = mix(0.10, 0.025, inside), radius = max(asin(size), 1.5 * blur), off = acos(clamp(dot(mirror, l), -1.0, 1.0));
        float disc = 1.0 - smoothstep(radius - blur, radius + blur, off);
        gloss += key_light(k, world) * seen * disc / (2.0 * PI * (1.0 - cos(radius))) * fresnel(0.025, dot(v, normalize(v + l)));
    }
    vec2 e = environment_brdf(0.08, nv);
    // Brow and lashes hide the sky above: what is mirrored upward comes half from them.
    float lid = mix(1.0, 0.55, smoothstep(0.1, 0.7, mirror.y));
    gloss += sh_radiance(mirror, 0.15) * (0.025 * e.x + e.y) * lid * specular_ao(nv, ao, 0.3);
    out_color = vec4(base * diffuse + gloss, 1.0);
}
