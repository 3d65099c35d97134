"""Are people of a plan different people? Nearest pairs against one person's own variation.

    python benchmarks/identities.py [--identities 2000] [--spec pipelines/demo.yaml] [--seed N]

Faces are neutral, age 35, at average body fat (so that fat tells nobody apart), similarity-aligned, compared by mean distance of
face vertices within one sex and ancestry. The twin test sets each person's distance to the nearest other beside how far the
same person moves from age 35 to 25, 50, 65 and over two standard steps of body fat between sittings, and counts the people who
move farther than their nearest neighbour stands.
"""

from __future__ import annotations

import argparse
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from facegen.head.model import HeadModel
from facegen.population.plan import Plan, build
from facegen.spec import DatasetSpec

F32 = NDArray[np.float32]
AGE, FAT = 35.0, 0.5
CHANGES = {"25 years": (25.0, FAT), "50 years": (50.0, FAT), "65 years": (65.0, FAT), "another weight": (AGE, FAT + 0.12)}
VARIED = 40
"""People of each group whose own variation is measured."""
SHORTLIST = 12


def faces(plan: Plan, model: HeadModel, identities: int) -> tuple[dict[tuple[str, str], F32], dict[tuple[str, str], list[int]]]:
    """Return {(sex, ancestry): (N, F, 3)} face vertices in millimetres, aligned to their group's mean, and whose they are."""
    groups, who = defaultdict(list), defaultdict(list)
    for n in range(identities):
        person = plan.identity(n)
        groups[person.sex, person.ancestry].append(face(plan, model, n, AGE, FAT))
        who[person.sex, person.ancestry].append(n)
    return {key: aligned(np.stack(found)) for key, found in groups.items()}, dict(who)


def face(plan: Plan, model: HeadModel, n: int, age: float, fat: float) -> F32:
    """Return (F, 3) face vertices of person `n`, mm."""
    sitting = plan.sitting(n, 0).model_copy(update={"age_years": age, "body_fat": fat})
    return 1000 * model.shape(plan.identity(n), sitting).vertices[model.topology.masks["face"] > 0.5]


def aligned(people: F32, to: F32 | None = None) -> F32:
    """Return people (N, F, 3) after the similarity (Umeyama 1991) that brings each nearest to `to` (F, 3), else their mean."""
    people = people - people.mean(axis=1, keepdims=True)
    mean = people.mean(axis=0) if to is None else to
    u, size, vt = np.linalg.svd(np.einsum("nfi,fj->nij", people, mean))
    turn = u @ vt
    flip = np.linalg.det(turn) < 0
    if flip.any():
        raise ValueError("a face is aligned by a reflection")
    scale = size.sum(axis=1) / (people**2).sum(axis=(1, 2))
    return np.asarray(np.einsum("nfi,nij->nfj", people, turn) * scale[:, None, None], dtype=np.float32)


def nearest(people: F32) -> NDArray[np.float64]:
    """Return (N,) each person's mean vertex distance to the nearest other, mm: the best of SHORTLIST by root mean square."""
    flat = people.reshape(len(people), -1)
    square = np.einsum("nf,nf->n", flat, flat)
    best = np.empty(len(people))
    for i in range(len(people)):
        rms = square + square[i] - 2 * flat @ flat[i]
        rms[i] = np.inf
        near = np.argpartition(rms, min(SHORTLIST, len(rms) - 1))[:SHORTLIST]
        best[i] = np.linalg.norm(people[near[near != i]] - people[i], axis=2).mean(axis=1).min()
    return best


def own(plan: Plan, model: HeadModel, people: F32, who: list[int]) -> dict[str, NDArray[np.float64]]:
    """Return {change: (M,)} how far the first VARIED people move under each change, mm."""
    out = {}
    for name, (age, fat) in CHANGES.items():
        moved = [aligned(face(plan, model, n, age, fat)[None], people[k])[0] for k, n in enumerate(who[:VARIED])]
        out[name] = np.array([np.linalg.norm(a - b, axis=1).mean() for a, b in zip(moved, people, strict=False)])
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--identities", type=int, default=2000)
    parser.add_argument("--spec", default="pipelines/demo.yaml")
    parser.add_argument("--seed", type=int)
    given = parser.parse_args()
    spec = DatasetSpec.load(given.spec).model_copy(update={"identities": given.identities})
    plan = build(spec if given.seed is None else spec.model_copy(update={"seed": given.seed}))
    model = HeadModel.load()
    groups, who = faces(plan, model, given.identities)
    least, moves, near_all = np.inf, defaultdict(list), []
    for key, people in sorted(groups.items()):
        near = nearest(people)
        least = min(least, near.min())
        near_all.append(near)
        for name, moved in own(plan, model, people, who[key]).items():
            moves[name].append((moved, near[: len(moved)]))
        print(f"{key[0]:7s} {key[1]:12s} {len(people):5d} people, nearest pair {near.min():.2f} mm, median {np.median(near):.2f}")
    every = np.concatenate(near_all)
    print(f"nearest neighbour: least {least:.2f}, 1% {np.quantile(every, 0.01):.2f}, median {np.median(every):.2f} mm")
    for name, pairs in moves.items():
        moved, near = (np.concatenate(part) for part in zip(*pairs, strict=True))
        print(f"same person, {name}: median {np.median(moved):.2f}, 95% {np.quantile(moved, 0.95):.2f} mm; "
              f"{100 * (moved > near).mean():.0f}% move beyond their nearest neighbour")  # fmt: skip


if __name__ == "__main__":
    main()
