// PER_SIDE squared ids to one pixel, as resolve.frag does it: the majority's, of equals the larger.
uniform usampler2D id_samples;
layout(location = 0) out uint out_id;
const int COUNT = PER_SIDE * PER_SIDE;

void main() {
    int most = 0;
    ivec2 at = ivec2(gl_FragCoord.xy) * PER_SIDE;
    uint id[COUNT], winner = 0u;
    for (int i = 0; i < COUNT; i++) id[i] = texelFetch(id_samples, at + ivec2(i % PER_SIDE, i / PER_SIDE), 0).r;
    for (int i = 0; i < COUNT; i++) {
        if (i > 0 && id[i] == id[i - 1]) continue;
        int votes = 0;
        for (int j = 0; j < COUNT; j++) votes += id[j] == id[i] ? 1 : 0;
        if (votes > most || (votes == most && id[i] > winner)) { most = votes; winner = id[i]; }
    }
    out_id = winner;
}
