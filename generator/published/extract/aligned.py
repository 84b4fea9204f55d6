"""Tables without lines around their cells: columns from the room between words, under a heading that is recognised.

Works on lines of words with their places, so for a page of a PDF and for text that keeps its columns with spaces. When it cannot be
sure which column a figure stands in, it says so (None), and the lines are told as unread: a figure in the wrong column is worse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from generator.published.model import GridCell, Spot
from generator.published.sections import is_heading
from generator.published.words import as_figure, is_dash, is_number_line, looks_like_title, plain, unit_in

FEWEST = 3  # lines with figures that make a table
WRAPS = 4  # lines that a label may go on without figures
LEADING = 0.45  # of the type's height: room between the lines of one cell; more is the next row
_OPENS = re.compile(r"[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]|\d")
_HEADS = re.compile(r"合计|总计|小计|科目|项目|编码|金额|预算数|名称|支出|收入")
_NARRATIVE = re.compile(r"[。；]|[，,].*[，,]")


@dataclass(frozen=True, slots=True)
class Word:
    """Text without wide gaps in it, and where it stands: pt on a page, characters in text."""

    text: str
    left: float
    right: float
    top: float = 0.0
    bottom: float = 0.0


Line = Sequence[Word]


@dataclass(frozen=True, slots=True)
class Region:
    """Lines [first, end) look like a table; its body begins at `body`."""

    first: int
    body: int
    end: int


def _is_figure(word: Word) -> bool:
    return as_figure(word.text) is not None or is_dash(word.text)


def _is_row(line: Line) -> bool:
    return len(line) >= 2 and any(_is_figure(w) for w in line[1:]) and not _NARRATIVE.search("".join(w.text for w in line))


def _is_apart(line: Line) -> bool:
    """A line that belongs to no table: prose, a title, a unit."""
    text = " ".join(w.text for w in line)
    return bool(_NARRATIVE.search(text)) or looks_like_title(text) or is_number_line(text) or bool(unit_in(text)) or (len(line) == 1 and is_heading(text)) or len(text) > 200


def regions(lines: Sequence[Line]) -> Iterator[Region]:
    """Runs of lines with figures in columns, with the heading above them."""
    at = done = 0
    while at < len(lines):
        if not _is_row(lines[at]):
            at += 1
            continue
        first = at
        count, end = 0, at
        while at < len(lines) and at - end <= WRAPS and not (at > end and _is_apart(lines[at])):
            if _is_row(lines[at]):
                count, end = count + 1, at + 1
            at += 1
        starts = {round(w.left) for line in lines[first:end] for w in line}
        while end < len(lines) and end < at and not _is_apart(lines[end]) and all(round(w.left) in starts for w in lines[end]):
            end += 1  # the rest of the last label
        at = end
        top = first
        while top > done and first - top < 8 and not _is_apart(lines[top - 1]):
            top -= 1
        if count >= FEWEST:
            yield Region(top, first, end)
            done = end


@dataclass(frozen=True, slots=True)
class Aligned:
    """A table found. columns: where they stand; heading: how many of the rows are heading, 0 when it goes on with the page before."""

    rows: tuple[tuple[GridCell, ...], ...]
    columns: tuple[tuple[float, float], ...]
    heading: int


def table_of(lines: Sequence[Line], region: Region, file: str, page: int, before: Aligned | None = None, goes_on: bool = False, anchors: bool = True) -> Aligned | None:
    """The table of a region, heading first; None when the columns are not certain.

    before: the table that ended the page before, for one that begins the page without a heading; with goes_on, the heading right above.
    """
    body, above = lines[region.body : region.end], lines[region.first : region.body]
    columns = _columns([w for line in body if _is_row(line) for w in line])
    columns = _columns([*(Word("", a, b) for a, b in columns), *(w for line in above for w in line if not _within(w, columns))])
    heads = _heads(above, columns)
    known = heads is not None and any(_HEADS.search(plain(t)) for path in heads for t, _ in path)
    if not known and before is not None and (goes_on or region.first == 0):
        body, columns, heads = lines[region.first : region.end], list(before.columns), [[] for _ in before.columns]
    elif not known or heads is None:
        return None
    rows = _rows(body, columns)
    if rows is None or len(columns) < 2:
        return None
    figures = [c for c in range(len(columns)) if any(_is_figure(w) for row in rows for w in row[c])]
    if not figures or (known and any(not heads[c] for c in figures)):
        return None

    def spot(row: int, column: int, words: Sequence[Word]) -> Spot:
        box = (min(w.left for w in words), min(w.top for w in words), max(w.right for w in words), max(w.bottom for w in words)) if words else None
        return Spot(file, page=page, row=row + 1, column=column + 1, anchor=("pdf", ((page, box),)) if box and anchors else ())

    depth = max(map(len, heads))
    grid: list[tuple[GridCell, ...]] = []
    for level in range(depth):
        line: list[GridCell] = []
        for c, path in enumerate(heads):
            text, words = path[min(level, len(path) - 1)] if path else ("", ())
            over = level < len(path) - 1 and c > 0 and level < len(heads[c - 1]) - 1 and heads[c - 1][level] == path[level]
            line.append(GridCell(text, spot(level, c, words), "above" if level >= len(path) > 0 else "left" if over else ""))
        grid.append(tuple(line))
    for r, row in enumerate(rows, depth):
        grid.append(tuple(GridCell(" ".join(w.text for w in words), spot(r, c, words)) if words else GridCell("", spot(r, c, ())) for c, words in enumerate(row)))
    return Aligned(tuple(grid), tuple(columns), depth)


def _columns(words: Sequence[Word]) -> list[tuple[float, float]]:
    """Ranges of x that words take, apart from each other by room that no line fills."""
    found: list[list[float]] = []
    for word in sorted(words, key=lambda w: w.left):
        if found and word.left < found[-1][1]:
            found[-1][1] = max(found[-1][1], word.right)
        else:
            found.append([word.left, word.right])
    return [(a, b) for a, b in found]


def _within(word: Word, columns: Sequence[tuple[float, float]]) -> list[int]:
    return [c for c, (left, right) in enumerate(columns) if word.left < right and word.right > left]


def _rows(body: Sequence[Line], columns: Sequence[tuple[float, float]]) -> list[list[list[Word]]] | None:
    """Words by row and column. A line of words alone goes on with the label above, or begins that of the row below, whichever is nearer."""
    rows: list[list[list[Word]]] = []
    ends: list[float] = []  # where the text of each row ends so far
    waiting: list[list[tuple[int, Word]]] = []
    for line in filter(None, body):
        placed: list[tuple[int, Word]] = []
        for word in line:
            at = _within(word, columns)
            if len(at) > 1 or (not at and _is_figure(word)):
                return None
            placed.append((at[0] if at else min(range(len(columns)), key=lambda c: abs(columns[c][0] - word.left)), word))
        if not _is_row(line) and not _OPENS.match(line[0].text):
            if rows and line[0].top - ends[-1] <= LEADING * (line[0].bottom - line[0].top) and not waiting:
                _join(rows[-1], placed)
                ends[-1] = line[0].bottom
            else:
                waiting.append(placed)
            continue
        if rows and _goes_on(placed, rows[-1]):
            return None
        row: list[list[Word]] = [[] for _ in columns]
        for part in (*waiting, placed):
            _join(row, part)
        if any(len(words) > 1 and any(map(_is_figure, words)) for words in row):
            return None
        waiting = []
        rows.append(row)
        ends.append(max(w.bottom for w in line))
    for part in waiting if rows else ():
        _join(rows[-1], part)
    return rows


def _join(row: list[list[Word]], part: Sequence[tuple[int, Word]]) -> None:
    for c, word in part:
        row[c].append(word)


def _goes_on(placed: Sequence[tuple[int, Word]], above: Sequence[Sequence[Word]]) -> bool:
    """Numbers too wide for their cells, their last digits on the next line: 627.5 and 2. Which is whose, no one can say for certain."""
    digits = [(c, w) for c, w in placed if w.text.isdigit() and len(w.text) <= 2 and above[c] and re.search(r"\d[.,]\d?$|\.\d$", above[c][-1].text)]
    return bool(digits)


def _heads(lines: Sequence[Line], columns: Sequence[tuple[float, float]]) -> list[list[tuple[str, tuple[Word, ...]]]] | None:
    """The headings of each column from the top, with the words they are made of. A heading over several columns is that of each."""
    centres = [(a + b) / 2 for a, b in columns]
    own: list[list[Word]] = [[] for _ in columns]
    over: list[list[Word]] = [[] for _ in columns]
    for n, line in enumerate(lines):
        below = {c for lower in lines[n + 1 :] for word in lower for c in _nearest(word, columns)}
        bounds = [float("-inf"), *((a.right + b.left) / 2 for a, b in pairwise(line)), float("inf")]
        for k, word in enumerate(line):
            under = [c for c in below if bounds[k] <= centres[c] <= bounds[k + 1]]
            at = _nearest(word, columns)
            if len(under) >= 2 and (len(at) >= 2 or not set(at) - set(under)):
                for c in under:
                    over[c].append(word)
            elif len(at) == 1:
                own[at[0]].append(word)
            elif at:
                return None
    paths = []
    for c in range(len(columns)):
        path: list[tuple[str, tuple[Word, ...]]] = [(w.text, (w,)) for w in over[c]]
        if own[c]:
            path.append(("".join(w.text for w in own[c]), tuple(own[c])))
        paths.append(path)
    return paths


def _nearest(word: Word, columns: Sequence[tuple[float, float]]) -> list[int]:
    """The columns a heading word stands over; one beside it when it stands over none (narrow figures under a wide heading)."""
    found = _within(word, columns)
    if found:
        middle = (word.left + word.right) / 2
        inside = [c for c in found if columns[c][0] <= middle <= columns[c][1]]
        edge = [c for c in found if min(word.right, columns[c][1]) - max(word.left, columns[c][0]) > 0.5 * min(word.right - word.left, columns[c][1] - columns[c][0])]
        return edge or inside or found[:1]
    return [min(range(len(columns)), key=lambda c: min(abs(columns[c][0] - word.right), abs(columns[c][1] - word.left)))]
