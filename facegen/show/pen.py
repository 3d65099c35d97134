"""Marks that stay legible on any picture: a colour with a dark line round it, placed to a sixteenth of a pixel.

Points are in the label convention (origin at the outer corner of the top-left pixel of the labelled picture); a Pen knows how
much larger it draws. Colours are those of Okabe and Ito (2008), told apart with every common kind of colour blindness; no
meaning hangs on colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Colour = tuple[int, int, int]
ORANGE, SKY, YELLOW, PURPLE = (230, 159, 0), (86, 180, 233), (240, 228, 66), (204, 121, 167)
BLACK, WHITE, INK, PAPER = (0, 0, 0), (255, 255, 255), (30, 30, 30), (250, 250, 250)
FONT = cv2.FONT_HERSHEY_SIMPLEX
_SHIFT = 4
_FAR = 20_000
"""Pixels beyond which nothing is drawn: OpenCV's fixed-point coordinates would run over."""


@dataclass(frozen=True)
class Pen:
    """Draws on `canvas` (H, W, 3) uint8 RGB, `scale` times as large as the labelled picture; `line` px is its thinnest line."""

    canvas: NDArray[np.uint8]
    scale: float
    line: int

    def at(self, point: ArrayLike) -> tuple[int, int] | None:
        """Return a label point in OpenCV's fixed point, None where it cannot be drawn."""
        xy = np.asarray(point, np.float64) * self.scale - 0.5
        if not np.isfinite(xy).all() or np.abs(xy).max() > _FAR:
            return None
        x, y = np.round(xy * (1 << _SHIFT)).astype(int)
        return int(x), int(y)

    def dot(self, point: ArrayLike, radius: float, colour: Colour, filled: bool, wide: int = 0) -> None:
        """A disc of `radius` canvas px, or a ring of `wide` px (0: the thinnest)."""
        centre = self.at(point)
        if centre is None:
            return
        r = round(radius * (1 << _SHIFT))
        edge = round((radius + self.line) * (1 << _SHIFT))
        if filled:
            cv2.circle(self.canvas, centre, edge, BLACK, -1, cv2.LINE_AA, _SHIFT)
            cv2.circle(self.canvas, centre, r, colour, -1, cv2.LINE_AA, _SHIFT)
        else:
            cv2.circle(self.canvas, centre, r, BLACK, (wide or self.line) + 2 * self.line, cv2.LINE_AA, _SHIFT)
            cv2.circle(self.canvas, centre, r, colour, wide or self.line, cv2.LINE_AA, _SHIFT)

    def cross(self, point: ArrayLike, radius: float, colour: Colour, filled: bool) -> None:
        """A square on its corner, so that no dot is taken for it, or its outline."""
        centre = self.at(point)
        if centre is None:
            return
        r = round(radius * (1 << _SHIFT))
        corners = np.array([(0, -r), (r, 0), (0, r), (-r, 0)], np.int32) + np.array(centre, np.int32)
        cv2.polylines(self.canvas, [corners], True, BLACK, 3 * self.line, cv2.LINE_AA, _SHIFT)
        if filled:
            cv2.fillPoly(self.canvas, [corners], colour, cv2.LINE_AA, _SHIFT)
        else:
            cv2.polylines(self.canvas, [corners], True, colour, self.line, cv2.LINE_AA, _SHIFT)

    def stroke(self, points: ArrayLike, colour: Colour, width: int, closed: bool = False) -> None:
        """A line through points (N, 2)."""
        placed = [self.at(point) for point in np.asarray(points, np.float64)]
        if any(p is None for p in placed):
            return
        line = np.array(placed, np.int32)
        cv2.polylines(self.canvas, [line], closed, BLACK, width + 2 * self.line, cv2.LINE_AA, _SHIFT)
        cv2.polylines(self.canvas, [line], closed, colour, width, cv2.LINE_AA, _SHIFT)

    def box(self, xywh: ArrayLike, colour: Colour, width: int) -> None:
        """A box (x, y, w, h)."""
        x, y, w, h = (float(v) for v in np.asarray(xywh, np.float64))
        self.stroke([(x, y), (x + w, y), (x + w, y + h), (x, y + h)], colour, width, closed=True)

    def arrow(self, start: ArrayLike, end: ArrayLike, colour: Colour, width: int) -> None:
        """An arrow; one that is shorter than its head, because it points at the viewer or away, is a ring around its start."""
        a, b = np.asarray(start, np.float64), np.asarray(end, np.float64)
        length = float(np.linalg.norm(b - a)) * self.scale
        head = 4.0 * width
        if not np.isfinite(length):
            return
        if length < head:
            self.dot(a, head, colour, filled=False, wide=width)
            return
        along = (b - a) / length  # label px a canvas px
        across = np.array([-along[1], along[0]])
        foot = b - head * along
        for more, shade in ((self.line, BLACK), (0, colour)):
            side = (0.6 * head + more) * across
            placed = [self.at(p) for p in (b + 2 * more * along, foot + side, foot - side, a, foot)]
            corners = [p for p in placed if p is not None]
            if len(corners) < len(placed):
                return
            cv2.line(self.canvas, corners[3], corners[4], shade, width + 2 * more, cv2.LINE_AA, _SHIFT)
            cv2.fillPoly(self.canvas, [np.array(corners[:3], np.int32)], shade, cv2.LINE_AA, _SHIFT)

    def word(self, text: str, point: ArrayLike, colour: Colour, size: float) -> None:
        """Plain ASCII text, its left end on the base line at a label point; capitals are `size` canvas px high."""
        centre = self.at(point)
        if centre is not None:
            write(self.canvas, text, (centre[0] >> _SHIFT, centre[1] >> _SHIFT), size, colour, BLACK)


def write(
    canvas: NDArray[np.uint8], text: str, at: tuple[int, int], size: float, colour: Colour = INK, halo: Colour | None = None
) -> int:
    """Write plain ASCII `text` with its left end on the base line at `at`, capitals `size` px high; return where it ends (px)."""
    plain = text.encode("ascii", "replace").decode()
    scale, thick = size / 21.0, max(1, round(size / 11))  # Hershey's capitals are 21 units high
    if halo is not None:
        cv2.putText(canvas, plain, at, FONT, scale, halo, thick + 2 * max(1, round(size / 11)), cv2.LINE_AA)
    cv2.putText(canvas, plain, at, FONT, scale, colour, thick, cv2.LINE_AA)
    return at[0] + cv2.getTextSize(plain, FONT, scale, thick)[0][0]


def width_of(text: str, size: float) -> int:
    """Return how wide `write` makes a text, px."""
    return int(cv2.getTextSize(text, FONT, size / 21.0, max(1, round(size / 11)))[0][0])
