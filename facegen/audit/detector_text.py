"""The detector audit as text for a terminal."""

from __future__ import annotations

from typing import Any

from facegen.audit import detector
from facegen.errors import label, page


def render(found: dict[str, Any]) -> str:
    """Return the audit as text for a terminal."""
    return "\n".join(_text(one) for one in found.values())


def _text(found: dict[str, Any]) -> str:
    lines = [f"{found['detector']}: {found['rule']}", f"all: {_said(found['overall'])}"]
    for name, groups in found["groups"].items():
        gap, alone = (100 * found[key][name] for key in ("gap", "gap_face_found"))
        lines.append(f"{name}, gap {gap:.2f} points, {alone:.2f} by the face alone")
        lines += [f"  {label(key):24s} {_said(rate)}" for key, rate in groups.items()]
    lines.append(_framed(found["frame"]))
    lines.append(" x ".join(detector.CROSSED))
    lines += [f"  {label(key):40s} {_said(rate)}" for key, rate in found["crossed"].items()]
    agreement = found["agreement"]
    points = f"inner 51 points, |yaw| <= {detector.AGREEMENT_YAW_DEG:g}: "
    if agreement["mean_percent"] is None:
        lines.append(points + "not judged, no picture has a mesh")
    else:
        lines.append(
            f"{points}mean {agreement['mean_percent']:.2f}% of the outer-eye distance, "
            f"median {agreement['median_percent']:.2f}%, {agreement['pictures']} pictures"
        )
    lines += [f"  {label(key):24s} {value:.2f}%" for key, value in agreement["groups"].items()]
    lines.append(f"gate for unoccluded pictures (these reach {found['largest_yaw_deg']:.0f} degrees of yaw)")
    for name, one in found["gate"].items():
        lines.append(f"  {'ok  ' if one['holds'] else 'MISS'} {name}: {100 * one['value']:.2f}%, bar {100 * one['bar']:g}%")
    return page(lines)


def _framed(frame: dict[str, Any]) -> str:
    used, seen = frame["used"], frame["measured"]
    measured = "" if seen is None else f"; here the medians are {seen['side']:.3f} and {seen['drop']:.3f}"
    return f"frame: a square of {used['side']:.3f} of our box's height, {used['drop']:.3f} of it below its middle{measured}"


def _said(rate: dict[str, Any]) -> str:
    low, high = rate["interval"]
    more = rate["face_found"] - rate["found"]
    also = f", {more} more with another box elsewhere" if more else ""
    labelled = f", by the labels' box {100 * rate['found_by_label_box'] / rate['images']:.2f}%"
    return f"{rate['found']}/{rate['images']} {100 * rate['rate']:.2f}% [{100 * low:.2f}, {100 * high:.2f}]{also}{labelled}"
