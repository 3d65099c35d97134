"""The dataset card: README.md of a dataset, told from its manifest."""

from __future__ import annotations

from typing import Any

from facegen.dataset import layout


def text(manifest: dict[str, Any]) -> str:
    """Return the card as Markdown."""
    counts, spec = manifest["counts"], manifest["spec"]
    parts = [
        f"# {manifest['name']}",
        f"{counts['images']} rendered pictures of {counts['identities']} invented people, {spec['size']} x {spec['size']} px, "
        f"with ground-truth labels. Made by facegen {manifest['versions']['facegen']}, dated {manifest['date']}.",
        "![contact sheet](preview.png)",
        "## What it is made from",
        "Every person is drawn from declared distributions and rendered from a parametric 3D head; the data are derived from no "
        f"real person. `{layout.SOURCES}` lists every source with its licence. Pictures and labels: "
        f"{manifest['licences']['dataset']}. Each photograph carries an XMP packet that says so.",
        "## Files",
        _files(manifest),
        "## Who is in it",
        *_shares(manifest),
        "Sex is the head model's gender axis; ancestry names an appearance preset of that model, not an ethnicity; the skin tone "
        "is the number of an albedo anchor. `manifest.json` holds the target and count of every cell, the balance measures and "
        "their definitions.",
        "## Make it again",
        f"The spec is in `manifest.json` (sha256 `{manifest['spec_sha256']}`). `facegen verify .` checks every file and renders "
        "some pictures again; `facegen render IMAGE_ID --dataset . --out DIR` renders one.",
        "## Limits",
        _limits(manifest),
    ]
    return "\n\n".join(parts) + "\n"


def _files(manifest: dict[str, Any]) -> str:
    about = {
        "images": "the photographs, a folder an identity",
        "aligned": "112 x 112 ArcFace crops from ground-truth points",
        "masks": "region ids, one byte a pixel",
        "masks_under": "the same without what can be taken off or put down",
        "depth": "16 bit, 0.1 mm a step, 0 is background",
        "normals": "16 bit, (n + 1) * 32767.5, camera axes",
        "points": "landmarks in numpy's npz: 478_* MediaPipe's mesh, dense_* every vertex; px, camera_m, head_m, visible",
        "clean": "the same shot undegraded and unoccluded",
    }
    rows = [f"| `{name}/` | {entry['count']} | {about[name]} |" for name, entry in manifest["files"].items() if name in about]
    rows += [
        f"| `{layout.LABELS}` | | one row a picture; `sample` is all that is needed to render it again |",
        f"| `{layout.IDENTITIES}`, `{layout.SITTINGS}` | | one row each |",
        f"| `{layout.MANIFEST}` | | the fairness-balance manifest |",
        f"| `{layout.CHECKSUMS}` | | for `sha256sum --check` |",
    ]
    return "\n".join(["| | files | |", "|---|---|---|", *rows])


def _shares(manifest: dict[str, Any]) -> list[str]:
    blocks = []
    for attribute, marginal in manifest["levels"]["image"]["marginals"].items():
        rows = [f"| {word} | {count} | {100 * marginal['target'][word]:.1f}% |" for word, count in marginal["counts"].items()]
        blocks.append("\n".join([f"| {attribute} | pictures | target |", "|---|---|---|", *rows]))
    return blocks


def _limits(manifest: dict[str, Any]) -> str:
    left_out = len(manifest["rejections"])
    lines = ["- The people are rendered: what a model learns here must be tried on photographs before it is relied on."]
    if left_out:
        lines.append(f"- {left_out} planned pictures could not be made; `manifest.json` names them under `rejections`.")
    return "\n".join(lines)
