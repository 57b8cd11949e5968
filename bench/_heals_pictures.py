"""The calibration curve as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from _heals_figures import Bin

SIDE, EDGE, TITLE = 520, 70, 24
COLOURS = ("#1c7ed6", "#e8590c", "#2f9e44", "#7048e8")


def draw_calibration(curves: Mapping[str, Sequence[Bin]], out: Path) -> None:
    """Draw how often answers were right over how sure they were; on the diagonal confidence is honest."""
    side = SIDE + 2 * EDGE
    image = Image.new("RGB", (side, side + TITLE * len(curves)), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(15)
    _draw_axes(pen, font)
    for number, (name, curve) in enumerate(curves.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = [_place(b.said, b.right) for b in curve]
        pen.line(points, fill=colour, width=2)
        for x, y in points:
            pen.ellipse((x - 4, y - 4, x + 4, y + 4), fill=colour)
        line = side - 4 + TITLE * number
        pen.rectangle((EDGE, line, EDGE + 14, line + 14), fill=colour)
        pen.text((EDGE + 22, line - 2), f"{name}, {sum(b.n for b in curve)} answers", fill="black", font=font)
    out.parent.mkdir(parents=True, exist_ok=True)
    image.save(out, optimize=True)


def _draw_axes(pen: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> None:
    pen.rectangle((*_place(0, 1), *_place(1, 0)), outline="black")
    pen.line((*_place(0, 0), *_place(1, 1)), fill="#adb5bd", width=2)
    for tenth in range(0, 11, 2):
        x, bottom = _place(tenth / 10, 0)
        left, y = _place(0, tenth / 10)
        pen.line((x, bottom, x, bottom + 6), fill="black")
        pen.line((left - 6, y, left, y), fill="black")
        pen.text((x - 10, bottom + 10), f"{tenth / 10:.1f}", fill="black", font=font)
        pen.text((left - 36, y - 9), f"{tenth / 10:.1f}", fill="black", font=font)
    pen.text((EDGE + SIDE // 2 - 70, EDGE + SIDE + 32), "confidence that was said", fill="black", font=font)
    pen.text((EDGE - 40, EDGE - 40), "share that was right", fill="black", font=font)


def _place(said: float, right: float) -> tuple[float, float]:
    return EDGE + SIDE * said, EDGE + SIDE * (1 - right)
