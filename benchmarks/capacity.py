"""How many people does a set hold? A recogniser trained on some of them is judged on the others.

    facegen generate pipelines/recognition_small.yaml --out out/recognition
    python benchmarks/capacity.py out/recognition [--taught 400] [--steps 2000] [--out capacity.json]

Crops and net are near those of docs/recognition.md: grey, 64 px, 128 numbers a face, additive cosine margin. Of the people that
it has not seen, over all and by group: d', EER, FNMR at the threshold where 1 in 1,000 of all non-mated pairs is accepted, the
group's own FMR there, and two counts of people:
- `half`: among how many two are confused with probability 1/2, sqrt(2 ln 2 / FMR), the birthday bound, at the threshold that
  accepts 9 in 10 of all mated pairs; where a group has no false match there, the rule of three gives the least it can be;
- `volume`: 2 ** (sum_i log2(1 + b_i / w_i) / 2), how often the ellipsoid of one person's own spread goes into that of everybody
  (Gong, Boddeti & Jain, "On the Capacity of Face Representation", arXiv:1709.10433): an upper bound, of this net, estimated
  from below (measures.verification says how): compare groups of like size, and believe none of under a hundred people.
Non-mated pairs of a group lie within it. Needs PyTorch.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from typing import Any

import faces
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from facegen.dataset.read import Dataset
from facegen.errors import DataError, FacegenError
from facegen.measures import verification as v
from facegen.measures.intervals import rule_of_three

SIZE, WIDTH = 64, 128
MARGIN, SCALE = 0.2, 24.0
BATCH, RATE, DECAY = 128, 0.1, 5e-4
FMR = 1e-3
ACCEPTED = 0.9
MOST_PAIRS = 20_000_000
LEAST_PEOPLE = 8


def net(torch: Any) -> Any:
    """Return the embedding net of docs/recognition.md: (N, 1, 64, 64) to (N, 128)."""
    nn = torch.nn

    def conv(a: int, b: int, k: int, stride: int) -> Any:
        return nn.Sequential(nn.Conv2d(a, b, k, stride, k // 2, bias=False), nn.BatchNorm2d(b), nn.PReLU(b))

    class Block(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.body = nn.Sequential(conv(width, width, 3, 1), conv(width, width, 3, 1))

        def forward(self, x: Any) -> Any:
            return x + self.body(x)

    body = [conv(1, 32, 5, 2), conv(32, 64, 3, 2), Block(64), conv(64, 128, 3, 2), Block(128), Block(128)]
    return nn.Sequential(*body, nn.Flatten(), nn.Dropout(0.3), nn.Linear(128 * (SIZE // 8) ** 2, WIDTH), nn.BatchNorm1d(WIDTH))


def learn(x: NDArray[np.uint8], who: NDArray[np.int64], steps: int, seed: int) -> tuple[Any, float]:
    """Return the net trained to tell `who` apart, and its accuracy over the last tenth of the steps."""
    torch = faces.torch()
    torch.manual_seed(seed)
    rng, functional = np.random.default_rng([seed, 2]), torch.nn.functional
    embed = net(torch)
    centers = torch.nn.Parameter(torch.nn.init.xavier_uniform_(torch.empty(int(who.max()) + 1, WIDTH)))
    optimiser = torch.optim.SGD([*embed.parameters(), centers], lr=RATE, momentum=0.9, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    right, order = [], np.empty(0, np.int64)
    for _ in range(steps):
        while len(order) < BATCH:
            order = np.concatenate([order, rng.permutation(len(x))])
        batch, order = order[:BATCH], order[BATCH:]
        seen = hidden(faces.augmented(torch.from_numpy(x[batch].astype(np.float32) / 255), rng), rng)
        cosine = functional.linear(functional.normalize(embed(seen)), functional.normalize(centers))
        target = torch.from_numpy(who[batch])
        loss = functional.cross_entropy(SCALE * (cosine - MARGIN * functional.one_hot(target, len(centers))), target)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
        right.append(float((cosine.argmax(1) == target).float().mean()))
    return embed.eval(), float(np.mean(right[-max(steps // 10, 1) :]))


def hidden(x: Any, rng: np.random.Generator) -> Any:
    """Return the pictures, a third of them with a grey block over part of the face, all with a little noise."""
    torch = faces.torch()
    for n in np.flatnonzero(rng.random(len(x)) < 1 / 3):
        high, wide = rng.integers(SIZE // 8, SIZE // 3, 2)
        top, left = rng.integers(0, SIZE - high), rng.integers(0, SIZE - wide)
        x[n, :, top : top + high, left : left + wide] = float(rng.random())
    return x + torch.from_numpy(rng.normal(0, 0.02, tuple(x.shape)).astype(np.float32))


def embedded(embed: Any, x: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return (N, 128) unit embeddings, each of a picture and its mirror image together."""
    torch, parts = faces.torch(), []
    with torch.no_grad():
        for start in range(0, len(x), 256):
            seen = torch.from_numpy(x[start : start + 256].astype(np.float32) / 255)
            parts.append(torch.nn.functional.normalize(embed(seen) + embed(seen.flip(3))).double().numpy())
    return np.concatenate(parts)


def scores(embeddings: NDArray[np.float64], people: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the cosines of all mated and of all non-mated pairs (of evenly spaced ones where there are very many)."""
    first, second = np.triu_indices(len(people), 1)
    same = people[first] == people[second]
    other = np.flatnonzero(~same)
    other = other[:: -(-len(other) // MOST_PAIRS)]
    mated = np.einsum("ij,ij->i", embeddings[first[same]], embeddings[second[same]])
    every = embeddings @ embeddings.T
    return mated, every[first[other], second[other]]


@dataclass(frozen=True)
class Thresholds:
    """Set over everybody, then used in every group."""

    fmr: float
    accepting: float


def judged(
    embeddings: NDArray[np.float64], people: NDArray[Any], at: Thresholds | None = None
) -> tuple[dict[str, Any], Thresholds]:
    """Return the figures of one group, and the thresholds used: its own where `at` is None."""
    mated, nonmated = scores(embeddings, people)
    if at is None:
        at = Thresholds(v.threshold_at(nonmated, FMR), v.threshold_accepting(mated, ACCEPTED))
    (rejected, pairs), (accepted, others) = v.fnmr_at(mated, at.fmr), v.fmr_at(nonmated, at.fmr)
    confused = v.fmr_at(nonmated, at.accepting)[0]
    bits = v.information_bits(embeddings, people)
    found = {
        "people": len(np.unique(people)),
        "pictures": len(people),
        "d_prime": v.d_prime(mated, nonmated),
        "eer": v.eer(mated, nonmated),
        "fnmr": rejected / pairs,
        "fnmr_of": [rejected, pairs],
        "fmr": accepted / others,
        "fmr_of": [accepted, others],
        "half": v.birthday(confused / others if confused else rule_of_three(others)),
        "half_is_least": confused == 0,
        "bits": bits,
        "volume": 2.0**bits,
    }
    return found, at


def groups(table: pd.DataFrame) -> dict[str, NDArray[np.intp]]:
    """Return the rows of each group of people that is large enough to judge."""
    found = {f"{name} {word}": rows for name in faces.GROUPS for word, rows in table.groupby(name).indices.items()}
    return {name: rows for name, rows in found.items() if _judgeable(table.iloc[rows])}


def _judgeable(part: pd.DataFrame) -> bool:
    """A person whose later sittings lie in another band may have one picture here: such groups are cut to those with two."""
    return part["identity_id"].nunique() >= LEAST_PEOPLE and int(part["identity_id"].value_counts().min()) >= 2


def line(name: str, one: dict[str, Any]) -> str:
    least = ">=" if one["half_is_least"] else "  "
    missed = f"{100 * one['fnmr']:.2f}% ({one['fnmr_of'][0]}/{one['fnmr_of'][1]})"
    return (
        f"{name:24s} {one['people']:5d} {one['d_prime']:6.2f} {100 * one['eer']:6.2f}% {missed:>26s}"
        f" {one['fmr']:9.1e} {least}{one['half']:7.0f} {one['bits']:6.1f} bits {one['volume']:9.2g}"
    )


def main() -> None:
    parser = faces.arguments(__doc__, steps=2000)
    parser.add_argument("--taught", type=int, help="people to train on, two thirds when left out; the others are judged")
    given = parser.parse_args()
    dataset = Dataset.open(given.dataset)
    faces.torch()
    table = faces.labels(dataset)
    people = sorted(table["identity_id"].unique())
    taught = 2 * len(people) // 3 if given.taught is None else given.taught
    if not 2 <= taught <= len(people) - LEAST_PEOPLE:
        raise DataError(f"taught {taught} of {len(people)} people; leave at least {LEAST_PEOPLE} to be judged")
    x = faces.crops(dataset, table, SIZE, grey=True)
    known = table["identity_id"].isin(people[:taught]).to_numpy()
    embed, accuracy = learn(x[known], pd.Categorical(table["identity_id"][known]).codes.astype(np.int64), given.steps, given.seed)
    print(f"taught {taught} people, {int(known.sum())} pictures, {given.steps} steps, training accuracy {accuracy:.3f}"
          + (" (below 0.8: undertrained, not comparable)" if accuracy < 0.8 else ""))  # fmt: skip
    rest = table[~known].reset_index(drop=True)
    who, embeddings = rest["identity_id"].to_numpy(), embedded(embed, x[~known])
    everybody, at = judged(embeddings, who)
    found = {"all": everybody, **{name: judged(embeddings[rows], who[rows], at)[0] for name, rows in groups(rest).items()}}
    print(f"{'judged':24s}people     d'     EER {f'FNMR at FMR {FMR:g}':>26s}   own FMR       half        volume")
    print("\n".join(line(name, one) for name, one in found.items()))
    if given.out is not None:
        report = {
            "dataset": str(given.dataset),
            "taught": taught,
            "steps": given.steps,
            "training_accuracy": accuracy,
            "thresholds": asdict(at),
            "judged": found,
        }
        given.out.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    try:
        main()
    except FacegenError as error:
        sys.exit(f"capacity: {error}")
