void main() { PAINTED(vec3(0.0), 1.0) }
