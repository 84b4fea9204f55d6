"""The layout workbook templates/xlsx/<pack>.xlsx: the sheet 套表 with its list of tables, and one sheet per layout.

Column A of a layout sheet says what each line is: 标题, 表头, 栏次, 正文, 固定行, 合计行, 逐行 <数据>, 表尾. Everything right of it
is the table as it will be printed. In a 正文 line every cell is a binding; in all other lines text stands as it is and
what is written in 【】 is replaced. Merged cells, fonts, borders, widths, heights, number formats and page set-up are Excel's own.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import openpyxl
from openpyxl.cell.cell import Cell as XlCell
from openpyxl.cell.cell import MergedCell
from openpyxl.styles import Border as XlBorder
from openpyxl.styles.proxy import StyleProxy
from openpyxl.worksheet.worksheet import Worksheet

from generator.model.problem import PackError, Place
from generator.model.table import Border, Cell, Column, Line, LineKind, Page, Style
from generator.pack.binding import Binding, BindingError, Condition, Figure, Sum, Total, Vocabulary, split_text
from generator.pack.strict_yaml import suggestion

CATALOG = "套表"
FIXED, TOTALS, REPEAT = "固定行", "合计行", "逐行"
KINDS = {k.value: k for k in LineKind}
TABLE_KINDS = ("交叉表", "收支表", "清单表", "申报表")
COLUMNS = ("序号", "表号", "表名", "工作表", "种类", "数据", "行", "范围", "金额单位", "零值", "零行", "无数据时", "无数据位置", "无数据金额", "空表事项", "每份", "纸张", "依据", "备注")
ZERO = ("空白", "0.00", "0", "—")
EMPTY_PLACES = ("名称列", "整行", "表下", "不印")


@dataclass(frozen=True, slots=True)
class LayoutCell:
    """One cell of a layout line. parts: literal text and bindings; a 正文 cell has exactly one binding or nothing.

    constant: what it is in every table, when it asks for nothing.
    """

    parts: tuple[str | Binding, ...]
    style: int
    place: Place
    constant: Cell | None = field(init=False, compare=False)

    def __post_init__(self) -> None:
        asks = any(not isinstance(part, str) for part in self.parts)
        object.__setattr__(self, "constant", None if asks else Cell("".join(map(str, self.parts)) or None, style=self.style))


@dataclass(frozen=True, slots=True)
class Repeat:
    """逐行 数据 [范围 口径] [合并 字段…]: the records a line repeats for, and the fields whose equal neighbours become one cell."""

    dataset: str
    conditions: tuple[Condition, ...] = ()
    merged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LayoutLine:
    """One line of a layout sheet. word: 标题 … 逐行; repeats: what a 逐行 line runs over (数据 [范围 口径] [合并 字段…])."""

    word: str
    cells: tuple[LayoutCell, ...]
    height: float | None
    place: Place
    repeats: str = ""
    repeat: Repeat | None = None

    @property
    def kind(self) -> LineKind:
        """What the line is in a table."""
        return LineKind.BODY if self.word in (FIXED, TOTALS, REPEAT) else LineKind(self.word)


@dataclass(frozen=True)
class Layout:
    """One layout sheet. merges: (line, column, lines, columns), 0-based, column A not counted.

    paths: per column the heading cells above it, top down, each by the (line, column) of its merged first cell.
    """

    name: str
    lines: tuple[LayoutLine, ...]
    widths: tuple[float, ...]
    merges: tuple[tuple[int, int, int, int], ...]
    styles: tuple[Style, ...]
    page: Page
    paths: tuple[tuple[tuple[int, int], ...], ...] = ()

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns of every table made from this layout, until paper asks for other widths."""
        bodies = [line for line in self.lines if line.word in (LineKind.BODY, FIXED, TOTALS, REPEAT)]
        figures = [any(line.cells[c].parts and isinstance(line.cells[c].parts[0], (Figure, Sum, Total)) for line in bodies) for c in range(len(self.widths))]
        heads = [tuple("".join(p for p in self.lines[r].cells[k].parts if isinstance(p, str)) for r, k in path) for path in self.paths]
        return tuple(Column(head, figure, width) for head, figure, width in zip(heads, figures, self.widths, strict=True))

    @cached_property
    def asked(self) -> tuple[Binding | None, ...]:
        """What each column of a cross table or list asks for."""
        line = next(line for line in self.lines if line.word == LineKind.BODY)
        return tuple(c.parts[0] if len(c.parts) == 1 and not isinstance(c.parts[0], str) else None for c in line.cells)

    @cached_property
    def beside(self) -> tuple[tuple[int, ...], ...]:
        """Per column the others under the same heading, those of headings within it among them."""
        return tuple(tuple(k for k, path in enumerate(self.paths) if k != c and path[: max(len(own) - 1, 0)] == own[:-1]) for c, own in enumerate(self.paths))

    @cached_property
    def constant(self) -> dict[int, Line]:
        """The lines that ask for nothing, by their number: the same in every unit's table."""
        found = {}
        for i, line in enumerate(self.lines):
            cells = tuple(cell.constant for cell in line.cells if cell.constant is not None)
            if line.word not in (LineKind.BODY, REPEAT) and len(cells) == len(line.cells):
                found[i] = Line(line.kind, cells, height=line.height)
        return found


@dataclass(frozen=True, slots=True)
class TableEntry:
    """One line of the list in the sheet 套表, as typed; `cells` says where each word stands."""

    values: dict[str, str]
    row: int
    columns: dict[str, int]
    file: str

    def __getitem__(self, key: str) -> str:
        return self.values.get(key, "")

    def place(self, key: str) -> Place:
        return Place(self.file, CATALOG, self.row, self.columns.get(key, 1))


@dataclass(frozen=True, slots=True)
class LayoutBook:
    """A layout workbook read, bindings not yet parsed."""

    file: str
    about: dict[str, str]
    entries: tuple[TableEntry, ...]
    sheets: dict[str, Worksheet]


def open_book(path: Path) -> LayoutBook:
    """The layout workbook. PackError when it cannot be read or 套表 is missing or wrong."""
    try:
        book = openpyxl.load_workbook(path, data_only=True, rich_text=False)
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as e:
        raise PackError(f"{path.name} 打不开：{e}") from None
    if CATALOG not in book.sheetnames:
        raise PackError(f"{path.name} 缺工作表“{CATALOG}”")
    sheet = book[CATALOG]
    about: dict[str, str] = {}
    entries: list[TableEntry] = []
    heads: dict[str, int] = {}
    for r, row in enumerate(sheet.iter_rows(), 1):
        texts = {c: _text(cell) for c, cell in enumerate(row, 1) if _text(cell)}
        if not texts:
            continue
        if not heads and "表号" in texts.values() and "表名" in texts.values():
            heads = {t: c for c, t in texts.items()}
            for name, column in heads.items():
                if name not in COLUMNS:
                    raise PackError(f"{Place(path.name, CATALOG, r, column)} 不认识列“{name}”；可用：{'、'.join(COLUMNS)}{suggestion(name, list(COLUMNS))}")
        elif heads:
            values = {name: texts.get(column, "") for name, column in heads.items()}
            if values["表号"] or values["表名"]:
                entries.append(TableEntry(values, r, heads, path.name))
        else:
            first, *rest = texts.values()
            about[first.rstrip("：:")] = rest[0] if rest else ""
    if not heads:
        raise PackError(f"{path.name}!{CATALOG} 没有表头行（至少要有“表号”“表名”两列）")
    return LayoutBook(path.name, about, tuple(entries), {ws.title: ws for ws in book.worksheets if ws.title != CATALOG})


def read_catalog(path: Path) -> list[tuple[str, str]]:
    """Number and title of every table of a layout workbook; its layouts are not opened, so this is quick. PackError when it cannot be read."""
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        rows = [["" if v is None else str(v).strip() for v in row] for row in book[CATALOG].iter_rows(values_only=True)]
        book.close()
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as e:
        raise PackError(f"{path.name} 打不开：{e}") from None
    head = next((n for n, row in enumerate(rows) if "表号" in row and "表名" in row), len(rows))
    pairs = [(row[rows[head].index("表号")], row[rows[head].index("表名")]) for row in rows[head + 1 :]]
    return [(number, title) for number, title in pairs if number and title]


def _text(cell: XlCell | MergedCell) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def read_layout(book: LayoutBook, name: str, dataset: str, vocabulary: Vocabulary, problems: list[str], fonts: Mapping[str, str]) -> Layout:
    """One layout sheet with its bindings parsed for a table over `dataset`. What is wrong goes to `problems`, all of it.

    fonts: what the pack prints in the place of a font the sheet names.
    """
    sheet = book.sheets[name]
    width, height = _extent(sheet)
    styles: dict[Style, int] = {}
    lines: list[LayoutLine] = []
    words = [*KINDS, FIXED, TOTALS, REPEAT]
    for r in range(1, height + 1):
        control = _text(sheet.cell(r, 1))
        word, _, repeats = control.partition(" ")
        if word not in words:
            if not control and not any(_text(sheet.cell(r, c)) for c in range(2, width + 1)):
                if r == height:
                    break
                word = FIXED if any(line.word in (FIXED, TOTALS, "正文", REPEAT) for line in lines) else "标题"
            else:
                problems.append(f"{Place(book.file, name, r, 1)} 第一列“{control or '空白'}”不对，要写这一行是什么；可用：{'、'.join(words)}{suggestion(control, words)}")
                continue
        cells = []
        for c in range(2, width + 1):
            cell = sheet.cell(r, c)
            place = Place(book.file, name, r, c)
            style = styles.setdefault(_style(cell, fonts), len(styles))
            cells.append(LayoutCell(_parts(_text(cell), word, dataset, repeats, vocabulary, place, problems), style, place))
        repeat = _repeat(repeats.split(), vocabulary, Place(book.file, name, r, 1), problems) if word == REPEAT else None
        lines.append(LayoutLine(word, tuple(cells), _height(sheet, r, word), Place(book.file, name, r), repeats.strip(), repeat))
    merges = tuple(
        (m.min_row - 1, m.min_col - 2, m.max_row - m.min_row + 1, min(m.max_col, width) - m.min_col + 1) for m in sheet.merged_cells.ranges if 1 < m.min_col <= width and m.max_row <= len(lines)
    )
    widths = tuple(_width(sheet, c) for c in range(2, width + 1))
    return Layout(name, tuple(lines), widths, tuple(sorted(merges)), tuple(styles), _page(sheet), _paths(lines, merges, len(widths)))


def _paths(lines: list[LayoutLine], merges: tuple[tuple[int, int, int, int], ...], width: int) -> tuple[tuple[tuple[int, int], ...], ...]:
    rows = [i for i, line in enumerate(lines) if line.word == LineKind.HEADING]
    anchor = {(r, c): (top, left) for top, left, height, span in merges for r in range(top, top + height) for c in range(left, left + span)}
    paths = []
    for c in range(width):
        path: list[tuple[int, int]] = []
        for r in rows:
            top, left = anchor.get((r, c), (r, c))
            if (top, left) not in path and lines[top].cells[left].parts:
                path.append((top, left))
        paths.append(tuple(path))
    return tuple(paths)


def _repeat(words: list[str], vocabulary: Vocabulary, place: Place, problems: list[str]) -> Repeat | None:
    if not words or words[0] not in vocabulary.datasets:
        problems.append(f"{place} 逐行后面要写数据名，例如“逐行 指标 合并 一级指标 二级指标”；可用：{'、'.join(vocabulary.datasets)}")
        return None
    dataset, rest = words[0], words[1:]
    merged = rest[rest.index("合并") + 1 :] if "合并" in rest else []
    chosen = rest[: rest.index("合并")] if "合并" in rest else rest
    fields = vocabulary.schema.fields(dataset)
    for name in merged:
        if name not in fields:
            problems.append(f"{place} “{dataset}”没有字段“{name}”；可用：{'、'.join(fields)}{suggestion(name, list(fields))}")
    conditions: tuple[Condition, ...] = ()
    if chosen:
        try:
            if chosen[0] != "范围":
                raise BindingError(f"不认识“{chosen[0]}”；可用：范围、合并")
            conditions = vocabulary.conditions(chosen[1:], dataset)
        except BindingError as e:
            problems.append(f"{place} {e}")
    return Repeat(dataset, conditions, tuple(merged))


def _parts(text: str, word: str, dataset: str, repeats: str, vocabulary: Vocabulary, place: Place, problems: list[str]) -> tuple[str | Binding, ...]:
    if not text:
        return ()
    try:
        if word == LineKind.BODY and not re.search(r"[【\[].*[】\]].*\S|\S.*[【\[]", text):  # one binding, with or without brackets
            return (vocabulary.parse(text.strip("【】[]").strip(), dataset),)
        if word in (LineKind.HEADING, LineKind.NUMBERS) and "【" not in text:
            return (text,)
        own = repeats.split()[0] if repeats.split() else dataset
        if word in (FIXED, TOTALS, REPEAT) and _bare_binding(text, own, vocabulary):
            problems.append(f"{place} “{text}”是口径，可是没有写在【】里，会照字印出来；写成 【{text}】")
            return ()
        return split_text(text, lambda inside: vocabulary.parse(inside, own))
    except BindingError as e:
        problems.append(f"{place} {e}")
        return ()


def _bare_binding(text: str, dataset: str, vocabulary: Vocabulary) -> bool:
    """Whether a text outside 正文 reads like a figure's binding whose 【】 were forgotten. A lone word (合计, 项目) is a label."""
    if "【" in text or "[" in text or " " not in text.strip():
        return False
    try:
        found = vocabulary.parse(text.strip(), dataset)
    except BindingError:
        return False
    return isinstance(found, Sum) or (isinstance(found, Figure) and bool(found.conditions or found.dataset))


def _extent(sheet: Worksheet) -> tuple[int, int]:
    """The last column and row that print.

    Columns at the right that have lines but no words are what is left of cleared columns: they would print as an empty grid. Titles
    merged over them say nothing of them; so only a sheet with column headings is cut.
    """
    width = height = said = 1
    leads = {r for r in range(1, sheet.max_row + 1) if _text(sheet.cell(r, 1)) == LineKind.LEAD}
    headed = any(_text(sheet.cell(r, 1)) == LineKind.HEADING for r in range(1, sheet.max_row + 1))
    for r, row in enumerate(sheet.iter_rows(), 1):
        for c, cell in enumerate(row, 1):
            if cell.value is not None or _line(cell.border, "left") or _line(cell.border, "bottom"):
                width, height = max(width, c), max(height, r)
            if _text(cell):
                said = max(said, c)
    for m in sheet.merged_cells.ranges:
        width, height = max(width, m.max_col), max(height, m.max_row)
        if m.min_row not in leads and _text(sheet.cell(m.min_row, m.min_col)):
            said = max(said, m.max_col)
    return (said if headed else width), height


def _width(sheet: Worksheet, column: int) -> float:
    """The column's width; openpyxl keeps a run of equal columns under its first letter."""
    for dimension in sheet.column_dimensions.values():
        if dimension.min and dimension.min <= column <= (dimension.max or dimension.min) and dimension.width:
            return float(dimension.width)
    return float(sheet.sheet_format.defaultColWidth or 8.43)


def _style(cell: XlCell | MergedCell, fonts: Mapping[str, str]) -> Style:
    font, align, border = cell.font, cell.alignment, cell.border
    color = cell.fill.fgColor.rgb if cell.fill.fill_type == "solid" and isinstance(cell.fill.fgColor.rgb, str) else ""
    return Style(
        font=fonts.get(font.name or "宋体", font.name or "宋体"),
        size=float(font.sz or 10),
        bold=bool(font.b),
        horizontal=align.horizontal or "",
        vertical_align=align.vertical or "center",
        wrap=bool(align.wrap_text),
        indent=int(align.indent or 0),
        vertical=align.textRotation == 255,
        fill=color[-6:],
        border=Border(*(_line(border, side) for side in ("left", "right", "top", "bottom"))),
        number_format=cell.number_format or "General",
    )


def _line(border: XlBorder | StyleProxy, side: str) -> str:
    """A side's line style; files not written by Excel may lack the side altogether."""
    found = getattr(border, side)
    return (found.style or "") if found is not None else ""


def _height(sheet: Worksheet, row: int, word: str) -> float | None:
    """The line's own height. Of a line that repeats, a tall one is Excel's automatic height for the wrapped binding words
    in the layout, not the officer's wish for every printed line."""
    height = sheet.row_dimensions[row].height
    return None if height is not None and word in (LineKind.BODY, REPEAT) and height > 30 else height


def _page(sheet: Worksheet) -> Page:
    setup, margins = sheet.page_setup, sheet.page_margins
    return Page("A3" if str(setup.paperSize) == "8" else "A4", setup.orientation != "portrait", (margins.left, margins.right, margins.top, margins.bottom))
