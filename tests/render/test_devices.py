"""Which EGL device a process takes, with a list of devices as a machine with several GPUs gives it."""

from __future__ import annotations

import pytest

from facegen import doctor
from facegen.errors import RequestError
from facegen.render import lost, platform
from facegen.render.platform import Choice

GPU = "Some GPU"
DEVICES = [Choice("egl", 0, True, "llvmpipe"), *(Choice("egl", i, False, GPU) for i in (1, 2)), Choice("egl", 3, False, "Older")]


@pytest.fixture
def several(monkeypatch: pytest.MonkeyPatch) -> None:
    def devices(only: str | None = None) -> list[Choice]:
        return [c for c in DEVICES if only is None or str(c.device) == only]

    monkeypatch.setattr(platform, "devices", devices)


def test_the_first_gpu_is_taken_and_those_like_it_are_told(several: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(platform.DEVICE, raising=False)
    chosen = platform.choose("auto")
    assert (chosen.device, chosen.software, chosen.alike) == (1, False, (1, 2))  # the other kind would draw other pictures


@pytest.mark.parametrize(("number", "alike"), [("2", (2,)), ("3", (3,)), ("0", ())])
def test_the_users_device_is_taken(number: str, alike: tuple[int, ...], several: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(platform.DEVICE, number)
    chosen = platform.choose("egl")
    assert (chosen.device, chosen.alike) == (int(number), alike)


def test_a_device_that_is_not_there() -> None:
    if not platform.devices():
        pytest.skip("no EGL device here")
    with pytest.raises(RequestError, match=r"EGL_DEVICE_ID '77': no context opens there; devices are 0 to \d+"):
        platform.devices("77")


def test_doctor_tells_the_devices(several: None, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {f.name: f for f in doctor._platforms()}
    assert [found[f"EGL device {i}"].text for i in range(4)] == ["software llvmpipe", f"GPU {GPU}", f"GPU {GPU}", "GPU Older"]
    assert found["GPUs"].text.startswith("3; workers take those of one name in turn, EGL_DEVICE_ID=N")
    assert all(f.ok for name, f in found.items() if name != "platform osmesa")


@pytest.mark.parametrize(("code", "kind"), [(0x0507, "lost"), (0x300E, "lost"), (0x0505, "memory"), (0x0501, "died")])
def test_errors_of_the_driver_are_told_apart(code: int, kind: str) -> None:
    from OpenGL.error import GLError

    assert lost.gl_fault(lost.DriverError(code)) == kind
    assert lost.gl_fault(GLError(err=code)) == kind
    assert lost.gl_fault(ValueError("of somebody else")) is None
