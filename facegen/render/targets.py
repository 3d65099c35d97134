"""Framebuffers: the pass in samples, the resolve to pixels, the shadow maps. All are made once, others when a size is new."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from OpenGL import GL as gl

from facegen.errors import MachineError


@dataclass(frozen=True)
class Layer:
    """A texture format: GL internal format, layout and component type."""

    internal: int
    layout: int
    kind: int

    @property
    def integer(self) -> bool:
        return bool(self.layout == gl.GL_RED_INTEGER)


HALF4 = Layer(gl.GL_RGBA16F, gl.GL_RGBA, gl.GL_HALF_FLOAT)
FLOAT4 = Layer(gl.GL_RGBA32F, gl.GL_RGBA, gl.GL_FLOAT)
BYTE_ID = Layer(gl.GL_R8UI, gl.GL_RED_INTEGER, gl.GL_UNSIGNED_BYTE)


class Target:
    """A square framebuffer of `size` with one texture a layer and, if given, a shared depth-stencil buffer."""

    def __init__(self, size: int, layers: tuple[Layer, ...], depth: int | None = None) -> None:
        self.size, self.layers = size, layers
        self._fbo = gl.glGenFramebuffers(1)
        gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, self._fbo)
        self.textures = [_texture(layer, size) for layer in layers]
        for i, texture in enumerate(self.textures):
            gl.glFramebufferTexture2D(gl.GL_FRAMEBUFFER, gl.GL_COLOR_ATTACHMENT0 + i, gl.GL_TEXTURE_2D, texture, 0)
        if depth is not None:
            gl.glFramebufferRenderbuffer(gl.GL_FRAMEBUFFER, gl.GL_DEPTH_STENCIL_ATTACHMENT, gl.GL_RENDERBUFFER, depth)
        gl.glDrawBuffers(len(layers), [gl.GL_COLOR_ATTACHMENT0 + i for i in range(len(layers))])
        _complete("picture")

    def bind(self) -> None:
        gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, self._fbo)
        gl.glViewport(0, 0, self.size, self.size)

    def clear(self, *indices: int) -> None:
        """Set the layers `indices` to zero (the target must be bound)."""
        for index in indices:
            if self.layers[index].integer:
                gl.glClearBufferuiv(gl.GL_COLOR, index, np.zeros(4, dtype=np.uint32))
            else:
                gl.glClearBufferfv(gl.GL_COLOR, index, np.zeros(4, dtype=np.float32))

    def read(self, index: int) -> NDArray[np.generic]:
        """Return layer `index`, row 0 at the top: (S, S, 4) float32, or (S, S) uint8 for ids."""
        layer = self.layers[index]
        gl.glBindFramebuffer(gl.GL_READ_FRAMEBUFFER, self._fbo)
        gl.glReadBuffer(gl.GL_COLOR_ATTACHMENT0 + index)
        gl.glPixelStorei(gl.GL_PACK_ALIGNMENT, 1)
        shape = (self.size, self.size) if layer.integer else (self.size, self.size, 4)
        out = np.empty(shape, dtype=np.uint8 if layer.integer else np.float32)
        gl.glReadPixels(0, 0, self.size, self.size, layer.layout, layer.kind, out)
        return out[::-1]

    def delete(self) -> None:
        gl.glDeleteTextures(self.textures)
        gl.glDeleteFramebuffers(1, [self._fbo])


class Picture:
    """The targets of one picture size: geometry and shaded samples at `samples` px, resolved pixels at `size` px."""

    def __init__(self, size: int, samples: int) -> None:
        self._depth = gl.glGenRenderbuffers(1)
        gl.glBindRenderbuffer(gl.GL_RENDERBUFFER, self._depth)
        gl.glRenderbufferStorage(gl.GL_RENDERBUFFER, gl.GL_DEPTH24_STENCIL8, samples, samples)
        self.geometry = Target(samples, (FLOAT4, FLOAT4, FLOAT4, FLOAT4, BYTE_ID), self._depth)
        self.shaded = Target(samples, (HALF4,), self._depth)
        self.pixels = Target(size, (FLOAT4, FLOAT4, BYTE_ID))
        self.behind = _texture(HALF4, samples)
        """What refracting lenses see: the shaded samples before them."""
        self.per_side = samples // size
        self._layers: tuple[Target, Target] | None = None
        self._ids: tuple[Target, Target] | None = None

    @property
    def layers(self) -> tuple[Target, Target]:
        """Samples of albedo and surface numbers, over the geometry's depth and stencil; pixels of albedo, uv, shares of hair and
        surface numbers. Made when a layer is first asked for."""
        if self._layers is None:
            painted = Target(self.geometry.size, (HALF4, BYTE_ID), self._depth)
            self._layers = painted, Target(self.pixels.size, (FLOAT4, FLOAT4, FLOAT4, BYTE_ID))
        return self._layers

    @property
    def ids(self) -> tuple[Target, Target]:
        """Samples and pixels of region ids alone, over the geometry's depth, which a pass into them overwrites."""
        if self._ids is None:
            self._ids = Target(self.geometry.size, (BYTE_ID,), self._depth), Target(self.pixels.size, (BYTE_ID,))
        return self._ids

    def copy_shaded(self) -> None:
        """Copy the shaded samples, whose framebuffer must be bound, into `behind`."""
        gl.glActiveTexture(gl.GL_TEXTURE0)
        gl.glBindTexture(gl.GL_TEXTURE_2D, self.behind)
        gl.glCopyTexSubImage2D(gl.GL_TEXTURE_2D, 0, 0, 0, 0, 0, self.shaded.size, self.shaded.size)

    def delete(self) -> None:
        for target in (self.geometry, self.shaded, self.pixels, *(self._layers or ()), *(self._ids or ())):
            target.delete()
        gl.glDeleteTextures([self.behind])
        gl.glDeleteRenderbuffers(1, [self._depth])


class ShadowMaps:
    """`layers` square depth maps in one array texture."""

    def __init__(self, size: int, layers: int) -> None:
        self.size = size
        self.texture = int(gl.glGenTextures(1))
        gl.glBindTexture(gl.GL_TEXTURE_2D_ARRAY, self.texture)
        shape, layout = (size, size, layers), (gl.GL_DEPTH_COMPONENT, gl.GL_FLOAT)
        gl.glTexImage3D(gl.GL_TEXTURE_2D_ARRAY, 0, gl.GL_DEPTH_COMPONENT32F, *shape, 0, *layout, None)
        _sampling(gl.GL_TEXTURE_2D_ARRAY)
        self._fbo = gl.glGenFramebuffers(1)
        self.bind(0)
        gl.glDrawBuffer(gl.GL_NONE)
        gl.glReadBuffer(gl.GL_NONE)
        _complete("shadow map")

    def bind(self, layer: int) -> None:
        gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, self._fbo)
        gl.glFramebufferTextureLayer(gl.GL_FRAMEBUFFER, gl.GL_DEPTH_ATTACHMENT, self.texture, 0, layer)
        gl.glViewport(0, 0, self.size, self.size)

    def delete(self) -> None:
        gl.glDeleteTextures([self.texture])
        gl.glDeleteFramebuffers(1, [self._fbo])


class Mirror:
    """The radiance that eyes and lenses mirror, by direction; black where a scene has none (shaders then read its harmonics)."""

    def __init__(self) -> None:
        self.texture = int(gl.glGenTextures(1))
        self.load(None)
        for name, value in (
            (gl.GL_TEXTURE_MIN_FILTER, gl.GL_LINEAR), (gl.GL_TEXTURE_MAG_FILTER, gl.GL_LINEAR),
            (gl.GL_TEXTURE_WRAP_S, gl.GL_REPEAT), (gl.GL_TEXTURE_WRAP_T, gl.GL_CLAMP_TO_EDGE), (gl.GL_TEXTURE_MAX_LEVEL, 0),
        ):  # fmt: skip
            gl.glTexParameteri(gl.GL_TEXTURE_2D, name, value)

    def load(self, radiance: NDArray[np.float32] | None) -> None:
        """Upload radiance (H, W, 3)."""
        pixels = np.zeros((1, 1, 3), np.float32) if radiance is None else np.ascontiguousarray(radiance, dtype=np.float32)
        gl.glBindTexture(gl.GL_TEXTURE_2D, self.texture)
        gl.glPixelStorei(gl.GL_UNPACK_ALIGNMENT, 4)
        height, width = pixels.shape[:2]
        gl.glTexImage2D(gl.GL_TEXTURE_2D, 0, gl.GL_RGB16F, width, height, 0, gl.GL_RGB, gl.GL_FLOAT, pixels)

    def delete(self) -> None:
        gl.glDeleteTextures([self.texture])


def _texture(layer: Layer, size: int) -> int:
    texture = int(gl.glGenTextures(1))
    gl.glBindTexture(gl.GL_TEXTURE_2D, texture)
    gl.glTexImage2D(gl.GL_TEXTURE_2D, 0, layer.internal, size, size, 0, layer.layout, layer.kind, None)
    _sampling(gl.GL_TEXTURE_2D)
    return texture


def _sampling(target: int) -> None:
    for name, value in (
        (gl.GL_TEXTURE_MIN_FILTER, gl.GL_NEAREST), (gl.GL_TEXTURE_MAG_FILTER, gl.GL_NEAREST),
        (gl.GL_TEXTURE_WRAP_S, gl.GL_CLAMP_TO_EDGE), (gl.GL_TEXTURE_WRAP_T, gl.GL_CLAMP_TO_EDGE), (gl.GL_TEXTURE_MAX_LEVEL, 0),
    ):  # fmt: skip
        gl.glTexParameteri(target, name, value)


def _complete(what: str) -> None:
    status = gl.glCheckFramebufferStatus(gl.GL_FRAMEBUFFER)
    if status != gl.GL_FRAMEBUFFER_COMPLETE:
        raise MachineError(f"the {what} framebuffer is refused by this driver ({int(status):#x}); try --platform osmesa")
