// PER_SIDE squared samples to one pixel, a constant so that loops unroll and ids stay in registers: colour averaged in linear light, id by majority, normal and depth over the winner's samples.
uniform sampler2D color_samples;
uniform sampler2D surface_samples;
uniform usampler2D id_samples;
layout(location = 0) out vec4 out_color;
layout(location = 1) out vec4 out_surface;
layout(location = 2) out uint out_id;
const int COUNT = PER_SIDE * PER_SIDE;

void main() {
    ivec2 at = ivec2(gl_FragCoord.xy) * PER_SIDE;
    vec4 sum = vec4(0.0);
    uint id[COUNT];
    for (int i = 0; i < COUNT; i++) {
        ivec2 p = at + ivec2(i % PER_SIDE, i / PER_SIDE);
        sum += texelFetch(color_samples, p, 0);
        id[i] = texelFetch(id_samples, p, 0).r;
    }
    uint winner = 0u;
    int most = 0;
    for (int i = 0; i < COUNT; i++) {
        if (i > 0 && id[i] == id[i - 1]) continue;
        int votes = 0;
        for (int j = 0; j < COUNT; j++) votes += id[j] == id[i] ? 1 : 0;
        if (votes > most || (votes == most && id[i] > winner)) { most = votes; winner = id[i]; }
    }
    vec4 mean = vec4(0.0);
    for (int i = 0; i < COUNT; i++) {
        if (id[i] == winner) mean += texelFetch(surface_samples, at + ivec2(i % PER_SIDE, i / PER_SIDE), 0);
    }
    mean /= float(most);
    float norm = length(mean.xyz);
    out_color = sum / float(COUNT);
    out_surface = winner == 0u ? vec4(0.0) : vec4(norm > 0.0 ? mean.xyz / norm : vec3(0.0), mean.w);
    out_id = winner;
}
