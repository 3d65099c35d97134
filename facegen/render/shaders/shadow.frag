#ifdef STRANDS
in vec2 uv;
in float ribbon;
uniform float strand;
#endif

void main() {
#ifdef STRANDS
    if (between_strands(uv, strand, ribbon, fwidth(uv.x))) discard;  // light passes between strands
#endif
}
