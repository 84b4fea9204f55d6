"""What stands above a table in Word: number and title as its heading, and the rest of the layout's lead lines (单位名称, 单位：万元)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from generator.model.table import LineKind, Style, Table
from generator.render.word_text import CELL_STYLE, attribute, cell_text, escaped, run_properties

LEAD_PITCH = 1.45  # of lead lines, whose pitch the font decides: 宋体 has 1.3, substitutes up to this


@dataclass(frozen=True, slots=True)
class Lead:
    """The lead lines of one instance, sorted out. title: what the title cell prints; rest: per line what else it holds, by position.

    numbered: the lead lines print the table's number.
    """

    title: str
    style: Style
    numbered: bool
    rest: tuple[tuple[tuple[str, str, Style], ...], ...]  # (left, center or right; text; style)

    @property
    def size(self) -> float:
        """Type size of the heading, in pt."""
        return min(max(self.style.size, 10.5), 22.0)


def lead(table: Table, rows: range | None = None) -> Lead:
    """Number, title and the rest of the lead lines, told apart.

    The number is the cell that prints exactly the table's number. The title is the cell that prints its title, or, when the layout
    words it otherwise, the cell in the largest type.
    """
    rows = rows if rows is not None else range(len(table.lines))
    found: list[tuple[int, int, int, str, Style]] = []  # row, first column, columns, text, style
    for r in rows:
        line = table.lines[r]
        if line.kind is not LineKind.LEAD:
            continue
        for c, cell in enumerate(line.cells):
            if cell.blank or (r, c) in table.covered:
                continue
            style = table.styles[cell.style]
            if text := cell_text(cell, style).strip():
                found.append((r, c, next((m.columns for m in table.merges_from.get(r, ()) if m.column == c), 1), text, style))
    number, title = _bare(table.number), _bare(table.title)
    cells = [f for f in found if not (number and _says(number, _bare(f[3])))]
    chosen = next((f for f in cells if _bare(f[3]) in (title, number + title)), None) or next((f for f in cells if title and title in _bare(f[3])), None)
    if chosen is None and cells:
        largest = max(cells, key=lambda f: f[4].size)
        if all(f is largest or f[4].size < largest[4].size for f in cells):
            chosen = largest
    rest: dict[int, list[tuple[str, str, Style]]] = {}
    for f in cells:
        if f is not chosen:
            rest.setdefault(f[0], []).append((_side(f[1], f[2], f[4], len(table.columns)), f[3], f[4]))
    style = chosen[4] if chosen else Style(font="黑体", size=16, horizontal="center")
    return Lead(chosen[3] if chosen else table.title, style, len(cells) < len(found), tuple(tuple(line) for line in rest.values()))


@lru_cache(maxsize=4096)
def _says(number: str, text: str) -> bool:
    """Whether a text is a table's number and nothing else: 附件：3-1."""
    return re.fullmatch(rf"(?:附件|附表|表号|编号)?:?{re.escape(number)}:?", text) is not None


_ONE_WIDTH = str.maketrans("（）：", "():")


@lru_cache(maxsize=4096)
def _bare(text: str) -> str:
    """For comparing titles: without blanks, brackets of either width made one."""
    return "".join(text.split()).translate(_ONE_WIDTH)


def _side(column: int, columns: int, style: Style, width: int) -> str:
    """Where on its line a lead cell stands: by its alignment, else by its place in the grid."""
    if style.horizontal == "right":
        return "right"
    if style.horizontal in ("center", "centerContinuous", "distributed"):
        middle = (column + columns / 2) / max(width, 1)
        return "center" if 0.25 <= middle <= 0.75 else "left" if middle < 0.25 else "right"
    return "right" if column and (column + columns) / max(width, 1) > 0.75 else "left"


def heading_text(table: Table) -> str:
    """A table's heading as it prints, and as the contents and Word's navigation name it: 预算08表 基本支出预算明细表—工资福利支出."""
    return heading_of(table, lead(table, table.instances[0]))


def heading_of(table: Table, made: Lead) -> str:
    """The heading of one instance of a table."""
    title = " ".join(made.title.split())
    number, bare = _bare(table.number), _bare(title)
    if table.form and not made.numbered:  # forms go by their title; their number in the set is for the program's own use
        return title
    said = not number or bare.startswith(number) or (len(number) > 3 and number in bare)  # "3" also stands in 2023
    return title if said else f"{table.number} {title}"


def lead_xml(
    table: Table,
    width_twips: int,
    rows: range | None = None,
    *,
    style: str = "",
    bookmark: str = "",
    bookmark_id: int = 0,
    new_page: bool = False,
) -> str:
    """The paragraphs above a table: heading (number and title), then what else its lead lines hold (单位名称 left, 单位：万元 right).

    style: the id of the template's 标题 2; empty for the further forms of a table, which print a title but stay out of the contents.
    bookmark: what the contents point to. new_page: the heading begins a page.
    """
    return lead_paragraphs(table, lead(table, rows), width_twips, style, bookmark, bookmark_id, new_page)


def lead_paragraphs(table: Table, made: Lead, width_twips: int, style: str, bookmark: str, bookmark_id: int, new_page: bool) -> str:
    text = heading_of(table, made)
    marks = ("", "")
    if bookmark:
        marks = (f'<w:bookmarkStart w:id="{bookmark_id}" w:name="{attribute(bookmark)}"/>', f'<w:bookmarkEnd w:id="{bookmark_id}"/>')
    out = [
        f'<w:p><w:pPr><w:pStyle w:val="{attribute(style or CELL_STYLE)}"/><w:keepNext/>{"<w:pageBreakBefore/>" if new_page else ""}'
        '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="0"/></w:numPr>'  # a numbered 标题 2 must not number the tables
        '<w:spacing w:before="0" w:after="80" w:line="240" w:lineRule="auto"/>'
        '<w:ind w:left="0" w:leftChars="0" w:firstLine="0" w:firstLineChars="0"/><w:jc w:val="center"/></w:pPr>'
        f'{marks[0]}<w:r>{run_properties(made.style.font, made.size, made.style.bold)}<w:t xml:space="preserve">{escaped(text)}</w:t></w:r>{marks[1]}</w:p>'
    ]
    out += [_lead_line(line, width_twips) for line in made.rest]
    return "".join(out)


def _lead_line(parts: Sequence[tuple[str, str, Style]], width_twips: int) -> str:
    """One lead line: what stands left, centred and right of it, held there by tabs."""
    sides = {side: [(text, style) for s, text, style in parts if s == side] for side in ("left", "center", "right")}
    used = [side for side in sides if sides[side]]
    runs = []
    for side in used:
        if len(used) > 1 and side != "left":
            runs.append("<w:r><w:tab/></w:r>")
        for n, (text, style) in enumerate(sides[side]):
            gap = "　　" if n else ""
            runs.append(f'<w:r>{run_properties(style.font, style.size, style.bold)}<w:t xml:space="preserve">{gap}{escaped(text)}</w:t></w:r>')
    tabs = align = ""
    if len(used) > 1:
        stops = [(side, width_twips // 2 if side == "center" else width_twips) for side in used if side != "left"]
        tabs = "<w:tabs>" + "".join(f'<w:tab w:val="{side}" w:pos="{at}"/>' for side, at in stops) + "</w:tabs>"
    elif used and used[0] != "left":
        align = f'<w:jc w:val="{used[0]}"/>'
    return f'<w:p><w:pPr><w:pStyle w:val="{CELL_STYLE}"/><w:keepNext/>{tabs}<w:spacing w:before="0" w:after="40"/>{align}</w:pPr>{"".join(runs)}</w:p>'


def lead_height(made: Lead) -> int:
    """About how much of the page the lead lines take, in twips; rather too much."""
    sizes = [max(style.size for _, _, style in line) for line in made.rest]
    return round((made.size * LEAD_PITCH + sum(size * LEAD_PITCH + 2 for size in sizes) + 10) * 20)
