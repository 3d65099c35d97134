"""Textures on the GL side, by Texture.key, least recently used first, with mipmaps."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
from OpenGL import GL as gl

from facegen.errors import RequestError
from facegen.scene import Texture

BUDGET_BYTES = 96 << 20
"""The textures of one person at 1024 px take half of it; a person who is done is not met again."""
_FORMATS = {
    1: (gl.GL_R8, gl.GL_R8, gl.GL_RED),
    3: (gl.GL_RGB8, gl.GL_SRGB8, gl.GL_RGB),
    4: (gl.GL_RGBA8, gl.GL_SRGB8_ALPHA8, gl.GL_RGBA),
}


class Textures:
    """Cache of uploaded textures under a budget of bytes."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, bool], tuple[int, int]] = OrderedDict()
        self._bytes = 0
        self._neutral: dict[str, int] = {}

    def bind(self, texture: Texture, unit: int) -> None:
        """Bind `texture` to `unit`, uploading it when its key is new."""
        gl.glActiveTexture(gl.GL_TEXTURE0 + unit)
        key = (texture.key, texture.srgb)
        if key in self._kept:
            self._kept.move_to_end(key)
            gl.glBindTexture(gl.GL_TEXTURE_2D, self._kept[key][0])
            return
        size = texture.pixels.nbytes * 4 // 3
        while self._kept and self._bytes + size > BUDGET_BYTES:
            old, freed = self._kept.popitem(last=False)[1]
            gl.glDeleteTextures([old])
            self._bytes -= freed
        self._kept[key] = (_upload(texture), size)
        self._bytes += size

    def bind_neutral(self, name: str, unit: int) -> None:
        """Bind what a missing sampler reads: white albedo, or a flat, fairly rough, thick detail."""
        gl.glActiveTexture(gl.GL_TEXTURE0 + unit)
        if name not in self._neutral:
            value = (128, 128, 115, 0) if name == "detail" else (255, 255, 255, 255)
            pixels = np.array(value, dtype=np.uint8).reshape(1, 1, 4)
            self._neutral[name] = _upload(Texture(f"neutral-{name}", pixels, srgb=False))
        gl.glBindTexture(gl.GL_TEXTURE_2D, self._neutral[name])

    def delete(self) -> None:
        for handle, _ in self._kept.values():
            gl.glDeleteTextures([handle])
        for handle in self._neutral.values():
            gl.glDeleteTextures([handle])
        self._kept.clear()
        self._neutral.clear()
        self._bytes = 0


def _upload(texture: Texture) -> int:
    pixels = np.ascontiguousarray(texture.pixels)
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in _FORMATS:
        raise RequestError(f"texture '{texture.key}' is {pixels.dtype} {pixels.shape}, give uint8 (H, W, 1|3|4)")
    linear, srgb, layout = _FORMATS[pixels.shape[2]]
    handle = int(gl.glGenTextures(1))
    gl.glBindTexture(gl.GL_TEXTURE_2D, handle)
    gl.glPixelStorei(gl.GL_UNPACK_ALIGNMENT, 1)
    height, width = pixels.shape[:2]
    gl.glTexImage2D(gl.GL_TEXTURE_2D, 0, srgb if texture.srgb else linear, width, height, 0, layout, gl.GL_UNSIGNED_BYTE, pixels)
    gl.glGenerateMipmap(gl.GL_TEXTURE_2D)
    for name, value in (
        (gl.GL_TEXTURE_MIN_FILTER, gl.GL_LINEAR_MIPMAP_LINEAR), (gl.GL_TEXTURE_MAG_FILTER, gl.GL_LINEAR),
        (gl.GL_TEXTURE_WRAP_S, gl.GL_CLAMP_TO_EDGE), (gl.GL_TEXTURE_WRAP_T, gl.GL_CLAMP_TO_EDGE),
    ):  # fmt: skip
        gl.glTexParameteri(gl.GL_TEXTURE_2D, name, value)
    return handle
