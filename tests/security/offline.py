"""The whole use of facegen in one process that has no network: made, looked at, exported, compared, verified.

python offline.py OUT: with forbidden/ first on PYTHONPATH. Where the kernel can (seccomp), a call of socket() for anything but
pipes kills the process that makes it, C++ libraries and child processes included; the last line says whether it could.
"""

from __future__ import annotations

import ctypes
import platform
import shutil
import socket
import struct
import sys
from pathlib import Path

MACHINES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""Audit architecture and number of socket()."""
KILL, ALLOW = 0x80000000, 0x7FFF0000


def bind_kernel() -> bool:
    """Kill whoever asks for a socket that is no AF_UNIX; False where the kernel or the machine does not offer that."""
    if platform.machine() not in MACHINES:
        return False
    arch, number = MACHINES[platform.machine()]
    load, equal, give = 0x20, 0x15, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K
    program = [
        (load, 0, 0, 4), (equal, 0, 5, arch), (load, 0, 0, 0), (equal, 0, 3, number),
        (load, 0, 0, 16), (equal, 1, 0, socket.AF_UNIX), (give, 0, 0, KILL), (give, 0, 0, ALLOW),
    ]  # fmt: skip
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *one) for one in program))
    filters = struct.pack("@HxxxxxxP", len(program), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, filters, 0, 0) == 0  # no new privileges; seccomp filter


def use(out: Path) -> None:
    from small import FAKE, small_spec

    from facegen import cli
    from facegen.audit import detector
    from facegen.dataset.read import Dataset
    from facegen.run import verify
    from facegen.run.local import generate

    verify.verify.__defaults__ = (FAKE,)
    generate(small_spec(identities=4), out / "set", workers=2, studio=FAKE)
    data = str(out / "set")
    for words in (
        ("audit", data, "--out", "report.html"),
        ("audit", "compare", data, data, "--out", "compare.html"),
        ("audit", "remedy", data),
        ("export", data, "--format", "webdataset", "--split", "all", "--out", "webdataset"),
        ("export", data, "--format", "huggingface-parquet", "--split", "all", "--out", "parquet"),
        ("export", data, "--format", "folders", "--out", "folders"),
        ("verify", data, "--samples", "2"),
    ):
        given = [str(out / word) if before == "--out" else word for before, word in zip(("", *words), words, strict=False)]
        sys.argv = ["facegen", *given]
        try:
            cli.main()
        except SystemExit as stop:
            assert not stop.code, (words, stop.code)
    with detector._detector("short range") as look:  # MediaPipe, the one library here that could have something to report
        look(Dataset.open(data).image("000000_000"))
    assert (out / "report.html").stat().st_size > 10_000
    shutil.rmtree(out)


if __name__ == "__main__":
    held = bind_kernel()
    try:
        socket.socket()
    except PermissionError:
        use(Path(sys.argv[1]))
        print("kernel" if held else "python")
