"""How worn and held things fit: how much of what should lie beneath them stands out, on many people.

    python benchmarks/fit.py [--people 500]

Each person of a balanced population, in one of eight expressions, wears one pair of glasses, one mask, one hat and holds one hand
to the face, so that every kind comes round. Depth is measured along rays or axes on mesh points (tests/wear/depth.py),
independent of how things were fitted. A point stands out when it lies more than 1 mm above the surface worn over it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "wear"))

from depth import behind, depths, skin_points  # noqa: E402
from fronts import FLESH, front_of, hand_depth  # noqa: E402
from wearers import person  # noqa: E402

from facegen.head.model import HeadModel, PosedHead  # noqa: E402
from facegen.sample import Eyewear, Garment, Headwear, Mask, Wear  # noqa: E402
from facegen.wear import front_surfaces  # noqa: E402
from facegen.wear.eyewear import eyewear_surfaces  # noqa: E402
from facegen.wear.frames import STYLES  # noqa: E402
from facegen.wear.headwear import headwear_surfaces  # noqa: E402
from facegen.wear.masks import mask_surfaces  # noqa: E402
from facegen.wear.shapes import kinds  # noqa: E402

MOST_M = 0.001
RGB = (0.2, 0.3, 0.4)
GARMENT = Garment(kind="crew", rgb=RGB, rgb2=RGB, pattern="plain", seed=1)


def glasses(model: HeadModel, head: PosedHead, n: int) -> tuple[str, np.ndarray]:
    """Depth of the points of frame and lenses behind the front of the face; nose pads, which press into it, are left out."""
    kind = list(STYLES)[n % len(STYLES)]
    worn = Eyewear(kind=kind, frame_rgb=RGB, lens_rgb=RGB, lens_opacity=0.9, size=(0.9, 1.0, 1.15)[n % 3], slip=(n % 5) / 4)
    skin, _ = skin_points(model, head, centers=True)
    face = np.concatenate([skin, head.vertices])
    face = face[(face[:, 2] > -0.02) & (np.abs(face[:, 1]) < 0.08)]
    points = np.concatenate([s.positions for s in eyewear_surfaces(model, head, worn)])
    front = points[(points[:, 2] > -0.005) & (np.abs(points[:, 0]) < 0.055) & (np.abs(points[:, 0]) > 0.0215)]
    return kind, behind(front, face, 2)


def mask(model: HeadModel, head: PosedHead, n: int) -> tuple[str, np.ndarray]:
    """How far the skin under a mask reaches beyond it."""
    kind, position = kinds("mask")[n % len(kinds("mask"))], ("worn", "under_nose", "chin")[(n // 7) % 3]
    sheet = mask_surfaces(model, head, Mask(kind=kind, rgb=RGB, position=position, seed=n))[0]
    skin, ears = skin_points(model, head)
    lips = head.vertices[model.topology.masks["lips"] > 0.8]
    nose = head.vertices[(model.topology.masks["nose"] > 0.5) & (np.abs(head.vertices[:, 0]) < 0.006)]
    center = np.array([0.0, lips[:, 1].mean(), nose[:, 2].max() - 0.088])
    face = skin[~ears & (skin[:, 1] > -0.16) & (skin[:, 2] > center[2] - 0.02)]
    return f"{kind}, {position}", depths(sheet, face[np.linalg.norm(face - center, axis=1) < 0.13], center)


def hat(model: HeadModel, head: PosedHead, n: int) -> tuple[str, np.ndarray]:
    """How far the skull reaches beyond a hat."""
    kind = kinds("headwear")[n % len(kinds("headwear"))]
    made = headwear_surfaces(model, head, Headwear(kind=kind, rgb=RGB, tilt_deg=5.0 * (n % 3 - 1), seed=n))
    skin, ears = skin_points(model, head)
    top = skin[:, 1].max()
    whole = kind in ("hijab", "niqab", "hood", "balaclava")
    skin = skin[skin[:, 1] > -0.09] if whole else skin[~ears & (skin[:, 1] > 0.0)]
    return kind, depths(made[0], skin, np.array([0.0, 0.3 * top, np.median(made[0].positions[:, 2])]))


def hand(model: HeadModel, head: PosedHead, n: int) -> tuple[str, np.ndarray]:
    """Depth of the points of a hand, and of what it holds, inside the face."""
    front = front_of(n)
    made = front_surfaces(model, head, Wear(front=(front,), garment=GARMENT), FLESH, (), ())
    return front.pose, hand_depth(model, head, front, made.surfaces)


def main() -> int:
    """Print a line a group, and the worst kinds; exit code 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=500)
    count = parser.parse_args().people
    model = HeadModel.load()
    heads = [person(model, n) for n in range(count)]
    for name, measure in (("glasses", glasses), ("mask", mask), ("headwear", hat), ("hand", hand)):
        start = time.perf_counter()
        found: dict[str, list[np.ndarray]] = defaultdict(list)
        for n, head in enumerate(heads):
            kind, depth = measure(model, head, n)
            found[kind].append(depth)
        every = np.concatenate([d for rows in found.values() for d in rows])
        people = sum(any((d > MOST_M).any() for d in [row]) for rows in found.values() for row in rows)
        print(
            f"{name}: {count} people, {len(every)} points, {100 * (every > MOST_M).mean():.4f}% stand out by more than 1 mm "
            f"(on {people} people), worst {1000 * every.max():.2f} mm, {time.perf_counter() - start:.0f} s",
            flush=True,
        )
        worst = sorted(found, key=lambda kind: -max(float(d.max()) for d in found[kind]))[:4]
        print(
            "   worst: " + "; ".join(f"{kind} {1000 * max(float(d.max()) for d in found[kind]):.2f} mm" for kind in worst),
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
