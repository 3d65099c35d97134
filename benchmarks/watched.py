"""Studios that a worker of `facegen generate` opens instead of its own, to keep a log of itself. The pictures are the same.

One file a worker in the folder that `FACEGEN_BENCH_LOG` names, a line of JSON before every picture and one at the end,
everything in it added up since the worker began: `{"t", "cpu_s", "rss_kb", "peak_kb", "stages", "floor"}`.
"""

from __future__ import annotations

import json
import os
import resource
import time
from pathlib import Path
from typing import Any

from floor import Floor
from stages import Clock

import facegen.run.studio
import facegen.run.worker  # noqa: F401 (its names are watched)

LOG = "FACEGEN_BENCH_LOG"
WATCHED, FLOORED = "watched:Studio", "watched:Floored"
PAGE_KB = os.sysconf("SC_PAGE_SIZE") / 1024


class Studio(facegen.run.studio.Studio):
    """Logs stages and memory."""

    def __init__(self, platform: str = "auto") -> None:
        super().__init__(platform)
        self.floor = self._floor()
        self._clock = Clock()
        self._clock.watch()
        self._log = open(Path(os.environ[LOG]) / f"{os.getpid()}.jsonl", "w")  # noqa: SIM115 (held until close)

    @staticmethod
    def _floor() -> Floor | None:
        """Under the clock, which must not count what is done again, and after the context, which PyOpenGL needs."""
        return None

    def shoot(self, *args: Any, **more: Any) -> Any:
        self._note()
        return super().shoot(*args, **more)

    def close(self) -> None:
        self._note()
        self._log.close()
        super().close()

    def _note(self) -> None:
        line = {
            "t": time.perf_counter(),
            "cpu_s": time.process_time(),
            "rss_kb": int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_KB,
            "peak_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
            "stages": self._clock.spent,
            "floor": None if self.floor is None else self.floor.spent,
        }
        self._log.write(json.dumps(line) + "\n")
        self._log.flush()


class Floored(Studio):
    """Also draws and encodes every picture again, bare (floor.py)."""

    @staticmethod
    def _floor() -> Floor | None:
        return Floor()

    def shoot(self, *args: Any, **more: Any) -> Any:
        assert self.floor is not None
        self.floor.listen()
        result = super().shoot(*args, **more)
        self.floor.again(self.engine)
        return result
