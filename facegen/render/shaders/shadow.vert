layout(location = 0) in vec3 in_position;
#ifdef STRANDS
layout(location = 2) in vec2 in_uv;
layout(location = 4) in vec3 in_color;
out vec2 uv;
out float ribbon;
#endif
uniform mat4 view_projection;

void main() {
#ifdef STRANDS
    uv = in_uv;
    ribbon = in_color.r;
#endif
    gl_Position = view_projection * vec4(in_position, 1.0);
}
