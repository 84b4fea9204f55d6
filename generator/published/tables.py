"""Drafts → tables understood: which column is code, name, amount; which rows are body; what unit they are in. A Table comes out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from msgspec import structs

from generator.model.table import Cell, Line, LineKind, Merge, Table
from generator.published.drafts import ABOVE, NOTE, Draft, drafts_of, is_numbers
from generator.published.model import Document, GridCell, ReadCell, ReadColumn, ReadRow, ReadTable, Spot, own_texts
from generator.published.sections import is_heading
from generator.published.words import UNIT_YUAN, as_figure, decimals, is_dash, is_number_line, leading_code, looks_like_title, ordinal, organ_in, own_unit, plain, split_number, unit_in

_COUNT = re.compile(r"数量|单价|人数|编制|实有|在职|离休人|退休人|人员$|面积|个数|台|辆|套$|次数|职数|单价|序号|行次|比例|占比|幅度|增减.*[%％]|[%％]|指标值|权重")
_CODE_HEAD = re.compile(r"编码|代码|^类$|^款$|^项$|^码$")
_NAME_HEAD = re.compile(r"名称|科目$|^项目$|^单位$|^收入$|^支出$|内容|用途|说明|备注|依据|目标|指标|类别|品目|资金来源|资金性质|来源$|方式|负责|日期|时间|是否|型号|规格|计量")
_INDEX_HEAD = re.compile(r"^序号$|^行次$|^栏次$")
_FORM_TITLE = re.compile(r"绩效|申报表|申报书|目标表")
_FORM_HEAD = re.compile(r"绩效指标|[一二三]级指标")
_PERCENT = re.compile(r"^-?[\d.,]+\s*[%％]$")
UNKNOWN_UNIT = "万元"  # taken where no unit is printed: what nearly all published tables are in


def read_tables(document: Document) -> list[ReadTable]:
    """The tables of a document in order. A grid of one column is not a table; one that cannot be made out is told as unread.

    Read once: the document keeps them.
    """
    if document.tables is None:
        document.tables = []
        for draft in drafts_of(document):
            table = _understood(draft)
            if table is not None:
                document.tables.append(table)
            why = "没有认出表头" if table is None and _has_figures(draft) else "行和表头对不齐（提取文字时合并的格子散开了）" if table is not None and table.ragged else ""
            if why:
                document.unread.append(f"{_what(draft, table)}{why}，没有读")
                document.lost += 1
    return document.tables


def _has_figures(draft: Draft) -> bool:
    return sum(as_figure(c.text) is not None for row in draft.rows for c in row if not c.covered) >= 3


def _what(draft: Draft, table: ReadTable | None) -> str:
    names = _names(draft)
    name = f"{names.number} {names.title}".strip()
    first = "、".join(own_texts(draft.rows[0])[:3])
    return f"{table.spot if table else names.at}{f' {name}' if name and not table else ''}{f'（{first[:24]}……）' if not name else ''}的表"


def _ragged(draft: Draft, body: Sequence[tuple[GridCell, ...]], paths: Sequence[tuple[str, ...]], roles: Sequence[str]) -> bool:
    """Text out of another program drops blanks of merged cells, so that rows begin in other columns than their headings.

    Seen by words standing under a heading of amounts, amounts where all others have a name, or numbered columns without a heading.
    """
    if draft.grid.sure or ("编码" not in roles and "名称" not in roles):
        return False
    money = [c for c, role in enumerate(roles) if role == "金额"]
    first = money[0] if money else len(roles)
    stray = [row for row in body if any(row[c].text and as_figure(row[c].text) is None and not is_dash(row[c].text) and not re.search(r"\d", row[c].text) and len(row[c].text) > 1 for c in money)]
    names = [c for c in range(first) if roles[c] in ("编码", "名称")]
    early = [row for row in body if any("." in row[c].text and as_figure(row[c].text) is not None for c in names) and any(row[c].text for c in money)]
    numbered = [row for row in draft.rows[: draft.heading] if is_numbers(row)]
    beyond = [c for c, path in enumerate(paths) if not path and any(row[c].text for row in numbered)]
    return bool(stray or early or beyond)


def _understood(draft: Draft) -> ReadTable | None:
    head, body = draft.rows[: draft.heading], draft.rows[draft.heading :]
    foot: list[tuple[GridCell, ...]] = []
    while body and _is_note(body[-1]):
        foot.insert(0, body.pop())
    body = [row for row in body if any(c.text and not c.covered for c in row) and not is_numbers(row)]
    names = _names(draft)
    width = len(draft.rows[0])
    paths = [_path(head, c, draft.grid.sure) for c in range(width)]
    if not head or not any(paths):
        return None
    units = [next((u for part in reversed(path) if (u := unit_in(part))), "") for path in paths]
    roles = _roles(paths, units, body, names.title)
    ragged = _ragged(draft, body, paths, roles)
    if ragged:
        roles = ["其他" if role in ("金额", "数量") else role for role in roles]
    printed = names.unit or next((u for u in units if u), "")
    unit = printed or UNKNOWN_UNIT
    columns = tuple(
        ReadColumn(path, role in ("金额", "数量"), role=role, unit=(own or names.unit or UNKNOWN_UNIT) if role == "金额" or _is_price(path) else "")
        for path, role, own in zip(paths, roles, units, strict=True)
    )
    places = _places([row[c].text for row in body for c, k in enumerate(columns) if k.role == "金额" and not row[c].covered and as_figure(row[c].text) is not None])
    number = names.number or (split_number(draft.grid.name)[0] if draft.grid.name else "")
    name = " ".join(p for p in (number, names.title) if p) or "无标题的表"

    def cell(raw: GridCell, column: ReadColumn | None = None) -> ReadCell:
        spot = _named(raw.spot, name, names.at.page)
        value = as_figure(raw.text) if column is not None and column.figure and not raw.covered else None
        if value is None or column is None:
            return ReadCell(raw.text, place=spot, covered=raw.covered)
        own = own_unit(raw.text) if column.unit else ""
        scale = UNIT_YUAN.get(own or column.unit, Decimal(1))
        if own and own != column.unit:  # 3500元 in a column of 万元
            value = value * scale / UNIT_YUAN[column.unit]
            return ReadCell(raw.text, value * UNIT_YUAN[column.unit], value, place=spot, step=scale.scaleb(-decimals(raw.text)))
        return ReadCell(raw.text, value * scale, value, place=spot, step=scale.scaleb(-max(places, decimals(raw.text))))

    rows = [_row(tuple(cell(c, k) for c, k in zip(raw, columns, strict=True)), columns) for raw in body]
    lists = _lists(columns, rows)
    lines = [Line(LineKind.LEAD, (ReadCell(text, place=spot), *(Cell() for _ in range(width - 1)))) for text, spot in names.lines]
    grid = [*draft.lead, *head, *body, *foot]
    merges = _merges(grid, len(lines))
    lines += [Line(LineKind.LEAD, tuple(map(cell, raw))) for raw in draft.lead]
    lines += [Line(LineKind.NUMBERS if is_numbers(raw) else LineKind.HEADING, tuple(map(cell, raw))) for raw in head]
    lines += [replace(row, level=ordinal(row.cells[lists[0][0]].text)[0], key=()) for row in rows] if lists else rows
    lines += [Line(LineKind.FOOT, tuple(structs.replace(cell(c), text="" if c.covered else c.text) for c in raw)) for raw in foot]
    empty = not any(c.amount for row in rows for c, k in zip(row.cells, columns, strict=True) if k.figure)
    form = bool(_FORM_TITLE.search(names.title)) or any(_FORM_HEAD.search(p) for path in paths for p in path if len(p) < 12)
    last_digit = UNIT_YUAN[unit].scaleb(-places)
    table = Table(name, number, names.title, unit, tuple(lines), columns, merges, empty=empty, form=form, last_digit=last_digit)
    organ_at = _named(names.organ_at, name, names.at.page) if names.organ_at is not None and names.organ_at.row else names.organ_at
    return ReadTable(table, _named(names.at, name, names.at.page), names.organ, organ_at, lists, bool(printed), ragged)


def _places(figures: Sequence[str]) -> int:
    """Decimals of a table's amounts: of the finest, since 93 beside 92.99 is 93.00; but a few computed ones do not make the typed ones finer."""
    digits = [n for text in figures if (n := decimals(text))]
    if not digits:
        return 0 if figures else 2
    return max(digits) if max(digits) <= 2 or 4 * sum(n > 2 for n in digits) >= len(digits) else 2


def _row(cells: tuple[ReadCell, ...], columns: tuple[ReadColumn, ...]) -> ReadRow:
    """The level is that of the code (类 1, 款 2, 项 3), 0 for 合计; a row of neither stands beside 类."""
    code, label = _code_and_label(cells, columns)
    total = not code and plain(label) in ("合计", "总计")
    return ReadRow(LineKind.BODY, cells, 0 if total else max(1, (len(code) - 1) // 2), None, ("合计",) if total else (code or label,) if code or label else (), code, label)


def _merges(rows: Sequence[tuple[GridCell, ...]], shift: int) -> tuple[Merge, ...]:
    """The merged ranges, by the cells that say they are covered."""
    found: list[Merge] = []
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if cell.covered:
                continue
            end = c + 1
            while end < len(row) and row[end].covered == "left":
                end += 1
            last = r + 1
            while last < len(rows) and rows[last][c].covered == "above":
                last += 1
            if (last, end) != (r + 1, c + 1):
                found.append(Merge(shift + r, c, last - r, end - c))
    return tuple(found)


def _roles(paths: Sequence[tuple[str, ...]], units: Sequence[str], body: Sequence[tuple[GridCell, ...]], title: str) -> list[str]:
    roles = [_role(path, [r[c] for r in body], c) for c, path in enumerate(paths)]
    counted = [role == "金额" and (not units[c] or _is_price(paths[c])) and any(_COUNT.search(plain(p)) for p in paths[c]) for c, role in enumerate(roles)]
    people = "人员" in title and "经费" not in title
    return ["数量" if count or (people and role == "金额") else role for count, role in zip(counted, roles, strict=True)]


def _is_price(path: tuple[str, ...]) -> bool:
    return "单价" in "".join(path)


def _named(spot: Spot, name: str, page: int) -> Spot:
    return spot if spot.workbook else replace(spot, sheet=name, page=spot.page or page, paragraph=0)


def _is_note(row: Sequence[GridCell]) -> bool:
    own = own_texts(row)
    return len(own) == 1 and len(own[0]) > 3 and bool(NOTE.match(own[0])) and as_figure(own[0]) is None and not leading_code(own[0])[0]


@dataclass(slots=True)
class _Names:
    """What the lines above a table say. lines: those of them that stand outside its grid; at: where the table begins."""

    at: Spot
    number: str = ""
    title: str = ""
    unit: str = ""
    organ: str = ""
    organ_at: Spot | None = None
    lines: list[tuple[str, Spot]] = field(default_factory=list)


def _names(draft: Draft) -> _Names:
    """Number, title, unit, organ from the lines above, nearest first, then from the grid's own lead and the sheet's name."""
    grid = draft.grid
    found = _Names(grid.spot)
    above = [(p.text, p.spot, True) for p in draft.above[-ABOVE:]]
    for text, spot, outside in reversed([*above, *((c.text, c.spot, False) for c in draft.lead_cells)]):
        if is_heading(text) and not looks_like_title(text):
            break
        unit, organ = unit_in(text), organ_in(text)
        found.unit = found.unit or unit
        if not found.organ and organ:
            found.organ, found.organ_at = organ, spot
        used = bool(unit or organ)
        if not found.title and looks_like_title(text):
            own, found.title = split_number(text)
            found.number = found.number or own
            found.at = grid.spot if grid.spot.workbook or not outside else spot
            used = True
        elif not found.number and is_number_line(text):
            found.number = split_number(text)[0]
            used = True
        elif found.title and not is_number_line(text) and len(text) > 30:
            break
        if used and outside:
            found.lines.insert(0, (text, spot))
    if not found.title and grid.name:
        own, found.title = split_number(grid.name)
        found.number = found.number or own
    found.title = re.sub(r"[（(]?\s*续\s*\d*\s*[)）]?\s*$", "", re.sub(r"\s+", "", found.title))
    found.title = re.sub(r"^\d{4}年度?|[（(]\d{4}年度?[)）]$", "", found.title)
    found.at = replace(found.at, page=grid.spot.page or found.at.page, anchor=found.at.anchor or grid.spot.anchor)
    return found


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
    if _INDEX_HEAD.search(last) or (own and 4 * sum(bool(_PERCENT.match(t)) for t in own) >= 3 * len(own)):
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


def _code_and_label(cells: Sequence[ReadCell], columns: Sequence[ReadColumn]) -> tuple[str, str]:
    """The row's code from its code columns (类 款 项 put together) or from the front of its name; the name without spaces."""
    code, label, inline = "", "", ""
    for cell, column in zip(cells, columns, strict=True):
        last = plain(column.path[-1]) if column.path else ""
        text = re.sub(r"\s", "", cell.text)
        if not text or cell.covered == "left":
            continue
        if column.role == "编码" and not re.search(r"单位|部门|项目(?:编码|代码)|类别|属性|编号|年度|品目|目录", last + plain("".join(column.path[:1]))):
            if cell.covered == "above":
                continue
            found = re.match(r"\d+", text.strip("[]［］"))
            digits = found[0] if found else ""
            code = digits if code and digits.startswith(code) else code + digits
            if found and not label and len(text) > len(digits) + 2:
                label = plain(text[len(digits) :])
        elif column.role == "名称" and not re.search(r"备注|说明", last) and (not label or re.search(r"科目|名称|项目", last)) and as_figure(text) is None:
            found_code, name = leading_code(text)
            inline = inline or found_code
            rest = re.match(r"(\d{2})(?=[^\d年月日%.、．])", text)
            if rest and not found_code and re.fullmatch(r"2\d{2}(?:\d{2})?", code):  # 201 | 03 | 50 事业运行: the last part of the code stands with the name
                code, name = code + rest[1], text[2:]
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
