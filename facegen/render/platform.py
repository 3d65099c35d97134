"""Which OpenGL to use: EGL on a GPU, EGL in software, OSMesa, in this order, and how to open it through pyrender.

PyOpenGL binds to one of them at its first import, so what works is found out beforehand by plain ctypes calls.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import sys
import warnings
from dataclasses import dataclass, replace
from typing import Any

from facegen.errors import MachineError, RequestError, did_you_mean

PLATFORMS = ("auto", "egl", "osmesa")
DEVICE = "EGL_DEVICE_ID"
"""Environment variable with the number of the EGL device to take, as pyrender counts them: in the order of the EGL query."""
MEND = "install a GL driver: apt-get install libegl1 libgl1-mesa-dri libosmesa6"
_EGL_PLATFORM_DEVICE, _EGL_EXTENSIONS, _EGL_RENDERER, _EGL_OPENGL_API = 0x313F, 0x3055, 0x335F, 0x30A2
_CONFIG = (0x3033, 0x1, 0x3024, 8, 0x3023, 8, 0x3022, 8, 0x3025, 24, 0x3040, 0x8, 0x3038)
_CONTEXT = (0x3098, 4, 0x30FB, 1, 0x30FD, 0x1, 0x3038)
"""The same attributes that pyrender's EGLPlatform asks for: pbuffer, RGB 8, depth 24, OpenGL; 4.1 core."""


@dataclass(frozen=True)
class Choice:
    """`platform` is "egl" or "osmesa"; `device` the index of the EGL device (None: the default display), `name` what the driver
    calls it ("" where it does not tell); `alike`: all GPUs of that name, to be shared among processes; none in software."""

    platform: str
    device: int | None
    software: bool
    name: str = ""
    alike: tuple[int, ...] = ()


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
        found = devices(os.environ.get(DEVICE))
        if found:
            taken = sorted(found, key=lambda c: c.software)[0]
            alike = () if taken.software else tuple(c.device for c in found if (c.software, c.name) == (False, taken.name))
            return replace(taken, alike=alike)
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


def devices(only: str | None = None) -> list[Choice]:
    """Return the EGL devices that a context opens on, in the order of the EGL query; `only`: no other than the one numbered so.

    Raises RequestError when that one is not there.
    """
    try:
        lib = ctypes.CDLL(ctypes.util.find_library("EGL") or "libEGL.so.1")
    except OSError:
        return []
    get = lib.eglGetProcAddress
    get.restype, get.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
    listed = _queried(get)
    wanted = range(len(listed)) if only is None or not listed else [i for i in range(len(listed)) if str(i) == only.strip()]
    found = [Choice("egl", i, *_described(get, listed[i])) for i in wanted if _opens(lib, get, listed[i])]
    if only is not None and listed and not found:
        raise RequestError(f"{DEVICE} '{only}': no context opens there; devices are 0 to {len(listed) - 1}, see 'facegen doctor'")
    return found


def _queried(get: Any) -> list[int | None]:
    """Return the handles of all EGL devices."""
    query = get(b"eglQueryDevicesEXT")
    if not query:
        return []
    handles = (ctypes.c_void_p * 32)()
    count = ctypes.c_int(0)
    fetch = ctypes.CFUNCTYPE(ctypes.c_uint, ctypes.c_int, ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ctypes.c_int))(query)
    return list(handles[: count.value]) if fetch(32, handles, ctypes.byref(count)) else []


def _described(get: Any, device: int | None) -> tuple[bool, str]:
    """Return whether a device is a software renderer, and its name, '' where the driver does not tell."""
    address = get(b"eglQueryDeviceStringEXT")
    ask = ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int)(address)
    extensions = ask(device, _EGL_EXTENSIONS) or b""
    named = b"EGL_EXT_device_query_name" in extensions
    return b"software" in extensions, (ask(device, _EGL_RENDERER) or b"").decode() if named else ""


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
