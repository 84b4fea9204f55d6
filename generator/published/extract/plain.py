"""Plain text or Markdown → Document: tables are runs of lines with tabs or pipes, or with columns kept by spaces. For text taken out of a page by other programs."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from generator.published.extract.aligned import Word, regions, table_of
from generator.published.model import Document, Grid, GridCell, Paragraph, Spot
from generator.published.sections import HEADING, OPENS, Sections, is_heading
from generator.published.words import as_figure, clean, decoded, is_number_line, looks_like_title, unit_in

_RULE = re.compile(r"^\s*\|?[\s:|\-]{3,}\|?\s*$")
_MARKED = re.compile(r"[#*-]")  # Markdown: a heading, an item
_PIECE = re.compile(r"\S+(?: \S+)*")
SHORTEST = 24  # characters of half width: the least a wrapped line is long


def read_plain(path: Path) -> Document:
    """Merged cells are gone in such text; grids come with `sure=False`. Lines cut at the margin are joined to paragraphs."""
    document = Document(path.name, "txt")
    lines = clean(decoded(path.read_bytes())).splitlines()
    _Plain(document, lines).read()
    return document


class _Plain:
    def __init__(self, document: Document, lines: Sequence[str]) -> None:
        self.document = document
        self.lines = lines
        self.sections = Sections(document.file)
        self.pending: list[tuple[int, list[str]]] = []
        self.margin = _margin(lines)
        self.left = _indent(lines)
        self.wide = 0  # how far the line before ran, when its sentence goes on

    def read(self) -> None:
        tables = self._aligned()
        at = 0
        while at < len(self.lines):
            line = self.lines[at]
            if at in tables:
                self.flush()
                end, grid = tables[at]
                self.document.blocks.append(grid)
                at = end
                continue
            if "\t" in line:
                self.pending.append((at, line.split("\t")))
            elif line.strip().startswith("|"):
                if not _RULE.match(line):
                    self.pending.append((at, line.strip().strip("|").split("|")))
            else:
                self.flush()
                if line.strip():
                    self.add(at, line)
                else:
                    self.wide = 0
            at += 1
        self.flush()

    def flush(self) -> None:
        """The lines with tabs so far are a table; a single one is text."""
        file = self.document.file
        if len(self.pending) >= 2:
            width = max(len(cells) for _, cells in self.pending)
            rows = tuple(
                tuple(GridCell(t.strip(), Spot(file, row=i + 1, column=c + 1, anchor=("l", n))) for c, t in enumerate([*cells, *[""] * (width - len(cells))]))
                for i, (n, cells) in enumerate(self.pending)
            )
            self.document.blocks.append(Grid(rows, Spot(file, anchor=("l", self.pending[0][0])), sure=False))
        else:
            for n, cells in self.pending:
                self.add(n, " ".join(cells))
        self.pending.clear()

    def add(self, n: int, line: str) -> None:
        text = re.sub(r"^#+\s*|\*\*", "", line).strip()
        blocks = self.document.blocks
        last = blocks[-1] if blocks else None
        cut = isinstance(last, Paragraph) and (last.text.endswith(("、", "，", ",", "（")) or sum(map(last.text.count, "（(")) > sum(map(last.text.count, "）)"))) and len(last.text) > 40
        full = self.wide and self.wide + _first(text) >= self.margin - 4 and not _opens(line[self.left :], text)
        if text and isinstance(last, Paragraph) and (cut or full):
            blocks[-1] = Paragraph(last.text + text, last.spot)  # the line, or the page, ended within the sentence
        elif text:
            blocks.append(Paragraph(text, self.sections.spot(text, ("l", n))))
        self.wide = _wide(line.strip()) if self.margin and not text.endswith(("。", "；", "：", ":")) else 0

    def _aligned(self) -> dict[int, tuple[int, Grid]]:
        """Tables whose columns are kept by spaces, by their first line. Those whose columns are not certain are told, and their lines left out."""
        words = [_words(line) for line in self.lines]
        found: dict[int, tuple[int, Grid]] = {}
        for region in regions(words):
            if any("\t" in line or "|" in line for line in self.lines[region.first : region.end]):
                continue
            table = table_of(words, region, self.document.file, 0, anchors=False)
            first = self.lines[region.first].strip()
            if table is None:
                self.document.lost += 1
                self.document.unread.append(f"第 {region.first + 1} 行起像是一张表（{first[:24]}……），栏分不清，没有读")
            rows = table.rows if table is not None else ()
            found[region.first] = region.end, Grid(rows, Spot(self.document.file, anchor=("l", region.first)))
        loose = [n for n, line in enumerate(words) if not any(a <= n < end for a, (end, _) in found.items()) and _is_row_of_figures(self.lines[n])]
        if len(loose) >= 3:
            self.document.lost += 1
            self.document.unread.append(f"有 {len(loose)} 行像是表里的数，栏没有分开，没有读（第 {loose[0] + 1} 行：{self.lines[loose[0]].strip()[:24]}……）")
        return found


def _is_row_of_figures(line: str) -> bool:
    """一、一般公共预算拨款 16745.59 一、一般公共服务支出 3296.60: cells with single spaces between them."""
    if "\t" in line or "|" in line or re.search(r"[。；，]", line):
        return False
    pieces = line.split()
    return sum(as_figure(p) is not None and "." in p for p in pieces) >= 2


def _words(line: str) -> list[Word]:
    """Pieces parted by two spaces or more, with their places as a terminal shows them."""
    return (
        [Word(m[0], _wide(line[: m.start()]), _wide(line[: m.end()])) for m in _PIECE.finditer(line.replace("\u3000", "  "))]
        if "  " in line or "\u3000" in line
        else ([Word(line.strip(), 0, _wide(line))] if line.strip() else [])
    )


def _wide(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def _indent(lines: Sequence[str]) -> int:
    """Blanks that most lines of prose begin with: pages laid out as text keep their left margin."""
    found = Counter(len(line) - len(line.lstrip(" ")) for line in lines if re.search(r"[，。；、：,]", line) and _wide(line.strip()) >= SHORTEST)
    return found.most_common(1)[0][0] if found else 0


def _first(text: str) -> int:
    """How wide the first piece of a line is that could not be cut: a character, or a number with what belongs to it."""
    found = re.match(r"[\x21-\x7e]+[，。；、）)]?|.", text)
    return _wide(found[0]) if found else 0


def _margin(lines: Sequence[str]) -> int:
    """Where lines are cut, in characters of half width; 0 when they are not. Text cut at a margin has many lines of nearly that length and none longer."""
    prose = sorted((w for line in lines if not re.search(r"\t|\||\S  +\S", line) and re.search(r"[，。；、：,]", line) and (w := _wide(line.strip())) >= SHORTEST), reverse=True)
    for n, margin in enumerate(prose):
        near = sum(margin - 4 <= w <= margin for w in prose[n:])
        if margin <= 130 and near >= 4 and 4 * near >= len(prose) - n and 3 * n <= len(prose):
            return margin
    return 0


def _opens(line: str, text: str) -> bool:
    """The line begins a paragraph: a number, a heading, an indent."""
    return bool(HEADING.match(text) or OPENS.match(text) or _MARKED.match(text) or is_number_line(text) or looks_like_title(text) or unit_in(text) or is_heading(text) or re.match(r"\s{2,}|\u3000", line))
