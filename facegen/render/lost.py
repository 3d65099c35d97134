"""What an error of the driver says about the context: whether it is lost, and with it everything that this process could draw."""

from __future__ import annotations

_LOST = {0x0507: "GL_CONTEXT_LOST", 0x300E: "EGL_CONTEXT_LOST"}
_MEMORY = {0x0505: "GL_OUT_OF_MEMORY", 0x3003: "EGL_BAD_ALLOC"}


class DriverError(Exception):
    """The driver reports an error that nobody has asked it for. `err`: its GL code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"OpenGL error {code:#06x} {_LOST.get(code) or _MEMORY.get(code, '')}".strip())
        self.err = code


def gl_fault(error: Exception) -> str | None:
    """Return "lost", "memory" or, for any other error of the driver, "died"; None for what is no error of the driver."""
    ours = isinstance(error, DriverError)
    if not ours and not type(error).__module__.startswith("OpenGL."):
        return None
    code = getattr(error, "err", None)
    return "lost" if code in _LOST else "memory" if code in _MEMORY else "died"


def check() -> None:
    """Raise DriverError for an error that the driver holds: what was read from a lost context is no picture."""
    from OpenGL.raw.GL.VERSION.GL_1_0 import glGetError

    code = int(glGetError())
    if code:
        raise DriverError(code)
