"""The fake studio with the mishaps of a cluster. `FACEGEN_FAKE` holds the orders, as for the other one.

`hold` in a file NAME.order, NAME being an image id: the first to get there writes NAME.at, its process, its parent and the parent
of that, and goes on when NAME.go is there. `actor`: the process that started the worker is killed. `FACEGEN_NODE` in a node's
environment gives it another renderer.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import fake_studio

from facegen.run.outputs import Outputs
from facegen.sample import SampleSpec


class Studio(fake_studio.Studio):
    def __init__(self, platform: str) -> None:
        super().__init__(platform)
        self.engine.info = fake_studio.Info(f"fake {platform}{os.environ.get('FACEGEN_NODE', '')}")

    def shoot(self, sample: SampleSpec, outputs: Outputs) -> Any:
        order = Path(os.environ.get("FACEGEN_FAKE", "/nowhere")) / f"{sample.image_id}.order"
        word = order.read_text() if order.exists() else ""
        if word == "actor":
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(60)
        at = order.with_suffix(".at")
        if word == "hold" and not at.exists():
            parent = os.getppid()
            ours = at.with_suffix(".part")
            ours.write_text(f"{os.getpid()} {parent} {_parent(parent)}")
            ours.rename(at)
            for _ in range(1200):
                if order.with_suffix(".go").exists():
                    break
                if os.getppid() != parent:
                    sys.exit("the actor is gone")
                time.sleep(0.05)
        return super().shoot(sample, outputs)


def _parent(process: int) -> int:
    """The parent of a process."""
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
