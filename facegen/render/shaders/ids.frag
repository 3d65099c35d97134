// The region id alone, of what some surfaces would show without the others.
in vec2 uv;
flat in int region;
uniform float strand;
layout(location = 0) out uint out_id;

void main() {
#ifdef STRANDS
    if (strand > 0.5 && between_strands(uv, strand, fwidth(uv.x))) discard;
#endif
    out_id = uint(region);
}
