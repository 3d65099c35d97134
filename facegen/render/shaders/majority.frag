// `per_side` squared ids to one pixel, as resolve.frag does it: the majority's, of equals the larger.
uniform usampler2D id_samples;
uniform float per_side;
layout(location = 0) out uint out_id;
const int MOST = 16;

void main() {
    int n = int(per_side), count = n * n, most = 0;
    ivec2 at = ivec2(gl_FragCoord.xy) * n;
    uint id[MOST], winner = 0u;
    for (int i = 0; i < count; i++) id[i] = texelFetch(id_samples, at + ivec2(i % n, i / n), 0).r;
    for (int i = 0; i < count; i++) {
        if (i > 0 && id[i] == id[i - 1]) continue;
        int votes = 0;
        for (int j = 0; j < count; j++) votes += id[j] == id[i] ? 1 : 0;
        if (votes > most || (votes == most && id[i] > winner)) { most = votes; winner = id[i]; }
    }
    out_id = winner;
}
