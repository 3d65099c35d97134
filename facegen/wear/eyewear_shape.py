"""The parts of a pair of glasses as geometry: rims, bridge, nose pads, temples, straps, guards, lenses."""

from __future__ import annotations

import numpy as np

from facegen.wear import shapes
from facegen.wear.eyewear_fit import RIM_POINTS, Front
from facegen.wear.fitting import HeadFit
from facegen.wear.frames import Style
from facegen.wear.shapes import Shape


def edges(front: Front) -> list[Shape]:
    """The bare edges of rimless lenses, which catch the light."""
    path = front.on(front.outline[:, 0], front.outline[:, 1])
    ring = shapes.tube(path, shapes.rounded(0.0006, 0.0018, 6, 3.0), np.array([0.0, 0.0, 1.0]), closed=True)
    return [ring, shapes.mirrored(ring)]


def rim(front: Front, style: Style) -> Shape | None:
    """The person's left rim: a rounded plate swept round the lens, thick and thin as the style has it."""
    if style.top[0] == 0:
        return None
    path = front.on(front.outline[:, 0], front.outline[:, 1])
    upper = np.clip(0.5 + 3.0 * (front.outline[:, 1] - front.y) / front.b, 0, 1)[:, None]
    size = 1e-3 * (upper * np.array(style.top) + (1 - upper) * np.array(style.bottom))
    unit_box = shapes.rounded(1.0, 1.0, 8, 4.0)
    return shapes.tube(path, unit_box * size[:, None, :], np.array([0.0, 0.0, 1.0]), closed=True)


def bridges(fit: HeadFit, front: Front, style: Style) -> list[Shape]:
    """The arch over the nose, lying on its ridge where the ridge comes so far out; aviators have a bar above it."""
    made = []
    thick = 1e-3 * np.clip(style.top[0], 1.6, 3.6)
    rises = (0.16, 0.40) if style.bar else (0.20,)
    for rise in rises:
        y = front.y + rise * front.b
        half = _inner_edge(front, y)
        x = np.linspace(-half, half, 11)
        share = 1 - (x / half) ** 2
        height = y + (0.03 if rise < 0.3 else 0.0) * front.b * share
        floor = np.array([fit.front.at(x, height + d) for d in (-thick / 2, 0, thick / 2)]).max(0) + thick / 2 + 3e-4
        z = np.maximum(front.depth(x, height) + 0.001 * share, floor)
        made.append(shapes.tube(np.stack([x, height, z], -1), shapes.rounded(thick, thick, 8, 2.5), np.array([0.0, 0.0, 1.0])))
    return made


def _inner_edge(front: Front, y: float) -> float:
    """x of the lens outline nearest the nose at height y."""
    near = front.outline[np.abs(front.outline[:, 1] - y) < 0.12 * front.b]
    return float(near[:, 0].min())


def pad(fit: HeadFit, front: Front, style: Style, side: float) -> list[Shape]:
    """A nose pad where the side of the nose meets the frame, and what holds it."""
    y = front.y - 0.10 * front.b
    z = float(front.depth(np.array(front.gap / 2), np.array(y))) - (0.0045 if style.pads else 0.0025)
    z = min(z, fit.ridge(y) - 0.0035)
    x = fit.nose_contact(side, y, z, 0.0042, 0.0022)
    for _ in range(6):  # cheeks and lids in the way: farther forward
        if x < 0.0195:
            break
        z += 0.0015
        x = fit.nose_contact(side, y, z, 0.0042, 0.0022)
    edge = _inner_edge(front, y)
    pad = shapes.ellipsoid(np.array([side * x, y, z]), (0.0014, 0.0052, 0.0030))
    start = np.array([side * edge, y + 0.003, float(front.depth(np.array(edge), np.array(y + 0.003)))])
    middle = np.array([side * (edge + x) / 2, y + 0.002, min(start[2], z + 0.001) - 0.0005])
    width = 0.0011 if style.pads else 0.0026
    arm = shapes.tube(
        np.stack([start, middle, [side * x, y, z]]), shapes.rounded(width, width, 6, 2.0), np.array([0.0, 1.0, 0.0])
    )
    return [pad, arm]


def temple(fit: HeadFit, front: Front, style: Style, side: float) -> Shape:
    """From the hinge back to the ear's top root outside of the skull, then bent down behind the ear."""
    k = int(np.argmax(front.outline[:, 0] + 0.55 * (front.outline[:, 1] - front.y)))
    corner = front.on(front.outline[k : k + 1, 0], front.outline[k : k + 1, 1])[0] * [side, 1, 1]
    root = fit.ear_root[0 if side < 0 else 1] + [0.0, 0.5e-3 * style.temple - 0.003, 0.0]
    hinge = corner + [side * 0.0045, 0.0, -0.004]
    share = np.linspace(0, 1, 12)[:, None]
    run = hinge + share * (root - hinge)
    over = max(root[2] - fit.ear_back[0 if side < 0 else 1], 0.004) + 0.001
    along = np.linspace(0, 1, 3)[1:, None]
    share = np.linspace(0, 1, 6)[1:, None]
    across = run[-1] + along * np.array([0.0, 0.0, -over])
    tip = across[-1] + share * np.array([0.0, -0.016, -0.006]) + share**2 * np.array([0.0, -0.008, 0.004])
    path = np.concatenate([run, across, tip])
    half = 0.5e-3 * style.temple
    skull = np.maximum(*(fit.side[0 if side < 0 else 1].at(path[:, 2], path[:, 1] + d) for d in (-half, half)))
    wide = np.maximum(np.abs(path[:, 0]), skull + 0.0018)
    wide[14:] = skull[14:] + 0.0018
    wide[1:-1] = np.maximum(wide[1:-1], (wide[:-2] + wide[2:]) / 2)
    path[:, 0] = side * wide
    path = np.concatenate([[corner, corner + [side * 0.003, 0, -0.001]], path])
    thick = min(style.temple, 2.4) * 1e-3
    return shapes.tube(path, shapes.rounded(thick, style.temple * 1e-3, 8, 3.0), np.array([0.0, 1.0, 0.0]))


def strap(fit: HeadFit, front: Front, style: Style, side: float) -> Shape:
    """One half of the elastic of goggles: level round the head, outside of the skull."""
    k = int(np.argmax(front.outline[:, 0]))
    corner = front.on(front.outline[k : k + 1, 0], front.outline[k : k + 1, 1])[0] * [side, 1, 1]
    z = np.linspace(corner[2] - 0.004, -0.165, 22)
    y = corner[1] + 0.010 * np.clip((corner[2] - z) / 0.06, 0, 1)
    half = style.strap / 2
    skull = np.maximum(*(fit.side[0 if side < 0 else 1].at(z, y + d) for d in (-half, half))) + 0.0026
    wide = np.where(z > -0.02, np.maximum(skull, np.interp(z, [-0.02, corner[2]], [0.0, abs(corner[0]) + 0.003])), skull)
    wide[1:-1] = np.maximum(wide[1:-1], (wide[:-2] + wide[2:]) / 2)
    path = np.stack([side * wide, y, z], -1)
    return shapes.tube(path, shapes.rounded(0.0016, style.strap, 8, 5.0), np.array([0.0, 1.0, 0.0]))


def shield(fit: HeadFit, front: Front, style: Style, side: float) -> Shape:
    """A clear guard from the rim's outer edge back towards the temple, outside of the face."""
    outer = front.outline[front.outline[:, 0] > front.center_x + 0.18 * front.a]
    outer = outer[np.argsort(-outer[:, 1])]
    edge = front.on(outer[:, 0], outer[:, 1])
    share = np.linspace(0, 1, 5)[:, None]
    z = edge[:, 2] - share * style.shield
    y = edge[:, 1] * (1 - 0.15 * share) + 0.15 * share * front.y
    x = edge[:, 0] + share * 0.004
    floor = fit.side[0 if side < 0 else 1].at(np.minimum(z, 0.028), y) + 0.0016
    x = np.where(z < 0.028, np.maximum(x, floor), x)
    grid = shapes.grid(np.stack([x, y, z], -1))
    return grid if side > 0 else shapes.mirrored(grid)


def lens_pair(front: Front) -> Shape:
    """Both lenses; uv over the lens box of each, 0..1."""
    points, faces = shapes.disc(
        np.append(front.outline, np.zeros((RIM_POINTS, 1)), 1), np.array([front.center_x, front.y, 0.0]), 5
    )
    points = front.on(points[:, 0], points[:, 1])
    uv = (points[:, :2] - [front.center_x, front.y]) / [front.a, front.b] + 0.5
    left = shapes.plain(points, faces, uv)
    return shapes.merge([left, shapes.mirrored(left)])
