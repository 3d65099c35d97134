// Geometry pass: what shading needs of the nearest surface.
in vec3 world;
in float depth;
in vec3 smooth_normal;
in vec2 uv;
in vec3 tangent;
in vec4 tint;
flat in int region;
uniform float strand;
layout(location = 0) out vec4 out_surface;  // world normal towards the viewer, depth along -Z in metres
layout(location = 1) out vec4 out_uv;     // uv, and x, y of the point in the world: a pixel does not say them, lens and shutter having moved it
layout(location = 2) out vec4 out_tint;     // vertex colour, ambient occlusion
layout(location = 3) out vec4 out_tangent; // w: depth of the point at mid-exposure
layout(location = 4) out uint out_id;

void main() {
#ifdef STRANDS
    if (strand > 0.5 && between_strands(uv, strand, fwidth(uv.x))) discard;
#endif
    // A ribbon folded onto itself has normals that cancel: it then faces the viewer. No direction at all would shade as NaN.
    float length2 = dot(smooth_normal, smooth_normal);
    vec3 n = length2 > 1e-12 ? smooth_normal * inversesqrt(length2) : normalize(gl_FrontFacing ? -world : world);
    out_surface = vec4(gl_FrontFacing ? n : -n, depth);
    out_uv = vec4(uv, world.xy);
    out_tint = max(tint, vec4(0.0));  // slivers extrapolate below zero, and roots of it are NaN
    out_tangent = vec4(tangent, -world.z);
    out_id = uint(region);
}
