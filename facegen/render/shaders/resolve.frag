// `per_side` squared samples to one pixel: colour averaged in linear light, id by majority, normal and depth over the winner's samples.
uniform sampler2D color_samples;
uniform sampler2D surface_samples;
uniform usampler2D id_samples;
uniform float per_side;
layout(location = 0) out vec4 out_color;
layout(location = 1) out vec4 out_surface;
layout(location = 2) out uint out_id;
const int MOST = 16;

void main() {
    int n = int(per_side);
    ivec2 at = ivec2(gl_FragCoord.xy) * n;
    int count = n * n;
    vec4 sum = vec4(0.0);
    uint id[MOST];
    for (int i = 0; i < count; i++) {
        ivec2 p = at + ivec2(i % n, i / n);
        sum += texelFetch(color_samples, p, 0);
        id[i] = texelFetch(id_samples, p, 0).r;
    }
    uint winner = 0u;
    int most = 0;
    for (int i = 0; i < count; i++) {
        if (i > 0 && id[i] == id[i - 1]) continue;
        int votes = 0;
        for (int j = 0; j < count; j++) votes += id[j] == id[i] ? 1 : 0;
        if (votes > most || (votes == most && id[i] > winner)) { most = votes; winner = id[i]; }
    }
    vec4 mean = vec4(0.0);
    for (int i = 0; i < count; i++) {
        if (id[i] == winner) mean += texelFetch(surface_samples, at + ivec2(i % n, i / n), 0);
    }
    mean /= float(most);
    float norm = length(mean.xyz);
    out_color = sum / float(count);
    out_surface = winner == 0u ? vec4(0.0) : vec4(norm > 0.0 ? mean.xyz / norm : vec3(0.0), mean.w);
    out_id = winner;
}
