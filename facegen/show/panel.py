"""The panel under a shown picture: keys to marks and regions, the light, and the main labels in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from facegen.dataset.checks import landmarks, scalar
from facegen.dataset.read import Face
from facegen.show import pen

if TYPE_CHECKING:
    import pandas as pd

TEXT, LINE, EDGE = 13, 26, 16
"""Height of capitals, distance of lines, margin, in px of a panel under a 768 px picture."""
COLUMN = 290
WORN = ("eyewear", "mask", "headwear", "scarf", "hand", "phone", "microphone", "cup", "paper", "hair_veil")


def panel(
    width: int, unit: float, row: pd.Series, face: Face, regions: list[tuple[str, int, pen.Colour]], ball: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Return (H, width, 3) uint8; `unit` px are one px of the sizes above; `regions`: name, id, colour of those shown."""
    words = facts(row, face)
    columns = max(1, (width - ball.shape[1] - round(3 * EDGE * unit)) // round(COLUMN * unit))
    flow = _Flow(width, unit, columns)
    flow.heading(f"{row['image_id']}   {words.pop(0)}")
    for text in words:
        flow.text(text)
    flow.heading("marks: filled = visible, outline = hidden or outside the picture; arrow seen end on = ring")
    for text, colour, kind in _MARKS:
        flow.mark(text, colour, kind)
    if regions:
        flow.heading("regions: numbers as on the map")
        for name, number, colour in regions:
            flow.mark(f"{number} {name.replace('_', ' ')}", colour, "patch")
    return flow.finish(ball)


_MARKS = (
    ("68 points (iBUG)", pen.SKY, "dot"),
    ("5 points", pen.ORANGE, "cross"),
    ("face box", pen.YELLOW, "thick"),
    ("head box", pen.PURPLE, "thick"),
    ("X: to own left", pen.SKY, "thick"),
    ("Y: up", pen.YELLOW, "thick"),
    ("Z: out of the face", pen.WHITE, "thick"),
    ("gaze of each eye", pen.ORANGE, "thick"),
)


def facts(row: pd.Series, face: Face) -> list[str]:
    """Return the main labels as short lines, the first for the heading. Raises DataError where the age or a point is missing."""
    visible = int(np.sum(landmarks(row, "landmarks_68_visible")))
    worn = [f"{name} {row[name]}" for name in WORN if name in row and row[name] not in ("none", None)]
    keys = len(face.sample.shot.light.keys)
    return [
        f"{row['sex']}, {int(scalar(row, 'age_years'))} years, {row['ancestry']} preset, skin anchor {row['skin_monk']} of 10",
        f"yaw, pitch, roll {row['yaw_deg']:+.0f} {row['pitch_deg']:+.0f} {row['roll_deg']:+.0f} deg",
        f"gaze yaw, pitch {row['gaze_yaw_deg']:+.0f} {row['gaze_pitch_deg']:+.0f} deg",
        f"expression {row['expression']}",
        f"{visible} of 68 points visible",
        f"occluded {100 * row['occluded_fraction']:.0f}%",
        f"hair {row['hair_color']} {row['hair_style']}",
        f"beard {row['beard']}, iris {row['iris_color']}",
        f"camera {row['camera']}, {row['distance_m']:.2f} m",
        f"light {row['light']}, {keys} key{'' if keys == 1 else 's'}",
        f"{row['illuminance_lux']:.0f} lx, contrast {row['light_contrast']:.1f}",
        f"degradation {row['degradation'] or 'own'}, JPEG {row['jpeg_quality']}",
        f"inter-eye {row['inter_eye_px']:.0f} px, split {row['split']}",
        *(worn or ["nothing worn or held"]),
    ]


class _Flow:
    """Lines of cells in columns, gathered first, drawn when the height is known."""

    def __init__(self, width: int, unit: float, columns: int) -> None:
        self._width, self._unit, self._columns = width, unit, columns
        self._cells: list[tuple[int, int, str, pen.Colour | None, str]] = []
        self._row, self._column = 0, 0

    def heading(self, text: str) -> None:
        if self._column:
            self._row, self._column = self._row + 1, 0
        self._cells.append((self._row, 0, text, None, "heading"))
        self._row += 1

    def text(self, text: str) -> None:
        self._put(text, None, "text")

    def mark(self, text: str, colour: pen.Colour, kind: str) -> None:
        self._put(text, colour, kind)

    def _put(self, text: str, colour: pen.Colour | None, kind: str) -> None:
        self._cells.append((self._row, self._column, text, colour, kind))
        self._column += 1
        if self._column == self._columns:
            self._row, self._column = self._row + 1, 0

    def finish(self, ball: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the panel, the ball with its caption at its right end."""
        edge, side = round(EDGE * self._unit), ball.shape[0]
        caption = ("light on a matt ball", "diamonds: key lights,", "outlined: from behind")
        height = round(max(self._row + bool(self._column) + 1, len(caption) + 0.5) * LINE * self._unit)
        height = max(height, side + round((len(caption) + 1.5) * 0.8 * LINE * self._unit))
        paper = np.full((height, self._width, 3), pen.PAPER, np.uint8)
        for row, column, text, colour, kind in self._cells:
            self._draw(paper, row, column, text, colour, kind)
        x, y = self._width - side - edge, round(0.4 * LINE * self._unit)
        paper[y : y + side, x : x + side] = ball
        small = 0.8 * TEXT * self._unit
        small *= min(1.0, side / max(pen.width_of(text, small) for text in caption))
        for n, text in enumerate(caption, 1):
            pen.write(paper, text, (x, y + side + round(0.8 * n * LINE * self._unit)), small)
        return paper

    def _draw(self, paper: NDArray[np.uint8], row: int, column: int, text: str, colour: pen.Colour | None, kind: str) -> None:
        unit = self._unit
        size = TEXT * unit * (1.15 if kind == "heading" else 1.0)
        x = round((EDGE + column * COLUMN) * unit)
        y = round((row + 1) * LINE * unit)
        room = round(self._columns * COLUMN * unit) if kind == "heading" else round((COLUMN - 12) * unit)
        if colour is not None:
            self._sample(paper, x, y, colour, kind)
            x, room = x + round(30 * unit), room - round(30 * unit)
        wide = pen.width_of(text, size)
        pen.write(paper, text, (x, y), size if wide <= room else size * room / wide)

    def _sample(self, paper: NDArray[np.uint8], x: int, y: int, colour: pen.Colour, kind: str) -> None:
        unit = self._unit
        draw = pen.Pen(paper, 1.0, max(1, round(unit)))
        middle = (x + 10 * unit, y - TEXT * unit / 2)
        if kind == "dot":
            draw.dot(middle, 3.2 * unit, colour, filled=True)
        elif kind == "cross":
            draw.cross(middle, 8 * unit, colour, filled=True)
        elif kind == "patch":
            top, bottom = round(y - 1.2 * TEXT * unit), round(y + 0.2 * TEXT * unit)
            paper[top:bottom, x : x + round(22 * unit)] = pen.BLACK
            inset = max(1, round(unit))
            paper[top + inset : bottom - inset, x + inset : x + round(22 * unit) - inset] = colour
        else:
            width = max(2, round(2.5 * unit)) if kind == "thick" else max(1, round(unit))
            draw.stroke([(x, middle[1]), (x + 22 * unit, middle[1])], colour, width)
