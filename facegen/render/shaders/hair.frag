uniform vec3 root_rgb;
uniform vec3 tip_rgb;
uniform float specular;
uniform float roughness;
uniform float strand;   // fine strands across one ribbon; 0 draws it whole
uniform vec3 white_rgb; // a strand without pigment
uniform float grey;     // share of such strands

float along(vec3 t, vec3 h, float shift, vec3 n, float sharp) {
    float d = dot(normalize(t + n * shift), h);
    return pow(max(1.0 - d * d, 0.0), sharp * 0.5);
}

Point p;
vec3 n, v, t, base, out_light = vec3(0.0);
float ao, sharp, lift;

void by_key(const int k) {
    vec3 l = key_direction[k].xyz;
    float tl = dot(t, l), lit = 1.0;
    vec3 through = vec3(1.0);
    if (key_rgb[k].w > 0.5) {
        vec3 at = (key_matrix[k] * vec4(p.world, 1.0)).xyz;
        float reach = 0.003 + 0.02 * key_extent[k].w;
        lit = 0.0;
        float inner = 0.0;
        for (int i = 0; i < 5; i++) {  // light dies away exponentially inside the hair
            vec2 q = at.xy + turn * vogel(i, 5.0) * (reach / key_extent[k].xy);
            float inside = (at.z - textureLod(shadow_maps, vec3(q, float(k)), 0.0).r) * key_extent[k].z;
            lit += exp(-max(inside - 0.0008, 0.0) * 220.0);
            inner += max(inside - 0.0008, 0.0);
        }
        lit /= 5.0;
        // Pale hair passes light on: it is darkened less, dark hair more.
        through = exp(-inner / 5.0 * mix(vec3(240.0), vec3(60.0), sqrt(base)));
    }
    float wrapped = soft_cosine(dot(n, l), 0.7);
    float round_ = sqrt(max(1.0 - tl * tl, 0.0));
    vec3 light = key_light(k, p.world) * lit;
    vec3 h = normalize(v + l);
    float size = key_direction[k].w, s1 = sharp / (1.0 + sharp * size * size);
    out_light += key_light(k, p.world) * through / PI * base * mix(round_ * 0.6, 1.0, 0.4) * wrapped * mix(0.55, 1.0, ao);
    float front = smoothstep(-0.3, 0.3, dot(n, l));
    float norm1 = sqrt(s1) * 0.06, norm2 = sqrt(s1 * 0.3) * 0.07;
    out_light += light * specular * front * 0.046 * 3.2 * norm1 * along(t, h, -0.07 + lift, n, s1);
    out_light += light * specular * front * sqrt(base) * 0.25 * norm2 * along(t, h, 0.12 + lift, n, s1 * 0.3);
}

void main() {
    p = point();
    vec2 uv = p.uv;
    float seed = strand_seed(uv.x, strand), wisp = strand_seed(uv.x, 0.25 * strand);
    ao = p.ao;
    n = p.n;
    v = normalize(-p.world);
    t = dot(p.tangent, p.tangent) > 1e-12 ? normalize(p.tangent) : normalize(cross(n, vec3(1.0, 0.0, 0.0)));
    // Strands and wisps of four differ where they can be told apart; below that they are one mass.
    float samples_mm = 0.0005 * counts.y * projection[1][1] / -p.world.z;
    float apart = smoothstep(0.7, 4.0, samples_mm);
    float differ = mix(0.04, 0.20, smoothstep(0.4, 1.6, samples_mm)) * (wisp - 0.5) + 0.30 * apart * (seed - 0.5);
    base = mix(root_rgb, tip_rgb, clamp(uv.y + 0.3 * (wisp - 0.5), 0.0, 1.0)) * p.tint * (1.0 + differ);
    // Whole strands grey, and scatter over the head; light that a white one scatters on is mostly lost to dark neighbours.
    float share = clamp(grey + 0.5 * sqrt(grey * (1.0 - grey)) * (wisp - 0.5), 0.0, 1.0);
    float white = mix(share, seed < share ? 1.0 : 0.0, 0.15 + 0.6 * apart);
    base = base * (1.0 - white) + white_rgb * white * (0.5 + 0.5 * share);
    PAINTED(base, 1.0)
    sharp = mix(220.0, 12.0, clamp(roughness, 0.0, 1.0));
    lift = 0.30 * differ;
    EACH_KEY(by_key)
    float open = mix(0.15, 1.0, ao);
    out_light += sh_irradiance(normalize(n + 0.4 * v)) * base * open;
    vec3 r = reflect(-v, normalize(n + t * lift));
    out_light += sh_radiance(r, 0.7) * specular * (0.035 + 0.10 * sqrt(base)) * open * open * 0.5;
    out_color = vec4(out_light, 1.0);
}
