"""Opening and closing the one engine of a process."""

from __future__ import annotations

import pytest
from shapes import scene, sphere

from facegen.errors import MachineError
from facegen.render.engine import Engine


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
