"""Grids → drafts of tables: the lines above a grid, its heading, its body; parts over page breaks joined."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from generator.published.model import Document, Grid, GridCell, Paragraph, own_texts
from generator.published.words import as_figure, is_number_line, leading_code, looks_like_title, ordinal, organ_in, plain, unit_in

ABOVE = 6  # paragraphs above a table that may be its number, title, unit
_STARTS_BODY = re.compile(r"^(?:合计|总计|小计|本年收入|本年支出|收入总计|支出总计|无$)")
_HEADS = re.compile(r"^(?:合计|总计|小计|科目|项目|编码|金额|预算数|收入|支出|名称)|(?:编码|代码|科目名称|预算数|合计|金额)$|\\((?:万元|元)\\)$")
NOTE = re.compile(r"^(?:注|备注|说明|附注|本表|此表|我单位|我部门|本单位|本部门|本年度|\d{4}年)[^|]{0,200}")
_LEAD_WORDS = re.compile(r"^(?:[（(]?\s*\d{4}\s*年?度?\s*[)）]?|部门[:：]?|单位[:：]?|金额单位.*|编制单位.*|填报.*[:：].*|制表.*|公开.*[:：].*|[-—\d\s第页共]+)$")


@dataclass(slots=True)
class Draft:
    """A grid with the lines above it, before it is understood."""

    above: list[Paragraph]
    rows: list[tuple[GridCell, ...]]
    grid: Grid
    lead: list[tuple[GridCell, ...]] = field(default_factory=list)  # rows of the grid above the heading: title, unit
    heading: int = 0  # rows of heading at the start of `rows`

    @property
    def lead_cells(self) -> list[GridCell]:
        return [c for row in self.lead for c in row if c.text and not c.covered]


def drafts_of(document: Document) -> list[Draft]:
    """The grids of a document in order, those that go on with the one before joined to it."""
    drafts: list[Draft] = []
    above: list[Paragraph] = []
    for block in document.blocks:
        if isinstance(block, Paragraph):
            above.append(block)
            continue
        draft = _draft(block, above)
        above = []
        if draft is None:
            continue
        if drafts and _broken_row(drafts[-1], draft):
            draft.rows, draft.heading = _mended(drafts[-1], draft), 0
        if drafts and _continues(drafts[-1], draft):
            previous = drafts[-1]
            same = draft.heading and _heads(previous) == _heads(draft)
            previous.rows += draft.rows[draft.heading if same else 0 :]
            continue
        drafts.append(draft)
    for draft in drafts:
        _drop_blank_columns(draft)
    return drafts


def _drop_blank_columns(draft: Draft) -> None:
    """Columns that only keep a distance: before the first, between two sides."""
    used = [c for c in range(len(draft.rows[0])) if any(r[c].text and not r[c].covered for r in draft.rows)]
    if 2 <= len(used) < len(draft.rows[0]):
        draft.rows = [tuple(r[c] for c in used) for r in draft.rows]
        draft.lead = [_packed(row, len(used)) for row in draft.lead]


def _packed(row: tuple[GridCell, ...], width: int) -> tuple[GridCell, ...]:
    """The cells of a title line without the room between them."""
    own = [c for c in row if c.text and not c.covered][:width]
    return (*own, *(replace(row[-1], text="", covered="") for _ in range(width - len(own))))


def _draft(grid: Grid, above: list[Paragraph]) -> Draft | None:
    rows = [r for r in grid.rows if any(c.text for c in r)]
    lead: list[tuple[GridCell, ...]] = []
    while rows and len(rows) > 1 and _is_lead(rows[0], grid):
        lead.append(rows.pop(0))
    if not rows or len(rows[0]) < 2:
        return None
    return Draft(above, rows, grid, lead, _heading_rows(rows))


def _is_lead(row: tuple[GridCell, ...], grid: Grid) -> bool:
    own = own_texts(row)
    if any(unit_in(t) for t in own) and len(own) <= 5 and not any(as_figure(t) is not None or _HEADS.search(plain(t)) for t in own):
        return True  # 部门名称 | 某某局 | 2023年 | 单位：万元
    if len(own) > 3 or (len(own) > 1 and len(own) == len(row)):
        return False
    if len(own) == 1 and len(own[0]) < 60 and _spans(row) and looks_like_title(own[0]):
        return True
    return all(unit_in(t) or organ_in(t) or is_number_line(t) or _LEAD_WORDS.match(t) or (len(own) == 1 and looks_like_title(t)) or re.match(r"^(?:部门|单位|编制)[^:：]{0,8}[:：]", t) for t in own)


def _spans(row: tuple[GridCell, ...]) -> bool:
    return sum(c.covered == "left" for c in row) >= len(row) - 2 or sum(bool(c.text) for c in row) == 1


def is_numbers(row: Sequence[GridCell]) -> bool:
    """The line of column numbers: 1 2 3, ** ** 1 2, 栏次 1 2=3+4."""
    own = [re.sub(r"\s", "", t) for t in own_texts(row)]
    if len(own) < 2 or not all(re.fullmatch(r"\*+|栏次|行次|序号|[A-Z甲乙丙丁]|[（(]?\d{1,2}[)）]?|[（(]?\d{1,2}[=＝][\d+＋\-－]+[)）]?|—|-", t) for t in own):
        return False
    numbers = [int(n) for t in own if (n := t.strip("（）()")).isdigit()]
    return len(numbers) >= 1 and numbers == sorted(set(numbers)) and numbers[0] <= 3 and (numbers[-1] - numbers[0] < 3 * len(numbers))


def _is_body(row: Sequence[GridCell]) -> bool:
    own = [c for c in row if not c.covered]
    texts = [c.text for c in own if c.text]
    if not texts:
        return True
    figures = [t for t in texts if as_figure(t) is not None and not re.fullmatch(r"(?:19|20)\d\d", t)]
    if figures:
        return True
    first = texts[0]
    level, label = ordinal(first)
    return bool(level and label and len(texts) <= 6 and not re.search(r"[\n]", first)) or bool(_STARTS_BODY.match(plain(first)) and len(texts) <= 2) or bool(leading_code(first)[0])


def _heading_rows(rows: list[tuple[GridCell, ...]]) -> int:
    n = 0
    while n < min(len(rows), 8):
        if is_numbers(rows[n]):
            return n + 1
        reached = any(c.covered == "above" for c in rows[n]) and n  # 合计 beside 小计 looks like a body, but the heading's cells reach down to it
        if (not reached and _is_body(rows[n]) and not (n == 0 and _opens(rows))) or (n and _one_cell(rows[n])):
            break
        n += 1
    return n if n < len(rows) or n <= 4 else min(n, 2)


def _opens(rows: list[tuple[GridCell, ...]]) -> bool:
    """本年收入 and 本年支出 over 项目 and 预算数: the sides of a statement, not its first row."""
    first, second = own_texts(rows[0]), own_texts(rows[1]) if len(rows) > 1 else []
    return not any(as_figure(t) is not None or ordinal(t)[0] for t in (*first, *second)) and len(second) > len(first) and any(_HEADS.search(plain(t)) for t in second)


def _one_cell(row: Sequence[GridCell]) -> bool:
    """One cell over the whole width: 本表无数据."""
    return len(row) > 2 and not row[0].covered and all(c.covered == "left" for c in row[1:])


def _heads(draft: Draft) -> list[str]:
    return [plain("".join(own_texts(r))) for r in draft.rows[: draft.heading]]


def _titles(draft: Draft) -> list[str]:
    return [t for t in [*(p.text for p in draft.above[-ABOVE:]), *(c.text for c in draft.lead_cells)] if looks_like_title(t) or is_number_line(t)]


def _continues(before: Draft, draft: Draft) -> bool:
    """The second grid goes on with the first: no title of its own, as many columns, the same heading or none."""
    if before.grid.name != draft.grid.name or len(before.rows[0]) != len(draft.rows[0]):
        return False
    words = [p.text for p in draft.above if not _LEAD_WORDS.match(p.text) and not unit_in(p.text)]
    titles = _titles(draft)
    if titles and not all("续" in t or any(plain(t) == plain(u) for u in _titles(before)) for t in titles):
        return False
    if titles and not any("续" in t for t in titles) and draft.grid.spot.page == before.grid.spot.page:
        return False  # the same form once more, as performance forms are
    if [w for w in words if w not in titles and not NOTE.match(w)]:
        return False
    if any(NOTE.match(w) for w in words):
        return False
    if before.grid.spot.page and draft.grid.spot.page not in (before.grid.spot.page, before.grid.spot.page + 1, *range(before.grid.spot.page, draft.grid.spot.page + 1)):
        return False
    return _heads(before)[: draft.heading] == _heads(draft) or (draft.heading == 0 and not draft.lead)


def _broken_row(before: Draft, draft: Draft) -> bool:
    """A page ends within a row: the rest of its words stand alone at the top of the next page, without figures."""
    last, first = before.rows[-1], draft.rows[0]
    words = own_texts(first)
    return (
        0 < before.grid.spot.page < draft.grid.spot.page
        and len(last) == len(first)
        and not draft.lead
        and not _titles(draft)
        and len(words) <= 2
        and not any(as_figure(t) is not None or leading_code(t)[0] for t in words)
        and any(as_figure(t) is not None for t in own_texts(last))
        and not _STARTS_BODY.match(plain(words[0] if words else ""))
        and len(draft.rows) > 1
        and _is_body(draft.rows[1])
        and all(last[c].text or not cell.text for c, cell in enumerate(first))
    )


def _mended(before: Draft, draft: Draft) -> list[tuple[GridCell, ...]]:
    last, first = before.rows[-1], draft.rows[0]
    before.rows[-1] = tuple(replace(a, text=f"{a.text}{b.text}") if b.text and not b.covered else a for a, b in zip(last, first, strict=True))
    return draft.rows[1:]
