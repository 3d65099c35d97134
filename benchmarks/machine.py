"""What the figures were measured on, in words that name no host."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def words() -> str:
    """Return CPU model, cores this process may use and the load now: `AMD EPYC, 2 cores, load 0.1`."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    return f"{model}, {len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f} at the start"
