"""What a run says of itself: a CSV, and TensorBoard's files where they are asked for."""

from __future__ import annotations

from pathlib import Path

from facegen.dataset.write import write_atomic
from facegen.errors import MachineError

COLUMNS = ("step", "epoch", "loss", "accuracy", "rate", "eer")


class Log:
    """Writes the whole history each time: a run that is resumed leaves no row twice."""

    def __init__(self, csv: Path | None = None, tensorboard: Path | None = None) -> None:
        self._csv, self._board = csv, None
        self._told = 0
        if tensorboard is not None:
            try:
                from torch.utils.tensorboard import SummaryWriter
            except ImportError:
                raise MachineError("--tensorboard needs tensorboard; install it with: pip install tensorboard") from None
            self._board = SummaryWriter(str(tensorboard))

    def write(self, history: list[dict[str, float]]) -> None:
        """Write rows of COLUMNS: the last is new."""
        if self._csv is not None:
            lines = [",".join(COLUMNS), *(",".join(f"{row[name]:.6g}" for name in COLUMNS) for row in history)]
            write_atomic(self._csv, ("\n".join(lines) + "\n").encode(), self._csv.parent)
        if self._board is not None:
            for row in history[self._told :]:
                for name in COLUMNS[2:]:
                    self._board.add_scalar(name, row[name], int(row["step"]))
            self._board.flush()
            self._told = len(history)
