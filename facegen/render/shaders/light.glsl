// Shared by all shading programs: the frame's light and camera, and how surfaces answer to them. KEYS, their number, is a constant and
// what each key does a function that is called with its number: a software rasteriser reads uniforms at a variable index lane by lane.
#if KEYS == 0
#define EACH_KEY(f)
#elif KEYS == 1
#define EACH_KEY(f) f(0);
#elif KEYS == 2
#define EACH_KEY(f) f(0); f(1);
#elif KEYS == 3
#define EACH_KEY(f) f(0); f(1); f(2);
#else
#define EACH_KEY(f) f(0); f(1); f(2); f(3);
#endif
layout(std140) uniform Frame {
    mat4 projection;
    vec4 radiance[16];      // environment, real SH bands 0-3
    vec4 irradiance[9];     // the same convolved with the clamped cosine, over pi
    vec4 key_direction[4];  // xyz towards the light, w sine of its angular radius
    vec4 key_rgb[4];        // rgb irradiance, w 1 when it casts a shadow
    mat4 key_matrix[4];     // world -> shadow map (0..1, depth 0..1)
    vec4 key_extent[4];     // metres covered by the shadow map: width, height, depth; w tangent of the angular radius
    vec4 key_source[4];     // where a near light stands, w its distance from the face; w 0: far away
    vec4 key_edge[4];       // what stands in the light: xyz across its edge over the width, w offset over the width
    vec4 counts;            // y internal picture size, z samples along a pixel's side, w distance of unseen casters (m)
    vec4 eyes;              // x width of pupils over that in a room, y the key that is a flash (-1: none), z 1 where mirror_map is set
};
uniform sampler2DArray shadow_maps;
uniform sampler2D mirror_map;  // radiance by direction, without lights smaller than SMALL
const float PI = 3.14159265;
const float SMALL = 0.0523;    // sine of half of stage/lighting.py's SMALL_DEG

vec3 sh_irradiance(vec3 n) {
    vec3 c = irradiance[0].rgb * 0.2820948 + irradiance[1].rgb * (0.4886025 * n.y) + irradiance[2].rgb * (0.4886025 * n.z)
        + irradiance[3].rgb * (0.4886025 * n.x) + irradiance[4].rgb * (1.0925484 * n.x * n.y) + irradiance[5].rgb * (1.0925484 * n.y * n.z)
        + irradiance[6].rgb * (0.3153916 * (3.0 * n.z * n.z - 1.0)) + irradiance[7].rgb * (1.0925484 * n.x * n.z)
        + irradiance[8].rgb * (0.5462742 * (n.x * n.x - n.y * n.y));
    return max(c, vec3(0.0));
}

// Environment radiance around direction d, blurred by a lobe of width `rough`: each band falls like a spherical Gaussian.
vec3 sh_radiance(vec3 d, float rough) {
    float a = rough * rough;
    float b1 = exp(-1.0 * a), b2 = exp(-3.0 * a), b3 = exp(-6.0 * a);
    vec3 c = radiance[0].rgb * 0.2820948
        + b1 * 0.4886025 * (radiance[1].rgb * d.y + radiance[2].rgb * d.z + radiance[3].rgb * d.x)
        + b2 * (1.0925484 * (radiance[4].rgb * (d.x * d.y) + radiance[5].rgb * (d.y * d.z) + radiance[7].rgb * (d.x * d.z))
            + radiance[6].rgb * (0.3153916 * (3.0 * d.z * d.z - 1.0)) + radiance[8].rgb * (0.5462742 * (d.x * d.x - d.y * d.y)))
        + b3 * (radiance[9].rgb * (0.5900436 * d.y * (3.0 * d.x * d.x - d.y * d.y)) + radiance[10].rgb * (2.8906114 * d.x * d.y * d.z)
            + radiance[11].rgb * (0.4570458 * d.y * (5.0 * d.z * d.z - 1.0)) + radiance[12].rgb * (0.3731763 * d.z * (5.0 * d.z * d.z - 3.0))
            + radiance[13].rgb * (0.4570458 * d.x * (5.0 * d.z * d.z - 1.0)) + radiance[14].rgb * (1.4453057 * d.z * (d.x * d.x - d.y * d.y))
            + radiance[15].rgb * (0.5900436 * d.x * (d.x * d.x - 3.0 * d.y * d.y)));
    return max(c, vec3(0.0));
}

// What a smooth surface mirrors from direction d.
vec3 mirrored(vec3 d, float rough) {
    if (eyes.z < 0.5) return sh_radiance(d, rough);
    return textureLod(mirror_map, vec2(atan(d.x, d.z) / (2.0 * PI) + 0.5, acos(clamp(d.y, -1.0, 1.0)) / PI), 0.0).rgb;
}

// Irradiance of key k at a point: a near source falls with the square, an edge in the light lets a share of it through.
vec3 key_light(int k, vec3 world) {
    vec3 light = key_rgb[k].rgb;
    if (key_source[k].w > 0.0) {
        vec3 away = key_source[k].xyz - world;
        light *= key_source[k].w * key_source[k].w / max(dot(away, away), 0.01);
    }
    vec3 across = key_edge[k].xyz;
    return dot(across, across) > 0.0 ? light / (1.0 + exp(key_edge[k].w - dot(across, world))) : light;
}

// Clamped cosine softened over +-w: the terminator of a disc light (w = sine of its radius) or of scattering skin.
float soft_cosine(float c, float w) {
    return c >= w ? c : (c <= -w ? 0.0 : (c + w) * (c + w) / (4.0 * w));
}
vec3 soft_cosine(vec3 c, vec3 w) {
    return vec3(soft_cosine(c.r, w.r), soft_cosine(c.g, w.g), soft_cosine(c.b, w.b));
}

// Multi-bounce occlusion (Jimenez et al. 2016): light albedo fills its own creases.
vec3 bounced(float ao, vec3 albedo) {
    vec3 a = 2.0404 * albedo - 0.3324, b = -4.7951 * albedo + 0.6417, c = 2.7552 * albedo + 0.6903;
    return max(vec3(ao), ((ao * a + b) * ao + c) * ao);
}
float specular_ao(float nv, float ao, float rough) {
    return clamp(pow(nv + ao, exp2(-16.0 * rough - 1.0)) - 1.0 + ao, 0.0, 1.0);  // Lagarde 2014
}

float pixel_angle() {  // interleaved gradient noise (Jimenez 2014): turns the taps from pixel to pixel
    return 6.2831853 * fract(52.9829189 * fract(dot(floor(gl_FragCoord.xy), vec2(0.06711056, 0.00583715))));
}
mat2 turning(float angle) {
    float c = cos(angle), s = sin(angle);
    return mat2(c, s, -s, c);
}
mat2 turn = turning(pixel_angle());
// Tap i of a disc of radius 1 before it is turned: in an unrolled loop a constant.
vec2 vogel(int i, float count) {
    float a = float(i) * 2.3999632;
    return sqrt((float(i) + 0.5) / count) * vec2(cos(a), sin(a));
}

// Share of key k that reaches `world`: percentage-closer soft shadows (Fernando 2005) on the light's own angular size.
// `lift` moves the receiver along its normal, `spread` widens the smallest penumbra (metres): scattering blurs edges.
float shadow(int k, vec3 world, vec3 normal, float lift, float spread) {
    if (key_rgb[k].w < 0.5) return 1.0;
    vec3 at = (key_matrix[k] * vec4(world + normal * lift, 1.0)).xyz;
    if (any(lessThan(at, vec3(0.0))) || any(greaterThan(at, vec3(1.0)))) return 1.0;
    vec3 extent = key_extent[k].xyz;
    float slope = key_extent[k].w, layer = float(k);
    float reach = min(0.03, max(0.06, 0.8 * counts.w) * slope + spread);
    float blockers = 0.0, depth = 0.0;
    for (int i = 0; i < 6; i++) {
        vec2 uv = at.xy + turn * vogel(i, 6.0) * (reach / extent.xy);
        float z = textureLod(shadow_maps, vec3(uv, layer), 0.0).r;
        if (z < at.z) { blockers += 1.0; depth += z; }
    }
    if (blockers < 0.5) return 1.0;
    float gap = (at.z - depth / blockers) * extent.z;
    float radius = clamp(gap * slope, spread, 0.05);
    float bias = 0.35 * radius / extent.z;
    float lit = 0.0;
    for (int i = 0; i < 10; i++) {
        vec2 tap = vogel(i, 10.0);
        float z = textureLod(shadow_maps, vec3(at.xy + turn * tap * (radius / extent.xy), layer), 0.0).r;
        lit += z < at.z - bias * length(tap) ? 0.0 : 1.0;
    }
    return lit / 10.0;
}

float ggx(float nh, float a) {
    float a2 = a * a, d = nh * nh * (a2 - 1.0) + 1.0;
    return a2 / (PI * d * d);
}
float smith_visibility(float nl, float nv, float a) {  // height-correlated, Hammon's approximation
    return 0.5 / max(mix(2.0 * nl * nv, nl + nv, a), 1e-4);
}
// One lobe for a key: `size` (sine of the light's radius) widens the highlight without adding energy.
float lobe(vec3 n, vec3 v, vec3 l, float rough, float size, float nv) {
    vec3 h = normalize(v + l);
    float a = clamp(rough * rough + 0.35 * size, 0.002, 1.0);
    float nl = max(dot(n, l), 0.0);
    return ggx(max(dot(n, h), 0.0), a) * smith_visibility(nl, nv, a) * nl;
}
float fresnel(float f0, float c) {
    float m = clamp(1.0 - c, 0.0, 1.0);
    return f0 + (1.0 - f0) * m * m * m * m * m;
}
// Scale and bias of F0 for environment light (Karis 2014).
vec2 environment_brdf(float rough, float nv) {
    vec4 r = rough * vec4(-1.0, -0.0275, -0.572, 0.022) + vec4(1.0, 0.0425, 1.04, -0.04);
    float a = min(r.x * r.x, exp2(-9.28 * nv)) * r.x + r.y;
    return vec2(-1.04, 1.04) * a + r.zw;
}

float noise(vec2 p) {
    vec2 i = floor(p), f = fract(p);
    f = f * f * (3.0 - 2.0 * f);
    return mix(mix(hash(i), hash(i + vec2(1, 0)), f.x), mix(hash(i + vec2(0, 1)), hash(i + vec2(1, 1)), f.x), f.y);
}
