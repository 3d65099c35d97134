"""The dataset card: README.md of a dataset, told from its manifest."""

from __future__ import annotations

from typing import Any

from facegen.dataset import facts, layout
from facegen.dataset.layers import LAYERS


def text(manifest: dict[str, Any]) -> str:
    """Return the card as Markdown."""
    counts, spec = manifest["counts"], manifest["spec"]
    parts = [
        f"# {manifest['name']}",
        f"{counts['images']} rendered pictures of {counts['identities']} invented people, {spec['size']} x {spec['size']} px, in "
        f"{counts['sittings']} sittings, with ground-truth labels. Made by facegen {manifest['versions']['facegen']}, dated "
        f"{manifest['date']}.",
        "![contact sheet](preview.png)",
        "## What it is made from",
        f"{facts.claim(manifest)} `{layout.SOURCES}` lists every source with its licence. Every JPEG and PNG carries an XMP "
        f"packet that says how it was made. Pictures and labels: {manifest['licences']['dataset']}.",
        "## Open it",
        _opening(),
        "## Files",
        _files(manifest),
        "## Who is in it",
        *_shares(manifest),
        "`manifest.json` holds the target and count of every cell, the balance measures and their definitions.",
        "\n".join(f"- {line}" for line in facts.MEANINGS),
        "## For and not for",
        "\n".join([*(f"- For: {line}" for line in facts.USES), *(f"- Not for: {line}" for line in facts.MISUSES)]),
        "## What may be claimed",
        "\n".join([*(f"- Yes: {line}" for line in facts.CLAIMS), *(f"- No: {line}" for line in facts.NO_CLAIMS)]),
        "## Leanings",
        "\n".join(f"- {line}" for line in facts.biases(manifest) if line not in facts.MEANINGS),
        "## Limits",
        "\n".join(f"- {line}" for line in facts.limitations(manifest)),
        "## Make it again",
        f"The spec is in `manifest.json` (sha256 `{manifest['spec_sha256']}`). `facegen verify .` checks every file and renders "
        "some pictures again; `facegen render IMAGE_ID --dataset . --out DIR` renders one.",
    ]
    return "\n\n".join(parts) + "\n"


def _opening() -> str:
    return "\n".join(
        [
            "```python",
            "import facegen",
            "",
            'data = facegen.open_dataset(".")            # data.labels, data.identities, data.sittings: pandas tables',
            "for face in data.query(\"split == 'train'\"):",
            '    face.image, face.landmarks["68"], face.labels["yaw_deg"]',
            "```",
            "",
            "`facegen show . IMAGE_ID --out picture.png` draws the labels of one picture on it.",
        ]
    )


_ABOUT_SHARDS = "tars for WebDataset: pictures, layers and labels of a task"


def _files(manifest: dict[str, Any]) -> str:
    rows = [
        f"| `{name}/` | {entry['count']} | {_bytes(entry)} | {_ABOUT_SHARDS if name == layout.SHARDS else LAYERS[name].about} |"
        for name, entry in manifest["files"].items()
        if name in LAYERS or name == layout.SHARDS
    ]
    rows += [
        f"| `{name}` | {table['rows']} rows | {table['bytes'] // max(table['rows'], 1)} | {table['columns']} columns, "
        f"schema version {table['schema_version']} |"
        for name, table in manifest["tables"].items()
    ]
    rows += [
        f"| `{layout.MANIFEST}` | | | the fairness-balance manifest |",
        f"| `{layout.DATASHEET}` | | | the questions of Datasheets for Datasets, answered |",
        f"| `{layout.CROISSANT}` | | | the dataset for loaders: MLCommons Croissant 1.1 |",
        f"| `{layout.SOURCES}` | | | licence ledger: data, code and the user's own files that went into the pictures |",
        f"| `{layout.CHECKSUMS}` | | | for `sha256sum --check` |",
    ]
    return "\n".join(["| | files | bytes each | |", "|---|---|---|---|", *rows])


def _bytes(entry: dict[str, Any]) -> str:
    return str(entry.get("bytes_per_image", ""))


def _shares(manifest: dict[str, Any]) -> list[str]:
    blocks = []
    for attribute, marginal in manifest["levels"]["image"]["marginals"].items():
        rows = [f"| {word} | {count} | {100 * marginal['target'][word]:.1f}% |" for word, count in marginal["counts"].items()]
        blocks.append("\n".join([f"| {attribute} | pictures | target |", "|---|---|---|", *rows]))
    return blocks
