layout(location = 0) in vec3 in_position;
#ifdef STRANDS
layout(location = 2) in vec2 in_uv;
out vec2 uv;
#endif
uniform mat4 view_projection;

void main() {
#ifdef STRANDS
    uv = in_uv;
#endif
    gl_Position = view_projection * vec4(in_position, 1.0);
}
