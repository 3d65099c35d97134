#ifdef STRANDS
in vec2 uv;
uniform float strand;
#endif

void main() {
#ifdef STRANDS
    if (between_strands(uv, strand, fwidth(uv.x))) discard;  // light passes between strands
#endif
}
