// Where a point of the head falls: geometry/projection.py in GLSL. Lens distortion (Brown-Conrady) and a rolling shutter move
// vertices before they are projected, so that colour, ids, depth and normals are warped without resampling.
uniform mat4 view_projection;
uniform vec4 radial;      // k1, k2, k3 and the squared radius up to which they are followed
uniform vec3 decentred;   // p1, p2, and the seconds a rolling shutter takes over the picture
uniform mat4 drift;       // velocity of a point of the head: (drift * point).xyz

vec4 distorted(vec3 p) {
    float depth = max(-p.z, 1e-6);
    vec2 xy = vec2(p.x, -p.y) / depth;
    float r2 = dot(xy, xy), kept = min(r2, radial.w);
    vec2 c = xy * sqrt(kept / max(r2, 1e-20));
    float k = 1.0 + kept * (radial.x + kept * (radial.y + kept * radial.z));
    vec2 side = 2.0 * c.x * c.y * decentred.xy + decentred.yx * (kept + 2.0 * c * c);
    vec2 seen = xy * k + side;
    return view_projection * vec4(p.z < 0.0 ? vec3(seen.x, -seen.y, -1.0) * depth : p, 1.0);
}
vec3 met(vec3 p) {
    if (decentred.z == 0.0) return p;
    vec3 speed = (drift * vec4(p, 1.0)).xyz, moved = p;
    for (int i = 0; i < 3; i++) {
        vec4 at = distorted(moved);
        float row = at.w > 0.0 ? clamp(0.5 - 0.5 * at.y / at.w, -1.0, 2.0) : 0.5;
        moved = p + decentred.z * (row - 0.5) * speed;
    }
    return moved;
}
