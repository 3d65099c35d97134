"""What is written for a sample: asked by the pool, answered by the studio."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outputs:
    """Which pictures are written beside the photograph."""

    format: str = "jpg"
    aligned: bool = False
    masks: bool = False
    under: bool = False
    """The region map without what is removable, `masks_under/`."""
    depth: bool = False
    normals: bool = False
    clean: bool = False
    points: tuple[str, ...] = ()
    """Large tables of landmarks, `points/`: 478 (MediaPipe's mesh), dense (every vertex)."""
