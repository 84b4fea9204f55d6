"""A table as comparison sees it: lines with an identity, cells with the path of their headings. From a built Table or a read one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from generator.audit.readback import expected_text
from generator.build.named import path_of, squeezed
from generator.model.table import Cell, Line, LineKind, Table
from generator.pack.pack import TableSpec
from generator.published.model import ReadCell, ReadRow, ReadTable

_NUMBERING = re.compile(r"^(?:[（(]?[一二三四五六七八九十廿百]+[)）、.]|\d+[、.])")
_YEAR = re.compile(r"(?:19|20)\d\d(?=年|$|\D)")


@dataclass(frozen=True, slots=True)
class CellView:
    """value: as printed, in the table's unit; None for a text."""

    path: str
    text: str
    value: Decimal | None
    place: str = ""


@dataclass(frozen=True, slots=True)
class RowView:
    """identity: what makes this line this one; keyed: of codes and names out of the facts, not of printed words. lead: title or foot."""

    identity: tuple[str, ...]
    label: str
    cells: tuple[CellView, ...]
    keyed: bool = False
    lead: bool = False
    place: str = ""


@dataclass(frozen=True, slots=True)
class TableView:
    number: str
    title: str
    unit: str
    rows: tuple[RowView, ...]

    @property
    def name(self) -> str:
        return f"{self.number} {self.title}".strip()


def built_view(table: Table, spec: TableSpec, year: int, keyed: bool = True) -> TableView:
    """A table just built. keyed: lines go by their keys; False when the other side has printed words only."""
    rows: list[RowView] = []
    seen: dict[tuple[str, ...], int] = {}
    for form, sheet in enumerate(table.sheets):
        for r, line in enumerate(sheet.lines):
            if line.kind in (LineKind.HEADING, LineKind.NUMBERS):
                continue
            cells = [(c, cell) for c, cell in enumerate(line.cells) if (r, c) not in sheet.covered]
            if not any(not cell.blank for _, cell in cells):
                continue
            at = form if len(table.sheets) > 1 else sum(start <= r for start in table.breaks)
            rows += _lines(sheet, spec, line, r, cells, year, keyed, f"{at}" if table.form else "", seen)
    return TableView(table.number, table.title, table.unit, tuple(rows))


def _lines(sheet: Table, spec: TableSpec, line: Line, r: int, cells: list[tuple[int, Cell]], year: int, keyed: bool, form: str, seen: dict[tuple[str, ...], int]) -> Iterator[RowView]:
    lead = line.kind in (LineKind.LEAD, LineKind.FOOT)
    if spec.kind == "收支表" and not lead:
        label = ""
        group: list[tuple[int, Cell]] = []
        for c, cell in [*cells, (-1, Cell("\0"))]:
            if cell.amount is None and cell.text:
                if group:
                    identity = _once((_NUMBERING.sub("", label), _neutral(path_of(sheet, group[0][0]), year).rpartition("›")[0]), seen)
                    yield RowView(identity, label, tuple(_view(sheet, r, n, x, year) for n, x in group), place=f"{sheet.name}!{sheet.address(r, group[0][0])}")
                label, group = squeezed(cell.text), []
            elif cell.amount is not None:
                group.append((c, cell))
        return
    label = " ".join(dict.fromkeys(squeezed(cell.text) for _, cell in cells if cell.text and cell.amount is None))
    own_key = keyed and bool(line.key) and not any("明细" in level for level in spec.levels)
    if own_key:
        identity = _once(line.key, seen)
    elif spec.kind == "申报表":
        identity = _once((form, label.partition(" ")[0]), seen)
    else:
        identity = _once((line.kind.value if lead else "", label if not lead else ""), seen)
    yield RowView(
        identity,
        label or "（无名称）",
        tuple(_view(sheet, r, c, cell, year, lead or spec.kind == "申报表") for c, cell in cells if not cell.blank),
        own_key,
        lead,
        f"{sheet.name}!{sheet.address(r, 0)}",
    )


def _view(sheet: Table, r: int, c: int, cell: Cell, year: int, by_place: bool = False) -> CellView:
    path = f"第{c + 1}格" if by_place else _neutral(path_of(sheet, c), year) or f"第{c + 1}列"
    text = expected_text(sheet, cell)
    return CellView(path, text, cell.shown if text else None, f"{sheet.name}!{sheet.address(r, c)}")  # a zero that prints blank is nothing


def _once(identity: tuple[str, ...], seen: dict[tuple[str, ...], int]) -> tuple[str, ...]:
    """Lines of one name are told apart by how many came before."""
    n = seen[identity] = seen.get(identity, 0) + 1
    return identity if n == 1 else (*identity, f"#{n}")


def _neutral(path: str, year: int) -> str:
    """A heading without its year: 2023年预算数 and 2024年预算数 are the same column, a year apart."""
    words = {str(year): "本年度", str(year - 1): "上年度"}
    return _YEAR.sub(lambda m: words.get(m[0], m[0]), path)


def read_views(tables: Iterable[ReadTable], year: int) -> list[TableView]:
    """Tables read from finished documents: lines go by their words."""
    found = []
    for table in tables:
        rows: list[RowView] = []
        seen: dict[tuple[str, ...], int] = {}
        for row in table.rows:
            if table.lists:
                rows += _statement(table, row, year, seen)
                continue
            texts = [squeezed(c.text) for c in row.cells]
            views = [(c, _read(table, c, n, year)) for n, c in enumerate(row.cells) if c.text and not c.covered]
            counted = {c.spot for c, v in views if v.value is not None}
            label = " ".join(dict.fromkeys(t for t, c in zip(texts, row.cells, strict=True) if t and c.figure is None and not c.covered and c.spot not in counted))
            shown = tuple(v for _, v in views)
            rows.append(RowView(_once(("", label), seen), label or "（无名称）", shown, place=str(row.cells[0].spot) if row.cells else ""))
        rows += [RowView(_once((LineKind.FOOT.value, ""), seen), note, (CellView("第1格", note, None),), lead=True) for note in table.notes]
        found.append(TableView(table.number, table.title, table.unit if table.figure_columns else "", tuple(rows)))  # counts have no unit of money
    return found


DIMENSIONS = ("主管部门编码", "单位编码", "功能科目编码", "部门经济编码", "政府经济编码", "项目名称", "资金来源")


def figure_views(figures: Iterable[Mapping[str, str]], titles: Mapping[str, str], year: int) -> list[TableView]:
    """Tables from the open data of a result folder (公开表.csv): their figures by line and column. titles: 表号 → 表名."""
    lines: dict[str, dict[tuple[str, ...], list[CellView]]] = {number: {} for number in titles}
    units: dict[str, Counter[str]] = {number: Counter() for number in titles}
    labels: dict[tuple[str, tuple[str, ...]], str] = {}
    counted: Counter[tuple[str, ...]] = Counter()
    opened: dict[tuple[str, str, str], tuple[str, ...]] = {}
    for row in figures:
        number, sheet, cell, label = row["表号"], row["工作表"], row["单元格"], row["行"]
        at = cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        line = (sheet, at, label)
        if line not in opened:
            bare = (number, *(row[d] for d in DIMENSIONS), _NUMBERING.sub("", label), row["栏"].rpartition("›")[0] if not row["单位编码"] else "")
            counted[bare] += 1
            opened[line] = (*bare[1:], f"#{counted[bare]}")
        identity = opened[line]
        path = _neutral(row["栏"], year) or f"第{cell.removesuffix(at)}栏"
        lines[number].setdefault(identity, []).append(CellView(path, row["印数"], Decimal(row["印数"]), f"{sheet}!{cell}"))
        units[number][row["计量单位"]] += 1
        labels[number, identity] = label
    found = []
    for number, title in titles.items():
        rows = tuple(RowView(i, labels[number, i] or "（无名称）", tuple(cells), True, place=cells[0].place) for i, cells in lines[number].items())
        found.append(TableView(number, title, units[number].most_common(1)[0][0] if units[number] else "", rows))
    return found


def _statement(table: ReadTable, row: ReadRow, year: int, seen: dict[tuple[str, ...], int]) -> Iterator[RowView]:
    """The lists that stand side by side in one line, each a line of its own."""
    for at, columns in table.lists:
        label = squeezed(row.cells[at].text)
        cells = tuple(_read(table, row.cells[c], c, year) for c in columns)
        if label and cells:
            identity = _once((_NUMBERING.sub("", label), cells[0].path.rpartition("›")[0]), seen)
            yield RowView(identity, label, tuple(c for c in cells if c.text), place=str(row.cells[at].spot))


def _read(table: ReadTable, cell: ReadCell, column: int, year: int) -> CellView:
    path = _neutral("›".join(dict.fromkeys(map(squeezed, table.columns[column].path))), year) or f"第{column + 1}列"
    value = cell.figure.value if cell.figure else None
    if value is None and table.columns[column].role == "数量" and re.fullmatch(r"-?[\d,]+(\.\d+)?", cell.text):
        value = Decimal(cell.text.replace(",", ""))
    return CellView(path, cell.text, value, str(cell.spot))
