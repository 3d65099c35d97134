// PER_SIDE squared samples to one pixel of the label layers. Albedo and shares of hair: means over the samples. Surface and uv:
// those of the region that the id map names (`ids`, at pixels), by majority of its samples.
uniform sampler2D paint_samples;
uniform usampler2D part_samples;
uniform sampler2D uv_samples;
uniform usampler2D id_samples;
uniform usampler2D ids;
layout(location = 0) out vec4 out_albedo;  // mean over samples that show anything
layout(location = 1) out vec4 out_uv;      // uv, 1 where any
layout(location = 2) out vec4 out_hair;    // shares of the pixel: head hair, beard, brows
layout(location = 3) out uint out_part;
const int COUNT = PER_SIDE * PER_SIDE;
const float SEAM = 0.02;  // samples farther apart than this in uv lie on two sides of a seam

void main() {
    int most = 0;
    ivec2 pixel = ivec2(gl_FragCoord.xy), at = pixel * PER_SIDE;
    uint region = texelFetch(ids, pixel, 0).r, part[COUNT], winner = 0u;
    vec4 paint = vec4(0.0);
    vec3 hair = vec3(0.0);
    for (int i = 0; i < COUNT; i++) {
        ivec2 p = at + ivec2(i % PER_SIDE, i / PER_SIDE);
        uint id = texelFetch(id_samples, p, 0).r;
        paint += texelFetch(paint_samples, p, 0);
        hair += vec3(id == HAIR, id == BEARD, id == RIGHT_BROW || id == LEFT_BROW);
        part[i] = id == region && region > 0u ? texelFetch(part_samples, p, 0).r : 0u;
    }
    for (int i = 0; i < COUNT; i++) {
        int votes = 0;
        for (int j = 0; j < COUNT; j++) votes += part[j] == part[i] ? 1 : 0;
        if (part[i] > 0u && (votes > most || (votes == most && part[i] > winner))) { most = votes; winner = part[i]; }
    }
    vec3 uv = vec3(0.0);
    vec2 first = vec2(0.0);
    for (int i = 0; i < COUNT; i++) {
        if (winner == 0u || part[i] != winner) continue;
        vec2 here = texelFetch(uv_samples, at + ivec2(i % PER_SIDE, i / PER_SIDE), 0).xy;
        if (uv.z == 0.0) first = here;
        if (all(lessThan(abs(here - first), vec2(SEAM)))) uv += vec3(here, 1.0);
    }
    out_albedo = region == 0u ? vec4(0.0) : vec4(paint.rgb / max(paint.a, 1e-6), 1.0);
    out_uv = uv.z > 0.0 ? vec4(uv.xy / uv.z, 1.0, 0.0) : vec4(0.0);
    out_hair = vec4(hair / float(COUNT), 0.0);
    out_part = winner;
}
