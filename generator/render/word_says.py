"""What a filled template must say, worked out as plain text and without any of the ways of Word.

The Jinja source of a part is stripped of its mark-up once; for a unit the plain source is filled with the same names. No
XML is made, parsed or cut on this way, so the reading-back (audit/prose.py) can hold the finished file against it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import unescape

from generator.model.chart import Chart
from generator.model.prose import Paragraph
from generator.model.table import Table
from generator.render.word_lead import heading_of
from generator.render.word_picture import HEADING as PICTURES
from generator.render.word_picture import caption
from generator.render.word_table import blocks

HEADING, MARK = "\x01", "\x02"  # a paragraph's level, a place kept for contents or a table: no text of a unit can hold them
DEEPEST = 3  # heading levels in the contents

_PIECES = re.compile(
    r"(?P<jinja>\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})|(?P<open><w:t(?: [^<>]*)?(?<!/)>)|(?P<close></w:t>)|(?P<end></w:p>)|(?P<br><w:br\b[^<>]*>|<w:cr/>)|(?P<tab><w:tab/>)"
    r'|<w:pStyle w:val="(?P<style>[^"]*)"/>|<[^<>]*>|[^<{]+|.',
    re.DOTALL,
)


def plain_source(source: str, headings: Mapping[str, int], provided: frozenset[str]) -> str:
    """The Jinja source of a part without its XML: a paragraph a line, tags kept.

    headings: paragraph style → level. provided: the names that may print outside of a run (目录, 全套表格, 表格).
    """
    out = []
    inside = False
    for piece in _PIECES.finditer(source):
        text = piece[0]
        match piece.lastgroup:
            case "jinja":
                name = re.match(r"\{\{-?\s*(\w+)", text)
                if inside or not name or name[1] in provided:
                    out.append(text)
            case "open" | "close":
                inside = piece.lastgroup == "open"
            case "end":
                out.append("\n")
            case "br":
                out.append("\v")
            case "tab":
                out.append("\t")
            case "style":
                out.append(f"{HEADING}{headings[piece['style']]}" if piece["style"] in headings else "")
            case _ if inside:
                out.append(unescape(text))
    return "".join(out)


def wrong_units(plain: str) -> list[str]:
    """What of a plain source prints a figure with another unit than its own: `{{ 收入总计_元 }}万元`, a percentage without %.

    >>> wrong_units("{{ a_万元 }}万元，{{ a_元 }}万元，增长{{ a_幅度 }}，占{{ a_占比 }}%")
    ['{{ a_元 }}万元', '{{ a_幅度 }}，占']
    """
    found = []
    for tag in re.finditer(r"\{\{-?\s*[\w.]*?[_.](万元|元|幅度|占比)\s*-?\}\}([^{\n]{0,2})", plain):
        form, after = tag[1], tag[2]
        other = re.match("亿元|万元|千元|元|[%％]", after)
        if (form in ("幅度", "占比") and after and not re.match("[%％个]", after)) or (form in ("万元", "元") and other and other[0] != form):
            found.append(tag[0])
    return found


def paragraphs(said: str, tables: Sequence[Table] = (), pages: Mapping[str, int] | None = None, charts: Sequence[Chart] = (), headed: int = 0) -> list[Paragraph]:
    """The paragraphs of a filled plain source, with those of the contents, above the tables and under the pictures in their places; the grids are left out.

    pages: the printed page numbers by bookmark, as the contents have them. charts: the pictures of the document; those without
    a place of their own stand behind the set, else at the end, under a heading of the level `headed`.
    """
    placed = [int(n) for n in re.findall(f"{MARK}chart (\\d+)", said)]
    rest = [n for n in range(len(charts)) if n not in placed]
    shown = 0
    made: list[Paragraph | None] = []  # None: the contents, known when all headings are
    listed: list[tuple[int, str]] = []

    def heading(level: int, text: str) -> None:
        if level and text.strip():
            listed.append((level, " ".join(text.split())))

    def captions(numbers: Sequence[int]) -> None:
        nonlocal shown
        for n in numbers:
            shown += 1
            made.extend(Paragraph(words) for words in (caption(charts[n], shown), charts[n].source) if words)

    def pictures() -> None:
        if rest:
            heading(headed, PICTURES)
            made.append(Paragraph(PICTURES, headed))
            captions(rest)
            rest.clear()

    for line in said.split("\n"):
        level = max(map(int, re.findall(f"{HEADING}(\\d)", line)), default=0)
        text = re.sub(f"{HEADING}\\d", "", line)
        if text.startswith(MARK):
            what = text[1:]
            if what == "contents":
                made.append(None)
            for table in tables if what == "all" else [tables[int(what[6:])]] if what.startswith("table ") else ():
                above = _above(table)
                heading(2, above[0].text)
                made += above
            if what == "all":
                pictures()
            elif what.startswith("chart "):
                captions([int(what[6:])])
        elif text.strip():
            heading(level, text)
            made.append(Paragraph(text, level))
    pictures()
    numbers = [(pages or {}).get(f"_Toc{100001 + n}", "") for n in range(len(listed))]
    contents = [Paragraph(f"{text}\t{number}") for (level, text), number in zip(listed, numbers, strict=True) if level <= DEEPEST]
    return [p for entry in made for p in (contents if entry is None else [entry])]


def _above(table: Table) -> list[Paragraph]:
    """The paragraphs above the grid of every form of a table, or of every group of its columns."""
    made = []
    for n, (part, _, own) in enumerate(blocks(table)):
        made.append(Paragraph(_broken(heading_of(part, own)), 0 if n else 2))
        for line in own.rest:
            sides = {side: [text for s, text, _ in line if s == side] for side in ("left", "center", "right")}
            used = [side for side in sides if sides[side]]
            made.append(Paragraph("".join(("\t" if len(used) > 1 and side != "left" else "") + "　　".join(map(_broken, sides[side])) for side in used)))
    return made


def _broken(text: str) -> str:
    """A text of several lines as one paragraph."""
    return re.sub("\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]", "\v", text)
