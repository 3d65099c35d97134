// What a shading program writes. PAINT: what the surface is made of, without light, for the label layers.
#ifdef PAINT
uniform float part;  // number of the surface in the scene, from 1
uniform float cut;   // blended surfaces leave nothing where they cover less
layout(location = 0) out vec4 out_albedo;  // linear, premultiplied
layout(location = 1) out uint out_part;
vec4 out_color;
#define PAINTED(base, alpha) { if ((alpha) < cut) discard; out_albedo = vec4(base, 1.0) * (alpha); out_part = uint(part); return; }
#else
layout(location = 0) out vec4 out_color;   // linear, premultiplied
#define PAINTED(base, alpha)
#endif
