"""How near are the two most alike people of a plan? Mean face-vertex distance, neutral, age 35, similarity-aligned.

    python benchmarks/identities.py [--identities 2000] [--spec pipelines/demo.yaml]

Pairs are compared within the same sex and ancestry, as the same body fat would hide nothing: each person keeps their own.
"""

from __future__ import annotations

import argparse
from collections import defaultdict

import numpy as np
import trimesh
from numpy.typing import NDArray

from facegen.head.model import HeadModel
from facegen.population.plan import build
from facegen.spec import DatasetSpec

AGE = 35.0


def faces(identities: int, spec: DatasetSpec) -> dict[tuple[str, str], NDArray[np.float32]]:
    """Return {(sex, ancestry): (N, F, 3)} face vertices in millimetres, each person aligned to the group's first mean."""
    model = HeadModel.load()
    face = model.topology.masks["face"] > 0.5
    plan = build(spec.model_copy(update={"identities": identities}))
    groups = defaultdict(list)
    for n in range(identities):
        person = plan.identity(n)
        sitting = plan.sitting(n, 0).model_copy(update={"age_years": AGE})
        groups[person.sex, person.ancestry].append(1000 * model.shape(person, sitting).vertices[face])
    return {key: _aligned(np.stack(found)) for key, found in groups.items()}


def _aligned(people: NDArray[np.float32]) -> NDArray[np.float32]:
    mean = people.mean(axis=0)
    out = []
    for one in people:
        _, moved, _ = trimesh.registration.procrustes(one, mean, reflection=False)
        out.append(moved)
    return np.asarray(out, dtype=np.float32)


def nearest(people: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return (N,) each person's distance to the nearest other, in millimetres."""
    best = np.full(len(people), np.inf)
    for i in range(len(people) - 1):
        distance = np.linalg.norm(people[i + 1 :] - people[i], axis=2).mean(axis=1)
        best[i] = min(best[i], distance.min())
        best[i + 1 :] = np.minimum(best[i + 1 :], distance)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--identities", type=int, default=2000)
    parser.add_argument("--spec", default="pipelines/demo.yaml")
    given = parser.parse_args()
    for key, people in sorted(faces(given.identities, DatasetSpec.load(given.spec)).items()):
        near = nearest(people)
        print(f"{key[0]:7s} {key[1]:12s} {len(people):4d} people, nearest pair {near.min():.2f} mm, median {np.median(near):.2f}")


if __name__ == "__main__":
    main()
