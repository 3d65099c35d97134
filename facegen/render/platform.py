"""Which OpenGL to use: EGL on a GPU, EGL in software, OSMesa, in this order, and how to open it through pyrender.

PyOpenGL binds to one of them at its first import, so what works is found out beforehand by plain ctypes calls.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import sys
import warnings
from dataclasses import dataclass
from typing import Any

from facegen.errors import MachineError, RequestError, did_you_mean

PLATFORMS = ("auto", "egl", "osmesa")
MEND = "install a GL driver: apt-get install libegl1 libgl1-mesa-dri libosmesa6"
_EGL_PLATFORM_DEVICE, _EGL_EXTENSIONS, _EGL_OPENGL_API = 0x313F, 0x3055, 0x30A2
_CONFIG = (0x3033, 0x1, 0x3024, 8, 0x3023, 8, 0x3022, 8, 0x3025, 24, 0x3040, 0x8, 0x3038)
_CONTEXT = (0x3098, 4, 0x30FB, 1, 0x30FD, 0x1, 0x3038)
"""The same attributes that pyrender's EGLPlatform asks for: pbuffer, RGB 8, depth 24, OpenGL; 4.1 core."""


@dataclass(frozen=True)
class Choice:
    """`platform` is "egl" or "osmesa"; `device` the index of the EGL device (None: the default display)."""

    platform: str
    device: int | None
    software: bool


@dataclass(frozen=True)
class Info:
    """What renders: GL strings, the platform taken and whether it is a software renderer."""

    vendor: str
    renderer: str
    version: str
    platform: str
    software: bool


def choose(platform: str = "auto") -> Choice:
    """Return the best working choice for `platform`; MachineError where there is none."""
    if platform not in PLATFORMS:
        raise RequestError(f"platform {did_you_mean(platform, PLATFORMS)}")
    if platform in ("auto", "egl"):
        found = _egl_choices()
        if found:
            return sorted(found, key=lambda c: c.software)[0]
    if platform in ("auto", "osmesa") and _osmesa_library() is not None:
        return Choice("osmesa", None, software=True)
    wanted = "neither EGL nor OSMesa" if platform == "auto" else f"no {platform.upper()}"
    raise MachineError(f"platform '{platform}': {wanted} context opens on this machine; {MEND}")


def open_context(choice: Choice, size: int) -> Any:
    """Return a pyrender platform whose context is current. One per process, for the process's whole life."""
    os.environ.setdefault("LP_NUM_THREADS", "0")  # llvmpipe: draw in the calling thread; the pool has a process per core
    bound = os.environ.get("PYOPENGL_PLATFORM")
    if "OpenGL.GL" in sys.modules and bound != choice.platform:
        raise MachineError(f"OpenGL is already bound to '{bound}' here, asked for '{choice.platform}'; use a fresh process")
    os.environ["PYOPENGL_PLATFORM"] = choice.platform
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # PyOpenGL's EGL module leaves /proc/cpuinfo open
        context = _pyrender_platform(choice, size)
        context.init_context()
    context.make_current()
    return context


def _pyrender_platform(choice: Choice, size: int) -> Any:
    if choice.platform == "osmesa":
        from pyrender.platforms import osmesa

        return osmesa.OSMesaPlatform(size, size)
    from pyrender.platforms import egl

    device = egl.EGLDevice(None) if choice.device is None else egl.get_device_by_index(choice.device)
    return egl.EGLPlatform(size, size, device=device)


def describe(choice: Choice) -> Info:
    """Return the GL strings of the current context."""
    from OpenGL import GL as gl

    vendor, renderer, version = (gl.glGetString(n).decode() for n in (gl.GL_VENDOR, gl.GL_RENDERER, gl.GL_VERSION))
    software = any(word in renderer.lower() for word in ("llvmpipe", "softpipe", "swrast", "software"))
    return Info(vendor, renderer, version, choice.platform, software)


def _egl_choices() -> list[Choice]:
    try:
        lib = ctypes.CDLL(ctypes.util.find_library("EGL") or "libEGL.so.1")
    except OSError:
        return []
    get = lib.eglGetProcAddress
    get.restype, get.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
    query = get(b"eglQueryDevicesEXT")
    if not query:
        return []
    devices = (ctypes.c_void_p * 32)()
    count = ctypes.c_int(0)
    fetch = ctypes.CFUNCTYPE(ctypes.c_uint, ctypes.c_int, ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ctypes.c_int))(query)
    if not fetch(32, devices, ctypes.byref(count)):
        return []
    return [Choice("egl", i, _is_software(get, devices[i])) for i in range(count.value) if _opens(lib, get, devices[i])]


def _is_software(get: Any, device: int | None) -> bool:
    address = get(b"eglQueryDeviceStringEXT")
    words = ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int)(address)(device, _EGL_EXTENSIONS)
    return words is not None and b"software" in words


def _opens(lib: Any, get: Any, device: int | None) -> bool:
    """Whether the context that pyrender will ask for can be made on this device."""
    address = get(b"eglGetPlatformDisplayEXT")
    if not address:
        return False
    for name in ("eglCreateContext", "eglGetPlatformDisplayEXT"):
        getattr(lib, name, lib.eglInitialize).restype = ctypes.c_void_p
    lib.eglInitialize.restype = ctypes.c_uint
    to_display = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p)(address)
    display = to_display(_EGL_PLATFORM_DEVICE, device, None)
    if not display or not lib.eglInitialize(ctypes.c_void_p(display), None, None):
        return False
    config, count = ctypes.c_void_p(), ctypes.c_int()
    attributes = (ctypes.c_int * len(_CONFIG))(*_CONFIG)
    wanted = (ctypes.c_int * len(_CONTEXT))(*_CONTEXT)
    context = None
    if lib.eglChooseConfig(ctypes.c_void_p(display), attributes, ctypes.byref(config), 1, ctypes.byref(count)) and count.value:
        lib.eglBindAPI(_EGL_OPENGL_API)
        context = lib.eglCreateContext(ctypes.c_void_p(display), config, None, wanted)
        if context:
            lib.eglDestroyContext(ctypes.c_void_p(display), ctypes.c_void_p(context))
    lib.eglTerminate(ctypes.c_void_p(display))
    return bool(context)


def _osmesa_library() -> Any:
    for name in (ctypes.util.find_library("OSMesa"), "libOSMesa.so.8", "libOSMesa.so.6"):
        try:
            if name is not None:
                return ctypes.CDLL(name)
        except OSError:
            continue
    return None
