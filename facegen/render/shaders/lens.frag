uniform vec3 rgb;
uniform float opacity;
uniform float reflectivity;  // params: `reflect`
uniform float blended;       // 1 in the blended pass, 0 for lenses drawn opaque
uniform vec3 coating_rgb;    // tint of what is reflected
uniform float bend;          // how far outwards what is behind really lies, over its distance from the lens's middle; 0: flat glass
uniform sampler2D behind;         // what was drawn so far
uniform sampler2D behind_surface; // its normals and depth

// What is seen through the lens: looked up where the bent ray goes, nearer to the straight one where a frame stands in between.
vec3 through(Point p) {
    vec2 at = gl_FragCoord.xy, du = dFdx(p.uv), dv = dFdy(p.uv), off = p.uv - 0.5;
    float det = du.x * dv.y - du.y * dv.x;
    vec2 away = abs(det) < 1e-9 ? vec2(0.0) : vec2(off.x * dv.y - off.y * dv.x, off.y * du.x - off.x * du.y) / det;
    vec2 size = vec2(textureSize(behind, 0));
    for (int i = 0; i < 4; i++) {
        vec2 uv = (at + away * bend * (1.0 - float(i) / 3.0)) / size;
        float depth = textureLod(behind_surface, uv, 0.0).w;
        if (depth == 0.0 || depth > -p.world.z || i == 3) return textureLod(behind, clamp(uv, 0.0, 1.0), 0.0).rgb;
    }
    return vec3(0.0);
}

Point p;
vec3 n, v, gloss;
float nv, f;

void by_key(const int k) {
    vec3 l = key_direction[k].xyz;
    float size = key_direction[k].w;
    if (eyes.z > 0.5 && size > SMALL) return;  // in the map
    gloss += key_light(k, p.world) * lobe(n, v, l, 0.15, size, nv) * f;
}

void main() {
    p = point();
    n = p.n;
    v = normalize(-p.world);
    nv = clamp(dot(n, v), 0.02, 1.0);
    f = clamp(reflectivity * 2.0 * fresnel(0.02, nv), 0.0, 1.0);  // two faces, half of bare glass: coated
    gloss = mirrored(reflect(-v, n), 0.05) * f;
    EACH_KEY(by_key)
    float held = opacity * p.ao;
    PAINTED(rgb * p.tint * held * 0.15, 1.0)
    vec3 body = rgb * p.tint * sh_irradiance(n) * held * 0.15;
    float alpha = clamp(held + f * (1.0 - held), 0.0, 1.0);
    vec3 color = body + gloss * coating_rgb;
    if (blended > 0.5 && bend != 0.0) {
        vec4 there = texelFetch(behind, ivec2(gl_FragCoord.xy), 0);
        // Beside the head the lens bends the background too, which is not drawn yet: left as it is.
        if (there.a > 0.5) { out_color = vec4(color + (1.0 - alpha) * through(p), 1.0); return; }
    }
    out_color = vec4(color, mix(1.0, alpha, blended));
}
