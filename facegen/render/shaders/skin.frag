uniform sampler2D albedo;   // sRGB; alpha: share of the gloss
uniform sampler2D detail;   // normal x, y (0.5 = flat), roughness, thinness
uniform sampler2D folds;    // what a fully working face adds: normal x, y, cavity
uniform sampler2D opening;  // how far the expression draws each part of it
uniform float folding;      // 0: nothing moves
uniform float soft_level;   // level of detail at which a texel is as wide as red light travels
uniform float oil;
uniform vec3 sss;           // scale of the scattering width per channel, 1 = fair skin
uniform float specular;
uniform float handed;       // +1 where v runs to the left of u, seen from outside
const vec3 WIDTH = vec3(0.30, 0.13, 0.07);   // softening of the terminator by scattering (red goes deepest)

// Bend n by (x, y) along the surface's u and v; `t` runs along u.
vec3 bent(vec3 n, vec3 t, vec2 xy) {
    t -= n * dot(n, t);
    float m = dot(t, t);
    if (m < 1e-12) return n;
    t *= inversesqrt(m);
    return normalize(n * sqrt(max(1.0 - dot(xy, xy), 0.05)) + t * xy.x + cross(n, t) * (xy.y * handed));
}

const float EVEN = 0.008;   // reflectance of the surface under even light, at gloss 1

Point p;
vec3 g, v, n, smoothed, filmed, film, w, diffuse = vec3(0.0), gloss = vec3(0.0);
float nv, rough, thin, wet;

void by_key(const int k) {
    vec3 l = key_direction[k].xyz;
    float size = key_direction[k].w;
    float cg = dot(g, l), cn = dot(n, l), cs = dot(smoothed, l);
    if (cg > -0.45) {
        float lit = shadow(k, p.world, g, 0.0012 + 0.002 * (1.0 - abs(cg)), 0.0016);
        vec3 through = pow(vec3(lit), 1.0 / (1.0 + vec3(1.1, 0.35, 0.1) * sss));
        // The deeper a channel scatters, the more it follows the smooth surface.
        vec3 c = mix(vec3(cn), vec3(cs), vec3(0.8, 0.45, 0.25) * sss);
        diffuse += key_light(k, p.world) / PI * through * soft_cosine(c, sqrt(w * w + size * size));
        float vh = dot(v, normalize(v + l));
        float two = 0.8 * lobe(filmed, v, l, rough, size, nv) + 0.2 * lobe(film, v, l, rough * 0.55, size, nv);
        gloss += key_light(k, p.world) * lit * two * fresnel(0.028, vh) * wet;
    }
    if (thin > 0.03 && cg < 0.3) {
        vec3 behind = (key_matrix[k] * vec4(p.world + l * 0.012, 1.0)).xyz;
        float open = key_rgb[k].w < 0.5 ? 1.0 : (textureLod(shadow_maps, vec3(behind.xy, float(k)), 0.0).r < behind.z ? 0.0 : 1.0);
        diffuse += key_light(k, p.world) / PI * open * thin * clamp(0.3 - cg, 0.0, 1.0) * vec3(0.80, 0.18, 0.08) * sss;
    }
}

void main() {
    p = point();
    float lod = level(albedo, p.uv);
    vec4 paint = textureLod(albedo, p.uv, lod);
    vec3 base = paint.rgb, lean = 4.0 * (p.tint - 0.5);  // towards where surroundings are seen past brow, nose and chin
    vec4 d = textureLod(detail, p.uv, lod);
    vec2 soft = textureLod(detail, p.uv, max(lod, soft_level)).xy * 2.0 - 1.00392;
    d.xy = d.xy * 2.0 - 1.00392;
    if (folding > 0.5) {
        float open = textureLod(opening, p.uv, 0.0).r;
        vec4 f = textureLod(folds, p.uv, lod);
        d.xy += open * (f.xy * 2.0 - 1.00392);
        soft += open * (textureLod(folds, p.uv, max(lod, soft_level)).xy * 2.0 - 1.00392);
        base *= 1.0 - open * f.z * vec3(0.24, 0.33, 0.37);
        paint.a *= 1.0 - 0.85 * open * f.z;
    }
    g = p.n;
    v = normalize(-p.world);
    float ao = p.ao;
    n = bent(g, p.tangent, d.xy);
    smoothed = bent(g, p.tangent, soft);
    // Sebum fills pores: light mirrored by its film sees a smoother surface than light from within the skin does. Single texels would
    // else sparkle, in the narrow lobe most.
    filmed = normalize(mix(smoothed, n, 0.6));
    film = normalize(mix(smoothed, n, 0.3));
    nv = clamp(dot(n, v), 0.02, 1.0);
    rough = clamp(d.z * (1.0 - 0.35 * (oil - 0.4)), 0.18, 0.9);
    thin = d.w * 0.6;
    w = WIDTH * sss;
    float sheen = specular * (0.75 + 0.5 * oil);
    wet = sheen * paint.a;
    // Albedo anchors come from spectrophotometry that takes the surface's even reflection in: it is taken off the body colour here and
    // given back as gloss. This is why dark skin, which sends little light back from within, shines.
    base = max(base - EVEN * sheen, 0.4 * base);
    PAINTED(base, 1.0)
    EACH_KEY(by_key)
    vec3 around = mix(sh_irradiance(normalize(n + lean)), sh_irradiance(normalize(smoothed + lean)), 0.5);
    diffuse += around * bounced(ao, base);
    vec3 r = reflect(-v, filmed);
    float horizon = clamp(1.0 + 1.2 * dot(r, g), 0.0, 1.0);
    vec2 e = environment_brdf(rough, nv);
    // At grazing angles pores shade each other, and creases hide the sky from each other: damped.
    gloss += 0.75 * sh_radiance(r, rough) * (0.028 * e.x + e.y * 0.3) * wet * horizon * horizon * specular_ao(nv, ao, rough);
    // What the rough surface mirrors is what the body lacks: a smooth surface's Fresnel here would take far more at grazing angles than
    // the lobes give back, and draw a grey line before the ears.
    float kept = 1.0 - wet * (0.028 * e.x + e.y * 0.3);
    out_color = vec4(base * diffuse * kept + gloss, 1.0);
}
