"""A Chart as a picture for Word: bars in black, white and hatching, every bar with its figure, nothing told by colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from generator.model.chart import Chart
from generator.model.wrapping import text_width
from generator.render.emf import CENTRE, LEFT, PER_POINT, RIGHT, Picture

WIDTH = 15000  # 0.01 mm: within the text of A4 by GB/T 9704 (156 mm)
SONG = "宋体"
LABEL, SMALLEST = 9.0, 7.0  # pt
GREY = 0x595959
SMALL = 1000  # least room for bars


@dataclass(frozen=True, slots=True)
class Drawn:
    """data: an EMF. width, height in 0.01 mm."""

    data: bytes
    width: int
    height: int


def picture(chart: Chart) -> Drawn:
    """The chart as it stands in Word."""
    return _columns(chart) if chart.compared else _bars(chart)


def wrapped(words: str, room: float, size: float) -> list[str]:
    """`words` in lines no wider than `room` (0.01 mm), broken between characters."""
    most = max(room / (size * PER_POINT / 2), 2)
    lines, line = [], ""
    for character in words:
        if line and text_width(line + character) > most:
            lines.append(line)
            line = ""
        line += character
    return [*lines, line]


def _scale(values: Sequence[Decimal], room: int) -> tuple[float, float]:
    """0.01 mm for each unit, and how far zero lies from the near end. Bars of nothing have no length and no fault."""
    low, high = min(0.0, *map(float, values)), max(0.0, *map(float, values))
    per = room / (high - low) if high > low else 0.0
    return per, -low * per


def _unit(drawn: Picture, chart: Chart) -> None:
    """What the figures are in, at the upper right; the title is the caption's."""
    drawn.text(drawn.width - 100, 400, f"单位：{chart.unit}", SONG, LABEL, RIGHT)


def _bars(chart: Chart) -> Drawn:
    """Parts of a whole: a bar a part, lying down, so that long names stand whole beside it."""
    em = LABEL * PER_POINT
    widest = max(text_width(p.label) for p in chart.points) * em / 2
    names = min(widest + 200, WIDTH * 0.38)
    labels = [wrapped(p.label, names - 150, LABEL) for p in chart.points]
    figures = [chart.figure(p) for p in chart.points]
    beside = max(map(text_width, figures)) * em / 2 + 250
    heights = [max(750, round(len(lines) * em * 1.25 + 250)) for lines in labels]
    left, top = round(names), 600
    values = [p.values[0] for p in chart.points]
    negative = min(values) < 0
    room = max(SMALL, round(WIDTH - left - beside * (2 if negative else 1)))
    per, zero = _scale(values, room)
    axis = round(left + (beside if negative else 0) + zero)
    height = top + sum(heights) + 200
    drawn = Picture(WIDTH, height, chart.title)
    _unit(drawn, chart)
    y = top
    for value, lines, figure, high in zip(values, labels, figures, heights, strict=True):
        middle = y + high // 2
        half = 230
        far = axis + round(float(value) * per)
        if value:
            drawn.box(min(axis, far), middle - half, max(axis, far, min(axis, far) + 15), middle + half, GREY)
        first = middle + round(em * 0.36 - (len(lines) - 1) * em * 0.625)
        for n, line in enumerate(lines):
            drawn.text(left - 130, first + round(n * em * 1.25), line, SONG, LABEL, RIGHT)
        if value < 0:
            drawn.text(far - 100, middle + round(em * 0.36), figure, SONG, LABEL, RIGHT)
        else:
            drawn.text(far + 100, middle + round(em * 0.36), figure, SONG, LABEL, LEFT)
        y += high
    drawn.line(axis, top, axis, y)
    return Drawn(drawn.data(), WIDTH, height)


def _columns(chart: Chart) -> Drawn:
    """This year beside last: columns, grey and hatched."""
    left, right, top, tall = 300, WIDTH - 300, 1500, 4600
    slot = (right - left) / len(chart.points)
    size = LABEL * min(1.0, max(SMALLEST / LABEL, (slot / 2 - 60) / _width(max((chart.figure(p, n) for p in chart.points for n in range(len(p.values))), key=text_width), LABEL)))
    em = LABEL * PER_POINT
    labels = [wrapped(p.label, slot - 150, LABEL) for p in chart.points]
    values = [value for p in chart.points for value in p.values]
    width = min(1200.0, slot * 0.4)
    per, zero = _scale(values, tall)
    axis = round(top + tall - zero)
    below = top + tall + (450 if min(values) < 0 else 100)
    height = round(below + max(map(len, labels)) * em * 1.25 + 350)
    drawn = Picture(WIDTH, height, chart.title)
    _unit(drawn, chart)
    x = round(WIDTH / 2 - 3400)
    for n, name in enumerate(chart.series):
        _column(drawn, n, x, 130, x + 500, 430)
        drawn.text(x + 620, 400, name, SONG, LABEL)
        x += 3600
    for i, point in enumerate(chart.points):
        middle = left + slot * (i + 0.5)
        for n, value in enumerate(point.values):
            near, far = round(middle + (n - 1) * width), round(middle + n * width)
            end = axis - round(float(value) * per)
            if value:
                _column(drawn, n, near, min(axis, end), far, max(axis, end, min(axis, end) + 15))
            y = end - 90 if value >= 0 else end + round(size * PER_POINT) + 30
            figure = chart.figure(point, n)
            if _width(figure, size) > width - 60:  # wider than its column: outwards, so that it touches neither the other column nor its figure
                drawn.text(far - 30 if n == 0 else near + 30, y, figure, SONG, size, RIGHT if n == 0 else LEFT)
            else:
                drawn.text((near + far) // 2, y, figure, SONG, size, CENTRE)
        for n, line in enumerate(labels[i]):
            drawn.text(round(middle), round(below + em + n * em * 1.25), line, SONG, LABEL, CENTRE)
    drawn.line(left, axis, right, axis)
    return Drawn(drawn.data(), WIDTH, height)


def _column(drawn: Picture, series: int, left: int, top: int, right: int, bottom: int) -> None:
    if series == 0:
        drawn.box(left, top, right, bottom, GREY)
    else:
        drawn.hatched(left, top, right, bottom)


def _width(words: str, size: float) -> float:
    """In 0.01 mm."""
    return text_width(words) * size * PER_POINT / 2
