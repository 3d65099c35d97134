"""Names of the shape axes: opposite targets folded into one signed axis, left and right twins moved together."""

from __future__ import annotations

from collections.abc import Iterable

# (negative, positive) word at a target's end, and the word that tells two axes of one stem apart
PAIRS: tuple[tuple[str, str, str], ...] = (
    ("decr", "incr", "size"), ("down", "up", "vert"), ("backward", "forward", "depth"), ("in", "out", "horiz"),
    ("concave", "convex", "curve"), ("uncompress", "compress", "width"),
)  # fmt: skip
NAMED_PAIRS = {  # targets without an opposite word that are opposites in shape
    "head-shape-oval": ("head-square", "head-oval"),
    "head-shape-round": ("head-rectangular", "head-round"),
    "head-shape-triangular": ("head-invertedtriangular", "head-triangular"),
    "ear-shape-round": ("ear-shape-square", "ear-shape-round"),
}
ALWAYS_QUALIFIED = ("trans",)
LATERAL = ("head-trans-in", "head-trans-out", "nose-trans-in", "nose-trans-out", "mouth-trans-in", "mouth-trans-out",
           "neck-trans-in", "neck-trans-out", "head-angle-in", "head-angle-out")  # fmt: skip
"""Sideways shifts of the whole: not shape, and asymmetry has its own targets."""


def fold(targets: Iterable[str]) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return {axis: (targets of the negative side, targets of the positive side)}.

    `targets` are file stems. A side without a target is empty: the axis is then the positive target scaled by a signed value.
    `l-`/`r-` twins go to one axis without the prefix.
    """
    groups: dict[str, list[str]] = {}
    for name in sorted(targets):
        plain = name[2:] if name[:2] in ("l-", "r-") else name
        if plain not in LATERAL:
            groups.setdefault(plain, []).append(name)
    axes: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for axis, (minus, plus) in NAMED_PAIRS.items():
        axes[axis] = (tuple(groups.pop(minus)), tuple(groups.pop(plus)))
    kinds: dict[str, set[str]] = {}
    for plain in groups:
        stem, kind, _ = _split(plain)
        kinds.setdefault(stem, set()).add(kind)
    sides: dict[str, list[tuple[str, ...]]] = {}
    for plain, files in groups.items():
        stem, kind, sign = _split(plain)
        qualified = kind and (len(kinds[stem]) > 1 or stem.endswith(ALWAYS_QUALIFIED))
        axis = f"{stem}-{kind}" if qualified else stem
        sides.setdefault(axis, [(), ()])[1 if sign > 0 else 0] = tuple(files)
    axes.update({axis: (minus, plus) for axis, (minus, plus) in sides.items()})
    return dict(sorted(axes.items()))


def _split(plain: str) -> tuple[str, str, int]:
    stem, _, last = plain.rpartition("-")
    for minus, plus, kind in PAIRS:
        if last in (minus, plus):
            return stem, kind, 1 if last == plus else -1
    return plain, "", 1
