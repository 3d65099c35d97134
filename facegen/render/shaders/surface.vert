layout(location = 0) in vec3 in_position;
layout(location = 1) in vec3 in_normal;
layout(location = 2) in vec2 in_uv;
layout(location = 3) in vec3 in_tangent;
layout(location = 4) in vec3 in_color;
layout(location = 5) in float in_ao;
layout(location = 6) in int in_region;
out vec3 world;
out float depth;   // along -Z, where the shutter met the point
out vec3 smooth_normal;
out vec2 uv;
out vec3 tangent;
out vec4 tint;
flat out int region;

void main() {
    world = in_position;
    smooth_normal = in_normal;
    uv = in_uv;
    tangent = in_tangent;
    tint = vec4(in_color, in_ao);
    region = in_region;
    vec3 moved = met(in_position);
    depth = -moved.z;
    gl_Position = distorted(moved);
}
