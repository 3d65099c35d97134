"""Opening and closing the one engine of a process."""

from __future__ import annotations

import pytest
from shapes import scene, sphere

from facegen.errors import MachineError
from facegen.render.engine import Engine
from facegen.render.lost import DriverError, check, gl_fault


def test_engine_is_alone_and_reopens_with_the_same_bytes() -> None:
    first = Engine()
    before = first.render(scene(sphere(0.2, (0, 0, -1)))).rgb
    with pytest.raises(MachineError, match="already has an engine"):
        Engine()
    first.close()
    first.close()
    second = Engine()
    assert second.render(scene(sphere(0.2, (0, 0, -1)))).rgb.tobytes() == before.tobytes()
    second.close()


def test_an_error_that_the_driver_holds_makes_no_frame() -> None:
    engine = Engine()
    from OpenGL.error import GLError  # bound to a platform by the engine
    from OpenGL.platform import PLATFORM

    try:
        engine.render(scene(sphere(0.2, (0, 0, -1))))
        PLATFORM.GL.glEnable(0xFFFF)  # no such thing: the driver holds an error that PyOpenGL has not seen
        with pytest.raises((GLError, DriverError)) as found:
            engine.render(scene(sphere(0.2, (0, 0, -1))))
        assert gl_fault(found.value) == "died"
        engine.render(scene(sphere(0.2, (0, 0, -1))))  # told once
        PLATFORM.GL.glEnable(0xFFFF)
        with pytest.raises(DriverError, match="OpenGL error 0x0500"):
            check()
    finally:
        engine.close()
