uniform vec3 rgb;
uniform float opacity;
uniform float reflectivity;  // params: `reflect`
uniform float blended;       // 1 in the blended pass, 0 for lenses drawn opaque

void main() {
    Point p = point();
    vec3 n = p.n, v = normalize(-p.world);
    float nv = clamp(dot(n, v), 0.02, 1.0);
    float f = clamp(reflectivity * 2.0 * fresnel(0.02, nv), 0.0, 1.0);  // two faces, half of bare glass: coated
    vec3 gloss = mirrored(reflect(-v, n), 0.05) * f;
    for (int k = 0; k < int(counts.x); k++) {
        vec3 l = key_direction[k].xyz;
        float size = key_direction[k].w;
        if (eyes.z > 0.5 && size > SMALL) continue;  // in the map
        gloss += key_light(k, p.world) * lobe(n, v, l, 0.15, size, nv) * f;
    }
    vec3 body = rgb * p.tint * sh_irradiance(n) * opacity * 0.15;
    float alpha = clamp(opacity + f * (1.0 - opacity), 0.0, 1.0);
    out_color = vec4(body + gloss, mix(1.0, alpha, blended));
}
