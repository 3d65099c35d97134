"""DATASHEET.md: the questions of Gebru et al., "Datasheets for Datasets" (CACM 64(12), 2021), answered from the manifest.

What facegen cannot know about a set (why it was made, by whom, where it goes) is said to be unknown, for the one who publishes it
to fill in.
"""

from __future__ import annotations

from typing import Any

from facegen.dataset import facts, layout
from facegen.dataset.layers import LAYERS

Answers = list[tuple[str, str]]


def text(manifest: dict[str, Any]) -> str:
    """Return the datasheet as Markdown."""
    sections: list[tuple[str, Answers]] = [
        ("Motivation", _motivation()),
        ("Composition", _composition(manifest)),
        ("Collection process", _collection(manifest)),
        ("Preprocessing, cleaning, labelling", _processing()),
        ("Uses", _uses()),
        ("Distribution", _distribution(manifest)),
        ("Maintenance", _maintenance(manifest)),
    ]
    parts = [
        f"# Datasheet of {manifest['name']}",
        f"Written by facegen {manifest['versions']['facegen']} from `{layout.MANIFEST}`, dated {manifest['date']}. The questions "
        "are those of Gebru et al., Datasheets for Datasets (2021), shortened. Answers that facegen cannot know say so.",
    ]
    for title, answers in sections:
        parts.append(f"## {title}")
        parts += [f"**{question}**\n\n{answer}" for question, answer in answers]
    return "\n\n".join(parts) + "\n"


def _motivation() -> Answers:
    return [
        ("For what purpose was the dataset created?", facts.UNKNOWN + " What it can serve is under Uses."),
        ("Who created it, and on behalf of whom?", facts.UNKNOWN),
        ("Who funded it?", facts.UNKNOWN),
    ]


def _composition(manifest: dict[str, Any]) -> Answers:
    counts = manifest["counts"]
    level = manifest["levels"]["image"]["marginals"]
    groups = [
        f"{name}: " + ", ".join(f"{word} {count}" for word, count in marginal["counts"].items())
        for name, marginal in level.items()
    ]
    files = manifest["files"]
    layers = [f"`{name}/`: {files[name]['count']} files, {LAYERS[name].about}" for name in LAYERS if name in files]
    if layout.SHARDS in files:
        layers = [f"`{layout.SHARDS}/`: {files[layout.SHARDS]['count']} tars of pictures, their layers and labels"]
    row = f"a row of `{layout.LABELS}` (its columns are listed in `{layout.CROISSANT}`)"
    what = "Rendered pictures of invented people with ground-truth labels. "
    return [
        ("What do the instances represent?", what + facts.claim(manifest)),
        (
            "How many instances are there?",
            f"{counts['images']} pictures of {counts['identities']} people in {counts['sittings']} sittings.",
        ),
        (
            "Is it a sample of a larger set?",
            "Of the distributions that the spec declares, and of no population of people. The same spec with more identities "
            "holds these and goes on.",
        ),
        ("What does each instance consist of?", _list([*layers, row])),
        ("Is there a label?", " ".join(facts.ANNOTATION)),
        ("Is information missing?", facts.missing(manifest)),
        (
            "Are relationships between instances explicit?",
            f"`identity_id` and `sitting_id` tie pictures of one person; "
            f"`{layout.IDENTITIES}` and `{layout.SITTINGS}` describe them.",
        ),
        ("Are there recommended splits?", "Column `split`: train, val, test, 8:1:1 by whole blocks of people; nobody is in two."),
        (
            "Are there errors, noise or redundancies?",
            "Noise, blur and compression are simulated on purpose and labelled. People are drawn independently of each other: "
            "two may look alike.",
        ),
        ("Is it self-contained?", f"Yes. `{layout.SOURCES}` lists what it was made from."),
        ("Does it contain confidential or offensive data?", "No confidential data, and no scene that is meant to offend."),
        ("Does it identify subpopulations, and how are they spread?", _list(groups)),
        ("Can individuals be identified? Is there sensitive data?", " ".join(facts.sensitive(manifest))),
    ]


def _collection(manifest: dict[str, Any]) -> Answers:
    return [
        ("How was the data acquired?", facts.COLLECTION),
        (
            "With which software and hardware?",
            f"facegen {manifest['versions']['facegen']}; renderer: {manifest['platform'].get('gl_renderer', 'unnamed')}. "
            "Versions and hashes stand in the manifest.",
        ),
        ("How was it sampled?", facts.biases(manifest)[0] + f" Seed {manifest['spec']['seed']}."),
        ("Who was involved and how were they paid?", "Nobody: no annotators, no subjects."),
        ("Over what time?", f"Not recorded; the spec is dated {manifest['date']}."),
        ("Was there ethical review? Did people consent?", "No person was recorded, so nobody was asked. " + facts.UNKNOWN),
    ]


def _processing() -> Answers:
    return [
        (
            "Was the data preprocessed or cleaned?",
            "Lens, sensor, processing, compression and channel are part of the simulation. No picture was removed for its looks.",
        ),
        ("Is the raw data kept?", f"Yes: `sample` in `{layout.LABELS}` is all that a picture was made from; it renders again."),
        ("Is the software available?", "facegen, Apache-2.0."),
    ]


def _uses() -> Answers:
    return [
        ("What can it be used for?", _list(facts.USES)),
        ("Has it been used already?", facts.UNKNOWN),
        ("What should it not be used for?", _list(facts.MISUSES)),
        ("What might affect future uses?", _list(facts.MEANINGS)),
        ("What is its impact on society?", facts.SOCIAL_IMPACT),
    ]


def _distribution(manifest: dict[str, Any]) -> Answers:
    return [
        ("Will it be distributed, how and when?", facts.UNKNOWN),
        ("Under which licence?", _list(facts.licence_lines(manifest)) + f"\n\nIn full: `{layout.SOURCES}`."),
        ("Have third parties imposed restrictions?", "None on what facegen made. " + facts.claim(manifest)),
        ("Do export controls apply?", facts.UNKNOWN),
    ]


def _maintenance(manifest: dict[str, Any]) -> Answers:
    return [
        ("Who hosts and maintains it, and how can they be reached?", facts.UNKNOWN),
        ("Will it be updated? Are older versions kept?", facts.MAINTENANCE),
        ("Are there limits on keeping data about people?", "No: it is about nobody."),
        ("Can others extend it?", f"Yes: the spec is in `{layout.MANIFEST}` (sha256 `{manifest['spec_sha256']}`)."),
        ("What are its known limits?", _list(facts.limitations(manifest))),
    ]


def _list(lines: Any) -> str:
    return "\n".join(f"- {line}" for line in lines)
