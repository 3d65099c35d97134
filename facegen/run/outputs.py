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
    amodal: bool = False
    """The region map of skin, eyes, brows and mouth as they lie beneath hair, beard and what is worn, `masks_skin/`."""
    hair_alpha: bool = False
    albedo: bool = False
    uv: bool = False
    parts: bool = False
    depth_exr: bool = False
    mesh: str = "none"
    """Format of the posed mesh: ply, glb, or none."""
    mesh_hair: bool = False
    """Whether hair, beard, brows and lashes are in it."""
    crops: tuple[str, ...] = ()
    """Crops of the photograph: arcface (what `aligned` asks for), ffhq, loose."""
