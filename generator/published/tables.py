"""Grids → tables understood: what is title, heading and body; which column is code, name, amount; parts over page breaks joined."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from generator.published.model import Document, Figure, Grid, GridCell, Paragraph, ReadCell, ReadColumn, ReadRow, ReadTable, Spot
from generator.published.sections import is_heading
from generator.published.words import UNIT_YUAN, as_figure, decimals, is_dash, is_number_line, leading_code, looks_like_title, ordinal, organ_in, plain, split_number, unit_in

ABOVE = 6  # paragraphs above a table that may be its number, title, unit
_COUNT = re.compile(r"数量|单价|人数|编制|实有|在职|离休人|退休人|人员$|面积|个数|台|辆|套$|次数|职数|单价|序号|行次|比例|占比|幅度|增减.*[%％]|[%％]|指标值|权重")
_CODE_HEAD = re.compile(r"编码|代码|^类$|^款$|^项$|^码$")
_NAME_HEAD = re.compile(r"名称|科目$|^项目$|^单位$|^收入$|^支出$|内容|用途|说明|备注|依据|目标|指标|类别|品目|资金来源|资金性质|来源$|方式|负责|日期|时间|是否|型号|规格|计量")
_INDEX_HEAD = re.compile(r"^序号$|^行次$|^栏次$")
_STARTS_BODY = re.compile(r"^(?:合计|总计|小计|本年收入|本年支出|收入总计|支出总计|无$)")
_NOTE = re.compile(r"^(?:注|备注|说明|附注|本表|此表|我单位|我部门|本单位|本部门|本年度|\d{4}年)[^|]{0,200}")
_LEAD_WORDS = re.compile(r"^(?:[（(]?\s*\d{4}\s*年?度?\s*[)）]?|部门[:：]?|单位[:：]?|金额单位.*|编制单位.*|填报.*[:：].*|制表.*|公开.*[:：].*|[-—\d\s第页共]+)$")


@dataclass(slots=True)
class _Draft:
    """A grid with the lines above it, before it is understood."""

    above: list[Paragraph]
    rows: list[tuple[GridCell, ...]]
    grid: Grid
    lead: list[str] = field(default_factory=list)
    heading: int = 0  # rows of heading at the start of `rows`


def read_tables(document: Document) -> list[ReadTable]:
    """The tables of a document in order. A grid of one column or without any heading is not a table."""
    drafts: list[_Draft] = []
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
    return [t for d in drafts if (t := _understood(d)) is not None]


def _draft(grid: Grid, above: list[Paragraph]) -> _Draft | None:
    rows = [r for r in grid.rows if any(c.text for c in r)]
    lead: list[str] = []
    while rows and len(rows) > 1 and _is_lead(rows[0], grid):
        lead += [c.text for c in rows[0] if c.text and not c.covered]
        rows.pop(0)
    if not rows or len(rows[0]) < 2:
        return None
    return _Draft(above, rows, grid, lead, _heading_rows(rows))


def _own(row: Sequence[GridCell]) -> list[str]:
    return [c.text for c in row if c.text and not c.covered]


def _is_lead(row: tuple[GridCell, ...], grid: Grid) -> bool:
    own = _own(row)
    if len(own) > 3 or (len(own) > 1 and len(own) == len(row)):
        return False
    if len(own) == 1 and len(own[0]) < 60 and _spans(row) and looks_like_title(own[0]):
        return True
    return all(unit_in(t) or organ_in(t) or is_number_line(t) or _LEAD_WORDS.match(t) or (len(own) == 1 and looks_like_title(t)) or re.match(r"^(?:部门|单位|编制)[^:：]{0,8}[:：]", t) for t in own)


def _spans(row: tuple[GridCell, ...]) -> bool:
    return sum(c.covered == "left" for c in row) >= len(row) - 2 or sum(bool(c.text) for c in row) == 1


def is_numbers(row: Sequence[GridCell]) -> bool:
    """The line of column numbers: 1 2 3, ** ** 1 2, 栏次 1 2=3+4."""
    own = [re.sub(r"\s", "", t) for t in _own(row)]
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
        if _is_body(rows[n]):
            break
        n += 1
    return n if n < len(rows) or n <= 4 else min(n, 2)


def _heads(draft: _Draft) -> list[str]:
    return [plain("".join(_own(r))) for r in draft.rows[: draft.heading]]


def _titles(draft: _Draft) -> list[str]:
    return [t for t in [*(p.text for p in draft.above[-ABOVE:]), *draft.lead] if looks_like_title(t) or is_number_line(t)]


def _continues(before: _Draft, draft: _Draft) -> bool:
    """The second grid goes on with the first: no title of its own, as many columns, the same heading or none."""
    if before.grid.name != draft.grid.name or len(before.rows[0]) != len(draft.rows[0]):
        return False
    words = [p.text for p in draft.above if not _LEAD_WORDS.match(p.text) and not unit_in(p.text)]
    titles = _titles(draft)
    if titles and not all("续" in t or any(plain(t) == plain(u) for u in _titles(before)) for t in titles):
        return False
    if titles and not any("续" in t for t in titles) and draft.grid.spot.page == before.grid.spot.page:
        return False  # the same form once more, as performance forms are
    if [w for w in words if w not in titles and not _NOTE.match(w)]:
        return False
    if any(_NOTE.match(w) for w in words):
        return False
    if before.grid.spot.page and draft.grid.spot.page not in (before.grid.spot.page, before.grid.spot.page + 1, *range(before.grid.spot.page, draft.grid.spot.page + 1)):
        return False
    return _heads(before)[: draft.heading] == _heads(draft) or (draft.heading == 0 and not draft.lead)


def _broken_row(before: _Draft, draft: _Draft) -> bool:
    """A page ends within a row: the rest of its words stand alone at the top of the next page, without figures."""
    last, first = before.rows[-1], draft.rows[0]
    words = _own(first)
    return (
        0 < before.grid.spot.page < draft.grid.spot.page
        and len(last) == len(first)
        and not draft.lead
        and not _titles(draft)
        and len(words) <= 2
        and not any(as_figure(t) is not None or leading_code(t)[0] for t in words)
        and any(as_figure(t) is not None for t in _own(last))
        and not _STARTS_BODY.match(plain(words[0] if words else ""))
        and len(draft.rows) > 1
        and _is_body(draft.rows[1])
        and all(last[c].text or not cell.text for c, cell in enumerate(first))
    )


def _mended(before: _Draft, draft: _Draft) -> list[tuple[GridCell, ...]]:
    last, first = before.rows[-1], draft.rows[0]
    before.rows[-1] = tuple(replace(a, text=f"{a.text}{b.text}") if b.text and not b.covered else a for a, b in zip(last, first, strict=True))
    return draft.rows[1:]


def _understood(draft: _Draft) -> ReadTable | None:
    head, body = draft.rows[: draft.heading], draft.rows[draft.heading :]
    notes: list[str] = []
    while body and _is_note(body[-1]):
        notes.insert(0, _own(body.pop())[0])
    number, title, unit, organ, at, organ_at = _names(draft)
    width = len(draft.rows[0])
    paths = [_path(head, c, draft.grid.sure) for c in range(width)]
    if not head or not any(paths):
        return None
    unit_of = [next((u for part in reversed(paths[c]) if (u := unit_in(part))), "") for c in range(width)]
    roles = [_role(paths[c], [r[c] for r in body], c) for c in range(width)]
    roles = ["数量" if role == "金额" and (not unit_of[c] or "单价" in "".join(paths[c])) and any(_COUNT.search(plain(p)) for p in paths[c]) else role for c, role in enumerate(roles)]
    if "人员" in title and "经费" not in title:
        roles = ["数量" if role == "金额" else role for role in roles]
    printed = unit or next((u for u in unit_of if u), "")
    places = [max((decimals(r[c].text) for r in body if not r[c].covered and as_figure(r[c].text) is not None), default=0) for c in range(width)]
    most = max((p for p, role in zip(places, roles, strict=True) if role == "金额"), default=2)
    faults: list[ReadCell] = []
    rows: list[ReadRow] = []
    for raw in body:
        if not any(c.text and not c.covered for c in raw) or is_numbers(raw):
            continue
        cells = []
        for c, cell in enumerate(raw):
            figure = _figure(cell, unit_of[c] or unit or "万元", most) if roles[c] in ("金额", "数量") and not cell.covered else None
            read = ReadCell(cell.text, cell.spot, figure, cell.covered)
            if roles[c] == "金额" and figure is None and cell.text and not cell.covered and not is_dash(cell.text) and re.search(r"\d", cell.text):
                faults.append(read)
            cells.append(read)
        code, label = _code_and_label(cells, paths, roles)
        rows.append(ReadRow(tuple(cells), code, label))
    if not number and draft.grid.name:
        number = split_number(draft.grid.name)[0]
    name = " ".join(p for p in (number, title) if p) or "无标题的表"
    rows = [replace(r, cells=tuple(replace(c, spot=_named(c.spot, name, at.page)) for c in r.cells)) for r in rows]
    columns = tuple(ReadColumn(p, role) for p, role in zip(paths, roles, strict=True))
    return ReadTable(
        number, title, printed or "万元", organ, _named(at, name, at.page), columns, tuple(rows), _lists(columns, rows), tuple(notes),
        tuple(replace(f, spot=_named(f.spot, name, at.page)) for f in faults), bool(printed), organ_at,
    )  # fmt: skip


def _named(spot: Spot, name: str, page: int) -> Spot:
    return spot if spot.sheet else replace(spot, part=name, page=spot.page or page, paragraph=0)


def _is_note(row: Sequence[GridCell]) -> bool:
    own = _own(row)
    return len(own) == 1 and len(own[0]) > 3 and bool(_NOTE.match(own[0])) and as_figure(own[0]) is None and not leading_code(own[0])[0]


def _names(draft: _Draft) -> tuple[str, str, str, str, Spot, Spot | None]:
    """Number, title, unit, organ from the lines above, nearest first, then from the grid's own lead and the sheet's name."""
    number = title = unit = organ = ""
    at = draft.grid.spot
    organ_at: Spot | None = None
    lines: list[tuple[str, Spot]] = [(p.text, p.spot) for p in draft.above[-ABOVE:]]
    lines += [(t, draft.grid.spot) for t in draft.lead]
    for text, spot in reversed(lines):
        if is_heading(text) and not looks_like_title(text):
            break
        unit = unit or unit_in(text)
        if not organ and (organ := organ_in(text)):
            organ_at = spot
        if not title and looks_like_title(text):
            own, title = split_number(text)
            number = number or own
            at = spot if not draft.grid.spot.sheet else at
        elif not number and is_number_line(text):
            number = split_number(text)[0]
        elif title and not is_number_line(text) and len(text) > 30:
            break
    if not title and draft.grid.name:
        number, title = split_number(draft.grid.name) if not number else (number, split_number(draft.grid.name)[1])
    title = re.sub(r"[（(]?\s*续\s*\d*\s*[)）]?\s*$", "", re.sub(r"\s+", "", title))
    title = re.sub(r"^\d{4}年度?", "", title)
    page = draft.grid.spot.page
    return number, title, unit, organ, replace(at, page=page or at.page, anchor=at.anchor or draft.grid.spot.anchor), organ_at


def _path(head: list[tuple[GridCell, ...]], column: int, sure: bool) -> tuple[str, ...]:
    path: list[str] = []
    for r, row in enumerate(head):
        if is_numbers(row):
            continue
        text = row[column].text
        if not text and not sure and r + 1 < len(head) and column and head[r + 1][column].text and r == 0:
            left = next((row[c].text for c in range(column - 1, -1, -1) if row[c].text), "")
            text = left
        text = re.sub(r"\s+", "", text)
        if text and (not path or plain(path[-1]) != plain(text)):
            path.append(text)
    return tuple(path)


def _role(path: tuple[str, ...], cells: list[GridCell], column: int) -> str:
    last = plain(path[-1]) if path else ""
    own = [c.text for c in cells if c.text and not c.covered]
    figures = sum(as_figure(t) is not None or is_dash(t) for t in own)
    codes = sum(bool(re.fullmatch(r"\d{2,}(?:[ ]\d+)*", t)) for t in own)
    if _INDEX_HEAD.search(last):
        return "其他"
    if _CODE_HEAD.search(last):
        if own and figures == len(own) and not all(re.fullmatch(r"[\d ]+", t) for t in own):
            return "金额"
        return "编码"
    if own and figures == len(own) and (any(re.fullmatch(r"0\d+", t) for t in own) or (re.search(r"类别|属性|编号|年度", last) and all(t.isdigit() for t in own))):
        return "编码"
    if own and codes == len(own) and "科目" in last and all(len(t) >= 3 for t in own):
        return "编码"
    if own and figures == len(own) and _NAME_HEAD.search(last) and not re.search(r"金额|预算|收入|支出|费|数|元", last):
        return "其他"
    if own and figures >= 0.75 * len(own):
        return "其他" if re.search(r"电话|邮编|年份|时间|日期", last) else "金额" if not (column == 0 and codes == len(own) and len(own[0]) >= 3 and "." not in own[0]) else "编码"
    if own and figures == 0:
        return "名称"
    if not own:
        return "名称" if _NAME_HEAD.search(last) else "金额"
    return "名称" if _NAME_HEAD.search(last) or figures < 0.4 * len(own) else "金额"


def _figure(cell: GridCell, unit: str, places: int) -> Figure | None:
    """A figure's last digit is that of the finest in the table: `93` beside `92.99` is 93.00 with its zeros cut off."""
    value = as_figure(cell.text)
    if value is None:
        return None
    scale = UNIT_YUAN.get(unit, Decimal(10000))
    return Figure(value, value * scale, scale.scaleb(-max(places, decimals(cell.text))))


def _code_and_label(cells: list[ReadCell], paths: list[tuple[str, ...]], roles: list[str]) -> tuple[str, str]:
    """The row's code from its code columns (类 款 项 put together) or from the front of its name; the name without spaces."""
    code, label, inline = "", "", ""
    for c, cell in enumerate(cells):
        last = plain(paths[c][-1]) if paths[c] else ""
        text = re.sub(r"\s", "", cell.text)
        if not text or cell.covered == "left":
            continue
        if roles[c] == "编码" and not re.search(r"单位|部门|项目(?:编码|代码)|类别|属性|编号|年度|品目|目录", last + plain("".join(paths[c][:1]))):
            if cell.covered == "above":
                continue
            found = re.match(r"\d+", text.strip("[]［］"))
            digits = found[0] if found else ""
            code = digits if code and digits.startswith(code) else code + digits
            if found and not label and len(text) > len(digits) + 2:
                label = plain(text[len(digits) :])
        elif roles[c] == "名称" and not re.search(r"备注|说明", last) and (not label or re.search(r"科目|名称|项目", last)) and as_figure(text) is None:
            found_code, name = leading_code(text)
            inline = inline or found_code
            name = ordinal(name or text)[1] if not found_code else plain(name)
            if name and (not label or re.search(r"科目", last)):
                label = name
    code = code or inline
    return (code if re.fullmatch(r"[235]\d{2}(?:\d{2}){0,2}", code) else ""), label


def _lists(columns: tuple[ReadColumn, ...], rows: list[ReadRow]) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """The lists that stand side by side in a statement; one list when its labels carry ordinals; none for tables with codes."""
    if any(c.role == "编码" for c in columns) and sum(bool(r.code) for r in rows) >= 2:
        return ()
    lists: list[tuple[int, list[int]]] = []
    for i, column in enumerate(columns):
        if column.role == "名称":
            lists.append((i, []))
        elif column.role == "金额" and lists:
            lists[-1][1].append(i)
    full = [(label, tuple(figures)) for label, figures in lists if figures]
    ordinals = [sum(bool(ordinal(r.cells[label].text)[0]) for r in rows) for label, _ in full]
    if len(full) >= 2 and any(n >= 1 for n in ordinals) and len(full) == len(lists):
        return tuple(full)
    if len(full) >= 2 and sum("总计" in plain(r.cells[label].text) for label, _ in full for r in rows) >= 2:
        return tuple(full)
    return tuple(full) if len(full) == 1 and len(rows) >= 3 and ordinals[0] >= 0.3 * len(rows) else ()
