// Inputs and outputs of every fragment program.
in vec3 world;
in vec3 smooth_normal;
in vec2 uv;
in vec3 tangent;
in vec3 tint;
in float ao;
flat in int region;
layout(location = 0) out vec4 out_color;   // linear light, premultiplied
layout(location = 1) out vec4 out_surface; // world normal, depth along -Z in metres
layout(location = 2) out uint out_id;

void put(vec3 rgb, float alpha, vec3 n) {
    out_color = vec4(min(rgb, vec3(60000.0)), alpha);
    out_surface = vec4(n, -world.z);
    out_id = uint(region);
}
// The smooth normal, turned towards the viewer on back faces.
vec3 facing_normal() {
    vec3 n = normalize(smooth_normal);
    return gl_FrontFacing ? n : -n;
}
// Bend normal n by (x, y) in the frame of the uv derivatives (Mikkelsen 2010).
vec3 bent(vec3 n, vec2 xy) {
    vec3 px = dFdx(world), py = dFdy(world);
    vec2 ux = dFdx(uv), uy = dFdy(uv);
    vec3 a = cross(py, n), b = cross(n, px);
    vec3 t = a * ux.x + b * uy.x, s = a * ux.y + b * uy.y;
    float m = inversesqrt(max(max(dot(t, t), dot(s, s)), 1e-30));
    return normalize(n * sqrt(max(1.0 - dot(xy, xy), 0.05)) + (t * xy.x + s * xy.y) * m);
}
