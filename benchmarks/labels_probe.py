"""Can the labels be seen? A net learns them from pictures of some people and reads them on others.

    facegen generate pipelines/labels_probe.yaml --out out/labels_probe
    python benchmarks/labels_probe.py out/labels_probe [--out probe.json] [--steps 1400]

Probe 1 sees two colour crops, from hair to chin and, larger, the face alone, and reads sex, age, ancestry and expression; probe
2 sees grey crops of the face alone (hair, ears, beard and background replaced by the face's mean, cut at the brows) and reads
sex and ancestry. People with a visible beard are left out of probe 2, since the hole would tell. Only people of unmixed presets
whose `sex_value` is below 0.2 or above 0.8 are used. Needs PyTorch. The figures are bars for the renderer: too low, and a label
is not in the picture; above 99% without hair, and a group is drawn as a stereotype.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import faces
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from facegen.dataset.read import Dataset
from facegen.errors import DataError, FacegenError
from facegen.spec import names

SIZE = 96
HAIR_ZOOM, FACE_ZOOM = 0.72, 1.0
"""Crops on the ArcFace template, and shrunk so that hair shows. In the smaller one alone the shapes of eyes, nose and mouth are
lost: a probe of it read ancestry worse than one of grey faces without hair did."""
BATCH, RATE, DECAY = 64, 2e-3, 5e-2
AGE_MEAN, AGE_SD = 50.0, 18.0
CLEAR = (0.2, 0.8)
HAIRLESS = ("none", "shadow")
BARS = {"sex": 0.95, "age": 8.0, "ancestry": 0.90, "expression": 0.85}
FACE_BARS = {"sex": 0.85, "ancestry": 0.65}
STEREOTYPE = 0.99


def chosen(dataset: Dataset) -> pd.DataFrame:
    """Return the rows of clear people, each label also as a number: `sex_n`, `ancestry_n`, `expression_n`."""
    table = faces.labels(dataset)
    clear = (table["sex_value"] < CLEAR[0]) | (table["sex_value"] > CLEAR[1])
    table = table[clear & table["ancestry"].isin(names.ancestries())].reset_index(drop=True)
    for label in ("sex", "ancestry", "expression"):
        table[f"{label}_n"] = pd.Categorical(table[label]).codes
    return table


def halves(table: pd.DataFrame) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which rows are learned from and which read: the first half of the people, who are balanced, and the others."""
    people = sorted(table["identity_id"].unique())
    if len(people) < 4:
        raise DataError(
            f"{len(people)} people with a clear sex are too few; generate more (1,152 for figures that mean anything)"
        )
    first = table["identity_id"].isin(people[: len(people) // 2]).to_numpy()
    return first, ~first


def net(torch: Any, views: int, channels: int, outputs: int) -> Any:
    """Return small residual nets, one a view, from (N, views, channels, SIZE, SIZE) to (N, outputs) of all views together; 80
    million multiplications a view."""
    nn = torch.nn

    def conv(a: int, b: int, k: int, stride: int) -> Any:
        return nn.Sequential(nn.Conv2d(a, b, k, stride, k // 2, bias=False), nn.BatchNorm2d(b), nn.ReLU(inplace=True))

    class Block(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.body = nn.Sequential(
                conv(width, width, 3, 1), nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)
            )

        def forward(self, x: Any) -> Any:
            return torch.relu(x + self.body(x))

    def eye() -> Any:
        stages = [
            conv(channels, 24, 5, 2),
            conv(24, 48, 3, 2),
            Block(48),
            conv(48, 96, 3, 2),
            Block(96),
            conv(96, 160, 3, 2),
            Block(160),
        ]
        return nn.Sequential(*stages, nn.AdaptiveAvgPool2d(1), nn.Flatten())

    class Views(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.eyes = nn.ModuleList(eye() for _ in range(views))
            self.head = nn.Sequential(nn.Dropout(0.3), nn.Linear(160 * views, outputs))

        def forward(self, x: Any) -> Any:
            seen = [e(x[:, v].contiguous(memory_format=torch.channels_last)) for v, e in enumerate(self.eyes)]
            return self.head(torch.cat(seen, dim=1))

    return Views().to(memory_format=torch.channels_last)  # a sixth faster on a CPU


class Probe:
    """One net and its heads: name -> slice of the outputs; 'age' is a number, the others classes."""

    def __init__(self, torch: Any, shape: tuple[int, int], classes: dict[str, int], seed: int) -> None:
        torch.manual_seed(seed)
        self.torch, self.rng = torch, np.random.default_rng([seed, 1])
        ends = np.cumsum([0, *classes.values()])
        self.heads = {name: slice(int(a), int(b)) for name, a, b in zip(classes, ends, ends[1:], strict=False)}
        self.net = net(torch, *shape, int(ends[-1]))

    def learn(self, x: NDArray[np.uint8], table: pd.DataFrame, steps: int) -> None:
        """Train on pictures x (N, V, C, S, S) in V views and their rows: AdamW, one-cycle rate."""
        torch, loss_of = self.torch, self.torch.nn.functional
        optimiser = torch.optim.AdamW(self.net.parameters(), lr=RATE, weight_decay=DECAY)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=0.2)
        targets = {name: torch.from_numpy(_target(table, name)) for name in self.heads}
        self.net.train()
        order: list[int] = []
        for _ in range(steps):
            if len(order) < BATCH:
                order += self.rng.permutation(len(x)).tolist()
            batch, order = order[:BATCH], order[BATCH:]
            drawn = torch.from_numpy(x[batch].astype(np.float32) / 255)
            out = self.net(torch.stack([faces.augmented(drawn[:, v], self.rng) for v in range(x.shape[1])], dim=1))
            loss = sum(
                loss_of.smooth_l1_loss(out[:, where].squeeze(1), targets[name][batch], beta=0.3)
                if name == "age"
                else loss_of.cross_entropy(out[:, where], targets[name][batch], label_smoothing=0.05)
                for name, where in self.heads.items()
            )
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            schedule.step()

    def read(self, x: NDArray[np.uint8]) -> dict[str, NDArray[Any]]:
        """Return what each head says of each picture, of it and its mirror image together: class numbers, or years."""
        torch = self.torch
        self.net.eval()
        parts = []
        with torch.no_grad():
            for start in range(0, len(x), 256):
                seen = torch.from_numpy(x[start : start + 256].astype(np.float32) / 255)
                parts.append(((self.net(seen) + self.net(seen.flip(4))) / 2).numpy())
        out = np.concatenate(parts)
        return {
            name: AGE_MEAN + AGE_SD * out[:, where][:, 0] if name == "age" else out[:, where].argmax(1)
            for name, where in self.heads.items()
        }


def _target(table: pd.DataFrame, name: str) -> NDArray[Any]:
    if name == "age":
        return ((table["age_years"].to_numpy(np.float32) - AGE_MEAN) / AGE_SD).astype(np.float32)
    return table[f"{name}_n"].to_numpy(np.int64)


def judged(table: pd.DataFrame, said: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """Return, for each label, the figure over all pictures and by group: a mean absolute error of years, or a rate with k, n."""
    found: dict[str, Any] = {}
    for name, values in said.items():
        if name == "age":
            right = np.abs(values - table["age_years"].to_numpy())
        else:
            right = values == table[f"{name}_n"].to_numpy()
        by = [*faces.GROUPS, *([name] if name not in faces.GROUPS and name != "age" else [])]
        groups = {f"{key} {word}": _figure(right[rows]) for key in by for word, rows in table.groupby(key).indices.items()}
        found[name] = {"all": _figure(right), "groups": groups}
    return found


def _figure(right: NDArray[Any]) -> dict[str, Any]:
    if right.dtype == bool:
        return faces.rate(right)
    return {"mae_years": float(right.mean()), "of": len(right)}


def said(found: dict[str, Any], bars: dict[str, float], flag: float | None = None) -> str:
    """Return one probe's figures as text, worst group beside each bar, then every group."""
    lines = []
    for name, one in found.items():
        bar, value = bars[name], _value(one["all"])
        good = value <= bar if name == "age" else value >= bar
        mark = "ok  " if good else "MISS"
        mark = "STEREOTYPE" if flag is not None and value > flag else mark
        lines.append(f"{mark} {name:11s} {_text(one['all'])}   bar {bar:g}{' years at most' if name == 'age' else ' at least'}")
        lines += [f"       {group:28s} {_text(figure)}" for group, figure in one["groups"].items()]
    return "\n".join(lines)


def _value(figure: dict[str, Any]) -> float:
    return figure["mae_years"] if "mae_years" in figure else figure["rate"]


def _text(figure: dict[str, Any]) -> str:
    if "mae_years" in figure:
        return f"{figure['mae_years']:.2f} years off, {figure['of']} pictures"
    low, high = figure["interval"]
    return f"{100 * figure['rate']:.1f}% ({figure['hits']}/{figure['of']}) [{100 * low:.1f}, {100 * high:.1f}]"


def probe(
    dataset: Dataset, table: pd.DataFrame, labels: tuple[str, ...], face_only: bool, steps: int, seed: int
) -> dict[str, Any]:
    """Return what a probe trained on the first half of the people of `table` reads on the others."""
    torch = faces.torch()
    began = time.perf_counter()
    learned, read = halves(table)
    zooms = (FACE_ZOOM,) if face_only else (HAIR_ZOOM, FACE_ZOOM)
    x = np.stack([faces.crops(dataset, table, SIZE, zoom, grey=face_only, face_only=face_only) for zoom in zooms], axis=1)
    classes = {name: 1 if name == "age" else int(table[f"{name}_n"].max()) + 1 for name in labels}
    net_and_heads = Probe(torch, x.shape[1:3], classes, seed)
    net_and_heads.learn(x[learned], table[learned], steps)
    rest = table[read].reset_index(drop=True)
    people = [int(table[rows]["identity_id"].nunique()) for rows in (learned, read)]
    found = judged(rest, net_and_heads.read(x[read]))
    return {
        "people": people,
        "pictures": [int(learned.sum()), int(read.sum())],
        "seconds": time.perf_counter() - began,
        "labels": found,
    }


def main() -> None:
    given = faces.arguments(__doc__, steps=1400).parse_args()
    dataset = Dataset.open(given.dataset)
    faces.torch()
    table = chosen(dataset)
    bare = table[table["beard"].isin(HAIRLESS)].reset_index(drop=True)
    asked = {
        "colour crops, hair to chin": (table, tuple(BARS), False, BARS, None),
        "grey, the face alone": (bare, tuple(FACE_BARS), True, FACE_BARS, STEREOTYPE),
    }
    results = {}
    for name, (rows, labels, face_only, bars, flag) in asked.items():
        results[name] = one = probe(dataset, rows, labels, face_only, given.steps, given.seed)
        (here, there), (most, others) = one["people"], one["pictures"]
        print(f"{name}: {here} people ({most} pictures) taught, {there} others ({others}) read, {one['seconds']:.0f} s")
        print(said(one["labels"], bars, flag), flush=True)
    if given.out is not None:
        given.out.write_text(json.dumps({"dataset": str(given.dataset), "steps": given.steps, "probes": results}, indent=1))


if __name__ == "__main__":
    try:
        main()
    except FacegenError as error:
        sys.exit(f"labels_probe: {error}")
