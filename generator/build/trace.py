"""Where a figure comes from: a cell of a table, a figure of the explanation, or a number somebody read somewhere.

The tables are built once more, with their sources kept; nothing here computes an amount of its own, it only lists what the
builder added up. So what `explain` says and what a table prints cannot disagree.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from generator.build.change import Change
from generator.build.facts import FACT_FORMS, Fact, _before, _grouping, facts, last_year
from generator.build.rows import groups
from generator.build.select import ZERO, Holding, Selector, bits
from generator.build.table import Built, Source, build
from generator.model.amount import YUAN_PER_UNIT, grouped, half_up, printed, to_unit, to_yuan
from generator.model.figures import written
from generator.model.master import Record
from generator.model.problem import Place, UsageError
from generator.model.table import Cell, LineKind, Table
from generator.pack.binding import Figure, Label, Listed, Sum, Tick, Total
from generator.pack.pack import TableSpec
from generator.pack.schema import folded
from generator.pack.strict_yaml import suggestion
from generator.read import RawWorkbook, to_amount

GOVERNMENT = "政府经济编码"
ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
NUMBER = re.compile(r"[-−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[-−]?\d+(?:\.\d+)?")
MOST_NAMED = 12
Typed = Callable[[Place, Decimal], str]  # a master cell and what it was read as → what stands in it, with its unit


@dataclass(frozen=True, slots=True)
class Addend:
    """One master cell in a sum. amount: what of it counts, in 元 (or as counted); whole: all that the cell holds; sign: 1 or -1.

    about: the line it stands in, in words. government: how its governmental item was chosen; empty where that does not matter.
    """

    place: Place
    sign: int
    amount: Decimal
    whole: Decimal
    typed: str = ""
    about: str = ""
    government: str = ""


@dataclass(frozen=True, slots=True)
class Added:
    """One figure: what it asks for, what was added up, and how it is printed. unit: 元, 万元, 人 …; shown: rounded once."""

    words: str
    addends: tuple[Addend, ...]
    amount: Decimal
    unit: str
    shown: Decimal
    money: bool
    name: str = ""

    @property
    def unrounded(self) -> Decimal:
        """The amount in its unit, before rounding."""
        return to_unit(self.amount, self.unit) if self.money and self.unit in YUAN_PER_UNIT else self.amount


@dataclass(frozen=True, slots=True)
class Traced:
    """The answer: what it is, what is known of it (label, words), and the figures behind it.

    sheet, cell: where it stands in 预算公开表.xlsx, empty for a figure of the explanation. text: as printed, with its unit.
    """

    title: str
    text: str
    about: tuple[tuple[str, str], ...]
    sums: tuple[Added, ...] = ()
    after: tuple[tuple[str, str], ...] = ()
    sheet: str = ""
    cell: str = ""
    row: str = ""
    column: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where a number stands: how to ask for it, what it is, how it is printed."""

    ask: str
    what: str
    text: str


@dataclass(frozen=True, slots=True)
class _Spot:
    """A cell of a table, by its 0-based position in the whole table."""

    spec: TableSpec
    table: Table
    row: int
    column: int


def nothing_typed(place: Place, amount: Decimal) -> str:
    """For a master that was never a file."""
    return ""


def typed_in(raw: RawWorkbook) -> Typed:
    """What stands in a cell of this workbook, in the unit that makes it the amount it was read as: `231.25 万元`."""
    sheets = {s.name: s for s in raw.sheets}

    def typed(place: Place, amount: Decimal) -> str:
        sheet = sheets.get(place.sheet)
        if sheet is None or not place.row or not place.column:
            return ""
        cell = sheet.cell(place.row, place.column)
        value = to_amount(cell).value
        if value is None:
            return str(cell.value or "").strip()
        text = str(cell.value).strip() if isinstance(cell.value, str) else f"{value.normalize():f}"
        unit = next((u for u in YUAN_PER_UNIT if value and half_up(to_yuan(value, u)) == half_up(amount)), "")
        return text if not unit or text.endswith(unit) else f"{text} {unit}"

    return typed


class Tracer:
    """Answers for one unit. typed: what a master cell holds as the clerk typed it."""

    def __init__(self, selector: Selector, typed: Typed = nothing_typed) -> None:
        self.selector, self.pack, self.master, self.typed = selector, selector.pack, selector.master, typed
        self._built: dict[str, Built] = {}
        self._facts: dict[str, Fact] | None = None
        self._wholes: dict[tuple[str, str], dict[Place, Decimal]] = {}

    # --- what was asked -------------------------------------------------------------------------------------------

    def ask(self, words: Sequence[str]) -> Traced | list[Hit]:
        """One answer, or the places a number stands at. UsageError says what there is when nothing is meant by the words."""
        first, *rest = (unicodedata.normalize("NFKC", w).strip() if "!" in unicodedata.normalize("NFKC", w) or ADDRESS.fullmatch(w) else w.strip() for w in words)
        if not rest and "!" in first:
            sheet, _, address = first.rpartition("!")
            return self.cell(sheet.rpartition("!")[2].strip("'"), address)
        if not rest:
            if (number := as_number(first)) is not None:
                return self.number(number)
            if self._sheet(first) is not None:
                raise UsageError(self._whole(first))
            return self.fact(first)
        if len(rest) == 1 and ADDRESS.fullmatch(rest[0]):
            return self.cell(first, rest[0])
        if first in self.pack.listings and len(rest) == 1:
            return self.listed(first, rest[0])
        return self.named(first, rest[0], rest[1] if len(rest) > 1 else "")

    def cell(self, sheet: str, address: str) -> Traced:
        """The cell of a sheet of 预算公开表.xlsx: 预算08表, F7."""
        found = ADDRESS.fullmatch(address.strip())
        if not found:
            raise UsageError(f"“{address}”不是单元格地址；地址写成 F7 这样，例如 '{sheet}!F7'")
        at = self._sheet(sheet)
        if at is None:
            raise UsageError(self._no_sheet(sheet))
        spec, table, rows = at
        column = 0
        for letter in found[1].upper():
            column = column * 26 + ord(letter) - 64
        row = int(found[2])
        if not (1 <= row <= len(rows) and 1 <= column <= len(table.columns)):
            last = table.address(len(rows) - 1, len(table.columns) - 1)
            near = table.address(min(max(row, 1), len(rows)) - 1, min(max(column, 1), len(table.columns)) - 1)
            raise UsageError(f"“{sheet}”里没有 {address}；这张表从 A1 到 {last}，最近的一格是 {near}")
        return self.at(_Spot(spec, table, rows.start + row - 1, column - 1))

    def named(self, sheet: str, row: str, column: str = "") -> Traced:
        """The cell by the words of its line and of its heading (or parts of them)."""
        at = self._sheet(sheet)
        if at is None:
            raise UsageError(self._no_sheet(sheet))
        spec, _, rows = at
        spots = [s for s in self.figure_spots(spec) if s.row in rows]
        by_row = _best([(s, [*self._labels(s), *self._limit_words(s)]) for s in spots], row)
        if not by_row:
            names = list(dict.fromkeys(t for s in spots for t in self._labels(s)))
            raise UsageError(f"“{sheet}”里没有行“{row}”{suggestion(row, names)}；有：{_some(names)}")
        if column:
            chosen = _best([(s, [*self._path(s), " ".join(self._path(s))]) for s in by_row], column)
            if not chosen:
                names = list(dict.fromkeys(" › ".join(self._path(s)) for s in by_row))
                raise UsageError(f"“{sheet}”的“{row}”没有栏“{column}”{suggestion(column, names)}；有：{_some(names)}")
        else:
            chosen = by_row
        if len(chosen) > 1:
            listed = "\n".join(f"  {self._name(s)}  {self._words_of(s)}  {self._printed(s)}" for s in chosen[:MOST_NAMED])
            more = f"\n  ……还有 {len(chosen) - MOST_NAMED} 格" if len(chosen) > MOST_NAMED else ""
            raise UsageError(f"“{' '.join(filter(None, (row, column)))}”不止一格，请写得再细一点，或直接写地址：\n{listed}{more}")
        return self.at(chosen[0])

    def number(self, wanted: Decimal) -> list[Hit]:
        """Where a number is printed: tables, figures of the explanation; and where it was typed."""
        hits: list[Hit] = []
        for spec in self.pack.tables:
            for spot in self.figure_spots(spec, texts=True):
                if any(a.shown == wanted for a in self._sums(spot)):
                    hits.append(Hit(self._name(spot), self._words_of(spot), self._printed(spot)))
        for fact in self.facts.values():
            for form, value in _fact_numbers(fact).items():
                if value == wanted:
                    name = f"{fact.name}_{form}" if form else fact.name
                    hits.append(Hit(name, f"说明里的“{fact.name}”{FORM_WORDS[form]}", grouped(value) if form else f"{value:f}"))
        seen: set[Place] = set()
        for dataset in self.pack.schema.datasets:
            for record in self.master.records(dataset):
                for measure, amount in record.amounts.items():
                    place = record.at(measure)
                    if place not in seen and amount and wanted in (amount, half_up(to_unit(amount, "万元"))) and (self.selector.is_money(dataset, measure) or amount == wanted):
                        seen.add(place)
                        hits.append(Hit(str(place), f"主工作簿里填的：{self._about(dataset, record)}", self.typed(place, amount) or f"{amount:f}"))
        if not hits:
            raise UsageError(f"表、说明的数和主工作簿里都没有 {wanted}；照印出来的样子写，例如 462.25（单位不用写）")
        return hits

    # --- cells ----------------------------------------------------------------------------------------------------

    def built(self, spec: TableSpec) -> Built:
        """The table with its sources, built once."""
        if spec.number not in self._built:
            self._built[spec.number] = build(self.selector, spec, trace=True)
        return self._built[spec.number]

    def figure_spots(self, spec: TableSpec, texts: bool = False) -> Iterator[_Spot]:
        """The cells of a table that print a figure; texts: those with a figure within a text too."""
        built = self.built(spec)
        for (row, column), source in built.sources.items():
            cell = built.table.cell(row, column)
            if (cell.amount is not None or (texts and source.sums)) and (row, column) not in built.table.covered:
                yield _Spot(spec, built.table, row, column)

    def at(self, spot: _Spot) -> Traced:
        """All that is known of one cell."""
        first = self._first(spot)
        cell, source = first.table.cell(first.row, first.column), self._source(first)
        row, column = self._row_words(first), " › ".join(self._path(first))
        sheet, address = self._address(first)
        about = [("表", f"{first.spec.number} {first.spec.title}{self._form_words(first)}")]
        if (first.row, first.column) != (spot.row, spot.column):
            about.append(("合并", f"{self._address(spot)[1]} 与 {address} 合并，是同一格"))
        about += [("行", row)] if row else []
        about += [("栏", column)] if column else []
        line = first.table.lines[first.row]
        if source is None:
            where = {LineKind.LEAD: "标题", LineKind.HEADING: "表头", LineKind.NUMBERS: "栏次", LineKind.FOOT: "表尾"}.get(line.kind, "空格")
            about.append(("来源", f"这一格是{where}，不取数" if cell.text else "表样里这一格是空的，没有写口径"))
            return Traced(f"{sheet}!{address}", cell.text or "空白", tuple(about), sheet=sheet, cell=address, row=row, column=column)
        about.append(("口径", self._binding_words(source)))
        if first.spec.filter.conditions and source.sums:
            place = first.spec.place
            about.append(("范围", f"{first.spec.filter}（{Place(place.file, place.sheet, place.row)}）"))
        if source.limits:
            about.append(("本行", "；".join(source.limits)))
        notes = [("说明", source.left_blank)] if source.left_blank else []
        sums = self._sums(first)
        if not source.sums and not source.left_blank:
            notes.append(("来源", self._text_origin(source, cell)))
        return Traced(f"{sheet}!{address}", self._printed(first), tuple(about + notes), sums, (), sheet, address, row, column)

    def _sums(self, spot: _Spot) -> tuple[Added, ...]:
        source = self._source(spot)
        if source is None:
            return ()
        cell = spot.table.cell(spot.row, spot.column)
        government = self._by_government(spot, source)
        sums = []
        for binding, parts in source.sums:
            addends = self._addends(parts, government)
            amount = sum((a.sign * a.amount for a in addends), ZERO)
            counted = spot.spec.unit == "人" or not self._is_money(parts)
            unit = "" if counted and spot.spec.unit != "人" else spot.spec.unit
            if cell.amount is not None:
                shown = cell.shown if cell.shown is not None else ZERO
            else:
                shown = half_up(amount, 0 if spot.spec.unit == "人" else 2) if counted else printed(amount, spot.spec.unit)
            sums.append(Added(str(binding), tuple(addends), amount, unit, shown, not counted))
        return tuple(sums)

    def _is_money(self, parts: Sequence[tuple[int, Holding]]) -> bool:
        return all(self.selector.is_money(dataset, measure) for _, holding in parts for dataset, measure in holding)

    def _addends(self, parts: Sequence[tuple[int, Holding]], government: bool = False) -> list[Addend]:
        """The master cells of a sum; typed zeros only when there is nothing else."""
        found: list[Addend] = []
        for sign, holding in parts:
            for (dataset, measure), mask in holding.items():
                records = self.master.records(dataset)
                wholes = self._whole_cells(dataset, measure)
                for i in bits(mask):
                    amount = records[i].amounts.get(measure)
                    if amount is not None:
                        place = records[i].at(measure)
                        why = self.government_words(records[i]) if government and dataset == "支出" else ""
                        found.append(Addend(place, sign, amount, wholes[place], self.typed(place, wholes[place]), self._about(dataset, records[i]), why))
        return [a for a in found if a.amount] or found

    def _whole_cells(self, dataset: str, measure: str) -> dict[Place, Decimal]:
        """What each master cell holds: an adjustment may have split it into several records."""
        key = (dataset, measure)
        if key not in self._wholes:
            wholes: dict[Place, Decimal] = {}
            for record in self.master.records(dataset):
                if measure in record.amounts:
                    place = record.at(measure)
                    wholes[place] = wholes.get(place, ZERO) + record.amounts[measure]
            self._wholes[key] = wholes
        return self._wholes[key]

    def government_words(self, record: Record) -> str:
        """How a record came to its governmental item: by the official table and the kind of unit, or by an adjustment line."""
        dept, gov = record.text("部门经济编码"), record.text(GOVERNMENT)
        unit = self.master.units.get(record.text("单位编码"))
        choice = self.pack.choice("单位性质", unit.text("单位性质")) if unit else None
        kind = choice.kind if choice else ""
        path = f"{dept} {self.pack.department.name(dept)} → {gov} {self.pack.government.name(gov)}"
        official = next((g for code in (dept, dept[:5], dept[:3]) if (g := self.pack.mapping.get((code, kind)))), None)
        if gov != official:
            for line in self.master.records("经济调整"):
                wanted = {k: line.text(k) for k in ("单位编码", "功能科目编码", "项目名称") if line.text(k)}
                if line.text(GOVERNMENT) == gov and dept.startswith(line.text("部门经济编码")) and all(record.text(k).startswith(v) for k, v in wanted.items()):
                    return f"{path}：按 {line.at(GOVERNMENT)} 调整，理由：{line.text('理由')}"
        codes = self.pack.file.codes
        table = f"{codes.mapping}.csv" if codes else ""
        return f"{path}：单位性质“{unit.text('单位性质') if unit else ''}”，按两套分类对照表（{table}）自动对应"

    def _by_government(self, spot: _Spot, source: Source) -> bool:
        figures = [f for binding, _ in source.sums for f in ([p for _, p in binding.parts] if isinstance(binding, Sum) else [binding]) if isinstance(f, Figure)]
        asked = any(c.field == GOVERNMENT for f in [*figures, spot.spec.filter] for c in f.conditions)
        if not asked and any(isinstance(b, Total) for b, _ in source.sums):  # a 合计 over governmental columns
            asked = any(c.field == GOVERNMENT for line in spot.spec.layout.lines for cell in line.cells for p in cell.parts if isinstance(p, Figure) for c in p.conditions)
        return asked or any(word.startswith("政府经济") for level in spot.spec.levels for word in level) or any(limit.startswith("政府经济") for limit in source.limits)

    def _about(self, dataset: str, record: Record) -> str:
        """A record in the words of its line."""
        if dataset == "支出":
            func, dept = record.text("功能科目编码"), record.text("部门经济编码")
            words = [
                record.text("项目名称") or record.text("支出类型"),
                f"{func} {self.pack.functional.name(func)}" if func else "",
                f"{dept} {self.pack.department.name(dept)}" if dept else "",
                record.text("子项"),
                record.text("资金来源"),
            ]
        else:
            fields = [c.name for c in self.pack.schema.fields(dataset).values() if c.required or c.type in ("来源", "选项", "项目")]
            words = [record.text(f) for f in fields if f != "单位编码"]
        if len(self.master.units) > 1:
            unit = self.master.units.get(record.text("单位编码"))
            words.insert(0, (unit.text("单位简称") or unit.text("单位名称")) if unit else record.text("单位编码"))
        return "，".join(dict.fromkeys(filter(None, words)))

    def _binding_words(self, source: Source) -> str:
        binding = next((b for b, _ in source.sums), None)
        words = "".join(p if isinstance(p, str) else str(p) if len(source.layout.parts) == 1 else f"【{p}】" for p in source.layout.parts).replace("\n", "")
        meant = ""
        if isinstance(binding, Total):
            meant = "（同一栏或同一表头下的各数，每笔只算一次）"
        return f"{words or '（空）'}{meant}    表样 {source.layout.place}"

    def _text_origin(self, source: Source, cell: Cell) -> str:
        """Where a text comes from."""
        named = [p for p in source.layout.parts if not isinstance(p, str)]
        if not named:
            return "表样里写好的文字" if cell.text else "表样里这一格是空的，没有写口径"
        places = []
        for part in named:
            if isinstance(part, Label) and (place := self._label_place(part.field)):
                places.append(f"{part.field}：{place}")
        kind = "列举的文字" if any(isinstance(p, Listed) for p in named) else "勾选" if any(isinstance(p, Tick) for p in named) else "文字"
        return f"这一格是{kind}，不是数" + (f"；{'；'.join(places)}" if places else "")

    def _label_place(self, name: str) -> Place | None:
        unit = self.master.main.text("单位编码")
        for key in ((unit, name), ("", name)):
            if key in self.master.texts:
                return self.master.texts[key][1]
        return self.master.main.at(name) if name in self.master.main.columns else None

    # --- words of a cell ------------------------------------------------------------------------------------------

    def _first(self, spot: _Spot) -> _Spot:
        """The first cell of the merge a cell lies in."""
        for m in spot.table.merges:
            if m.row <= spot.row < m.row + m.rows and m.column <= spot.column < m.column + m.columns:
                return _Spot(spot.spec, spot.table, m.row, m.column)
        return spot

    def _source(self, spot: _Spot) -> Source | None:
        return self.built(spot.spec).sources.get((spot.row, spot.column))

    def _address(self, spot: _Spot) -> tuple[str, str]:
        """Sheet and cell as 预算公开表.xlsx has them."""
        if spot.table.apart and spot.table.breaks:
            for n, rows in enumerate(spot.table.instances):
                if spot.row in rows:
                    return spot.table.sheets[n].name, spot.table.address(spot.row - rows.start, spot.column)
        return spot.table.name, spot.table.address(spot.row, spot.column)

    def _name(self, spot: _Spot) -> str:
        return "!".join(self._address(spot))

    def _form_words(self, spot: _Spot) -> str:
        if not spot.table.breaks:
            return ""
        n = next(n for n, rows in enumerate(spot.table.instances) if spot.row in rows)
        return f"（第 {n + 1} 份）"

    def _text_at(self, table: Table, row: int, column: int) -> str:
        cell = table.cell(row, column)
        return re.sub(r"\s+", "", cell.text or "") if cell.amount is None else ""

    def _labels(self, spot: _Spot) -> list[str]:
        """The texts that name a cell's line: left of it; in a statement or form the nearest one."""
        table = spot.table
        firsts = {(r, c): (m.row, m.column) for m in table.merges for r in range(m.row, m.row + m.rows) for c in range(m.column, m.column + m.columns)} if spot.spec.kind == "申报表" else {}
        found: list[str] = []
        for c in range(spot.column - 1, -1, -1):
            text = self._text_at(table, *firsts.get((spot.row, c), (spot.row, c)))
            if text:
                found.insert(0, text)
                if spot.spec.kind in ("收支表", "申报表"):
                    break
        return list(dict.fromkeys(found))

    def _row_words(self, spot: _Spot) -> str:
        return " ".join(self._labels(spot)) if spot.table.lines[spot.row].kind is LineKind.BODY else ""

    def _limit_words(self, spot: _Spot) -> list[str]:
        source = self._source(spot)
        return [w for limit in (source.limits if source else ()) for w in (limit, *limit.split()[1:])]

    def _path(self, spot: _Spot) -> list[str]:
        """The headings above a cell, top down; in a form without headings the nearest text above it."""
        path = [re.sub(r"\s+", "", p) for p in spot.table.columns[spot.column].path]
        if path or spot.spec.kind != "申报表":
            return [p for p in dict.fromkeys(path) if p]
        rows = next(rows for rows in spot.table.instances if spot.row in rows)
        for r in range(spot.row - 1, rows.start - 1, -1):
            if spot.table.lines[r].kind is not LineKind.LEAD and (text := self._text_at(spot.table, r, spot.column)):
                return [text]
        return []

    def _words_of(self, spot: _Spot) -> str:
        return " · ".join(filter(None, (self._row_words(spot), " › ".join(self._path(spot)))))

    def _printed(self, spot: _Spot) -> str:
        cell = spot.table.cell(spot.row, spot.column)
        if cell.shown is None:
            return cell.text or "空白"
        text = written(cell.shown, spot.table.styles[cell.style].number_format)
        source = self._source(spot)
        money = source is None or all(self._is_money(parts) for _, parts in source.sums)
        return f"{text} {spot.spec.unit if money or spot.spec.unit == '人' else ''}".strip() if text else "空白"

    # --- sheets ---------------------------------------------------------------------------------------------------

    def _sheet(self, name: str) -> tuple[TableSpec, Table, range] | None:
        """The table and its grid rows that a sheet's name, a table's number or its title means."""
        wanted = folded(name)
        for spec in self.pack.tables:
            if wanted in (folded(spec.number), folded(spec.title)):
                table = self.built(spec).table
                if table.apart and table.breaks and wanted != folded(spec.title):
                    break
                return spec, table, range(len(table.lines))
        near = [spec for spec in self.pack.tables if _unpadded(folded(spec.number)) == _unpadded(wanted)]
        if len(near) == 1 and not near[0].apart:
            table = self.built(near[0]).table
            return near[0], table, range(len(table.lines))
        for spec in self.pack.tables:
            if spec.apart and wanted.startswith(folded(spec.number)):
                table = self.built(spec).table
                for n, sheet in enumerate(table.sheets):
                    if folded(sheet.name) == wanted or (wanted == folded(spec.number) and n == 0):
                        return spec, table, table.instances[n]
        return None

    def _no_sheet(self, name: str) -> str:
        names = [sheet.name for spec in self.pack.tables for sheet in (self.built(spec).table.sheets if spec.apart else (self.built(spec).table,))]
        return f"没有表“{name}”{suggestion(name, names)}；有：{'、'.join(names)}"

    def _whole(self, name: str) -> str:
        at = self._sheet(name)
        assert at is not None
        spec, table, rows = at
        rows_said = _some(list(dict.fromkeys(t for s in self.figure_spots(spec) for t in self._labels(s)[-1:])))
        last = table.address(len(rows) - 1, len(table.columns) - 1)
        return f"“{spec.number} {spec.title}”从 A1 到 {last}；请写哪一格，例如 '{table.name}!{last}'，或写行和栏的名称。行有：{rows_said}"

    # --- figures of the explanation ---------------------------------------------------------------------------------

    @property
    def facts(self) -> dict[str, Fact]:
        if self._facts is None:
            self._facts = facts(self.selector)
        return self._facts

    def fact(self, name: str) -> Traced:
        """A figure of the explanation, by its name as templates use it: 收入总计, 工资福利支出_变化."""
        if name in self.pack.listings or name.removesuffix("_列举") in self.pack.listings:
            return self.listed(name.removesuffix("_列举"))
        base, _, form = name.rpartition("_")
        while base and base not in self.facts:
            base = base.rpartition("_")[0]
        form = name[len(base) + 1 :] if base else ""
        fact = self.facts.get(name) or (self.facts.get(base) if form in (*FACT_FORMS, "占比") else None)
        if fact is None:
            if place := self._label_place(name.removesuffix("_段")):
                text = self.master.text(name.removesuffix("_段")) or self.master.main.text(name)
                return Traced(name, text[:60] + ("……" if len(text) > 60 else ""), (("来源", f"单位写的文字：{place}"),))
            known = [*self.facts, *self.pack.listings, *(t.name for t in self.pack.file.texts)]
            raise UsageError(f"没有“{name}”{suggestion(name, known)}；可以写表的一格（'{self.pack.tables[0].name}!C7'）、印出来的数（462.25），或说明里的数：{'、'.join(self.facts)}")
        return self._fact(name, fact, form if fact.name != name else "")

    def _fact(self, name: str, fact: Fact, form: str) -> Traced:
        now = self._added(fact.figure, fact.now, fact.unit, "本年")
        about = [("数", f"说明里的“{fact.name}”，按{fact.unit}印"), ("口径", f"{fact.figure}    套表 facts·{fact.name}")]
        if fact.counted:
            return Traced(name, f"{fact.now:f} {fact.unit}", tuple(about), (now,))
        made = fact.change()
        years = {"年度": str(self.master.year), "上年度": str(self.master.year - 1)}
        sums = [now]
        after: list[tuple[str, str]] = []
        text = f"{grouped(made.now)} {fact.unit}"
        if form == "占比":
            whole = self.facts[self.pack.file.facts[fact.name].of]
            sums.append(self._added(whole.figure, whole.now, whole.unit, f"整体：{whole.name}"))
            base = printed(whole.now, whole.unit)
            share = grouped(half_up(made.now / base * 100)) if base > 0 else ""
            after.append(("占比", f"{grouped(made.now)} ÷ {grouped(base)} × 100 = {share}%" if share else "整体是 0，没有占比"))
            text = f"{share}%"
        elif self._compares(fact):
            sums.append(self._added(last_year(fact.figure), fact.before, fact.unit, "上年"))
            after += _comparison(made)
            sentence = made.sentence(self.pack.file.sentences, years)
            after.append(("印成", sentence))
            text = {
                "变化": sentence,
                "变化说明": sentence,
                "上年_万元": f"{grouped(made.before)} {fact.unit}",
                "增减_万元": f"{grouped(abs(made.difference))} {fact.unit}",
                "方向": made.direction,
                "幅度": f"{grouped(made.percent)}%" if made.percent is not None else "空白",
            }.get(form, text)
        if fact.reason_name and made.difference:
            place = self._label_place(fact.reason_name)
            written_ = self.master.text(fact.reason_name)
            after.append(("原因", f"{written_ or '没有写'}（{place or fact.reason_name}）"))
        return Traced(name, text, tuple(about), tuple(sums), tuple(after))

    def _compares(self, fact: Fact) -> bool:
        first = fact.figure.parts[0][1] if isinstance(fact.figure, Sum) else fact.figure
        return "上年" in self.pack.schema.measures(first.dataset or "支出") and first.measure in ("", "本年")

    def _added(self, figure: Figure | Sum, amount: Decimal, unit: str, name: str) -> Added:
        parts: list[tuple[int, Holding]] = []
        for sign, one in figure.parts if isinstance(figure, Sum) else ((1, figure),):
            dataset = one.dataset or "支出"
            parts.append((sign, {(dataset, self.selector.measure(dataset, one.measure)): self.selector.mask(dataset, one.conditions)}))
        money = unit in YUAN_PER_UNIT
        addends = self._addends(parts, any(c.field == GOVERNMENT for _, one in (figure.parts if isinstance(figure, Sum) else ((1, figure),)) for c in one.conditions))
        return Added(str(figure), tuple(addends), amount, unit, printed(amount, unit) if money else amount, money, name)

    def listed(self, name: str, item: str = "") -> Traced:
        """A list of the explanation (工资福利分项), or one item of it."""
        figure, by = self.pack.listings[name], self.pack.file.listings[name].by
        dataset = figure.dataset or "支出"
        measure = self.selector.measure(dataset, figure.measure)
        mask = self.selector.mask(dataset, figure.conditions)
        found = groups(self.selector, _grouping(by), dataset, mask & self.selector.nonzero(dataset, measure))
        about = [("数", f"说明里的列举“{name}”，按{by}逐项"), ("口径", f"{figure}    套表 listings·{name}")]
        names = [g.scope.get("名称", "") for g in found]
        if item:
            chosen = [g for g in found if item in (g.scope.get("名称", ""), g.scope.get("编码", ""))]
            if not chosen:
                raise UsageError(f"“{name}”里没有“{item}”{suggestion(item, names)}；有：{_some(names)}")
            found = chosen
        sums = []
        for group in found:
            holding: Holding = {(dataset, measure): group.mask}
            amount = self.selector.sum(dataset, measure, group.mask)
            sums.append(
                Added(
                    str(figure), tuple(self._addends([(1, holding)])), amount, "万元", printed(amount, "万元"), True, " ".join(filter(None, (group.scope.get("编码", ""), group.scope.get("名称", ""))))
                )
            )
        after: list[tuple[str, str]] = []
        if item and found and (before := _before(self.selector, dataset, mask, by).get(found[0].key)) is not None:
            after += _comparison(Change(sums[0].shown, printed(before, "万元"), "万元"))
        text = "、".join(f"{a.name} {grouped(a.shown)}" for a in sums) or "没有任何记录"
        return Traced(" ".join(filter(None, (name, item))), text, tuple(about), tuple(sums), tuple(after))


FORM_WORDS = {"": "", "万元": "本年数", "上年_万元": "上年数", "增减_万元": "增减额", "幅度": "增减幅度（%）"}


def _fact_numbers(fact: Fact) -> dict[str, Decimal]:
    """The numbers a fact can be printed as, by the form of its name; zeros left out."""
    if fact.counted:
        return {"": fact.now} if fact.now else {}
    made = fact.change()
    found = {"万元": made.now, "上年_万元": made.before, "增减_万元": abs(made.difference), "幅度": made.percent or ZERO}
    return {form: value for form, value in found.items() if value}


def _comparison(made: Change) -> list[tuple[str, str]]:
    """Difference and percentage, spelled out, of the amounts as printed."""
    lines = [("比上年", f"{grouped(made.now)} − {grouped(made.before)} = {grouped(made.difference)} {made.unit}，{made.direction}")]
    if made.percent is not None:
        exact = abs(made.difference) / made.before * 100
        lines.append(("幅度", f"{grouped(abs(made.difference))} ÷ {grouped(made.before)} × 100 = {exact:.4f} → {grouped(made.percent)}%（以上年为基数，四舍五入一次）"))
    elif made.difference:
        lines.append(("幅度", "上年是 0 或负数，没有百分比"))
    return lines


def as_number(text: str) -> Decimal | None:
    """A number as somebody reads it off a page: 1,296.69, 462.25万元, 43.79%; None when it is none.

    >>> as_number("１，２９６．６９ 万元"), as_number("预算08表")
    (Decimal('1296.69'), None)
    """
    cleaned = re.sub(r"\s|万元|元|人|%$|,", "", unicodedata.normalize("NFKC", text)).replace("−", "-")
    if not re.fullmatch(r"-?\d+(\.\d+)?", cleaned):
        return None
    try:
        return Decimal(cleaned)
    except InvalidOperation:
        return None


def _best(candidates: Sequence[tuple[_Spot, list[str]]], wanted: str) -> list[_Spot]:
    """Those whose words are `wanted`; failing that, those that contain it (numbering and spaces aside); failing that, all its parts."""
    word = _bare(wanted)
    for fits in (lambda w: w == word, lambda w: word in w):
        found = [spot for spot, words in candidates if any(fits(_bare(w)) for w in words)]
        if found:
            return found
    parts = [_bare(p) for p in wanted.split()]
    return [spot for spot, words in candidates if len(parts) > 1 and all(any(p in _bare(w) for w in words) for p in parts)]


def _bare(text: str) -> str:
    """A heading or label without its numbering: 一、基本支出 and 基 本 支 出 are the same."""
    return re.sub(r"^[(（]?[一二三四五六七八九十廿\d]+[)）]?[、.．]", "", folded(re.sub(r"\s+", "", text)))


def _unpadded(text: str) -> str:
    """A table's number as people say it: 预算08表 is 预算8表."""
    return re.sub(r"0+(?=\d)", "", text)


def _some(names: Sequence[str]) -> str:
    return "、".join(names[:30]) + (f"等 {len(names)} 个" if len(names) > 30 else "")
