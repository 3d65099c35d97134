"""Hands and held things for tests: every gesture and side comes round; how deep a hand lies in a face."""

from __future__ import annotations

import numpy as np
from depth import Points, behind, skin_points

from facegen.head.model import HeadModel, PosedHead
from facegen.sample import Front
from facegen.scene import REGIONS, Surface
from facegen.wear import Flesh
from facegen.wear.hands.held import gestures
from facegen.wear.shapes import unit

FLESH = Flesh("test", (0.4, 0.25, 0.18), {"oil": 0.4, "sss": (1.0, 1.0, 1.0), "specular": 1.0}, 0.4, 1.0, 35.0)


def front_of(n: int) -> Front:
    """The n-th: gestures first, then ways of holding."""
    names = list(gestures())
    pose = names[n % len(names)]
    kind = gestures()[pose].get("object", "hand")
    return Front(kind=kind, pose=pose, side="left" if (n // len(names)) % 2 == 0 else "right", sleeve=0.5, seed=n)


def hand_depth(model: HeadModel, head: PosedHead, front: Front, surfaces: tuple[Surface, ...]) -> Points:
    """Return how far (m) each point of hand and thing lies behind the skin, seen from where the back of the hand looks."""
    skin, _ = skin_points(model, head, centers=True)
    palm = np.asarray(gestures()[front.pose]["palm"], np.float64) * [1 if front.side == "left" else -1, 1, 1]
    out = -unit(palm) if gestures()[front.pose]["touch"] else np.array([0.0, 0.0, 1.0])
    right = unit(np.cross([0.0, 1.0, 0.0], out))
    axes = np.stack([right, np.cross(out, right), out], 1)
    skin = skin[skin[:, 1] > -0.16]
    points = np.concatenate(
        [s.positions[np.unique(s.faces)] for s in surfaces if s.region[0] in (REGIONS["hand"], REGIONS["object"])]
    )
    points = points[(points[:, 1] > -0.13)]
    return behind(points @ axes, skin @ axes, 2)
