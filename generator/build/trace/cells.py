"""The cells of the tables: found by address or by the words of line and heading, and told in words: what they ask for, what was added up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from generator.build.cells import Source
from generator.build.rounding import PrintedSet, table_facts
from generator.build.select import ZERO, Holding
from generator.build.table import Built
from generator.build.trace.addends import GOVERNMENT, Addends
from generator.build.trace.answers import MOST_NAMED, Added, Traced, some
from generator.model.amount import half_up, printed
from generator.model.figures import written
from generator.model.problem import Place, UsageError
from generator.model.table import Cell, LineKind, Table
from generator.pack.binding import Figure, Label, Listed, Sum, Tick, Total
from generator.pack.pack import TableSpec
from generator.pack.schema import folded
from generator.pack.strict_yaml import suggestion

ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell of a table, by its 0-based position in the whole table."""

    spec: TableSpec
    table: Table
    row: int
    column: int


class Cells:
    """The cells of the tables of one unit, as printed, with their sources kept."""

    def __init__(self, addends: Addends, made: PrintedSet) -> None:
        self.addends, self.made = addends, made
        self.selector, self.pack = addends.selector, addends.pack
        self._built = {spec.number: built for spec, built in zip(self.pack.tables, made.built, strict=True)}

    def cell(self, sheet: str, address: str) -> Traced:
        """The cell of a sheet of 预算公开表.xlsx: 预算08表, F7."""
        found = ADDRESS.fullmatch(address.strip())
        if not found:
            raise UsageError(f"“{address}”不是单元格地址；地址写成 F7 这样，例如 '{sheet}!F7'")
        at = self.sheet(sheet)
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
        return self.at(Spot(spec, table, rows.start + row - 1, column - 1))

    def named(self, sheet: str, row: str, column: str = "") -> Traced:
        """The cell by the words of its line and of its heading (or parts of them)."""
        at = self.sheet(sheet)
        if at is None:
            raise UsageError(self._no_sheet(sheet))
        spec, _, rows = at
        spots = [s for s in self.figure_spots(spec) if s.row in rows]
        by_row = _best([(s, [*self._labels(s), *self._limit_words(s)]) for s in spots], row)
        if not by_row:
            names = list(dict.fromkeys(t for s in spots for t in self._labels(s)))
            raise UsageError(f"“{sheet}”里没有行“{row}”{suggestion(row, names)}；有：{some(names)}")
        if column:
            chosen = _best([(s, [*self._path(s), " ".join(self._path(s))]) for s in by_row], column)
            if not chosen:
                names = list(dict.fromkeys(" › ".join(self._path(s)) for s in by_row))
                raise UsageError(f"“{sheet}”的“{row}”没有栏“{column}”{suggestion(column, names)}；有：{some(names)}")
        else:
            chosen = by_row
        if len(chosen) > 1:
            listed = "\n".join(f"  {self.name(s)}  {self.words_of(s)}  {self.printed(s)}" for s in chosen[:MOST_NAMED])
            more = f"\n  ……还有 {len(chosen) - MOST_NAMED} 格" if len(chosen) > MOST_NAMED else ""
            raise UsageError(f"“{' '.join(filter(None, (row, column)))}”不止一格，请写得再细一点，或直接写地址：\n{listed}{more}")
        return self.at(chosen[0])

    def built(self, spec: TableSpec) -> Built:
        """The table with its sources."""
        return self._built[spec.number]

    def figure_spots(self, spec: TableSpec, texts: bool = False) -> Iterator[Spot]:
        """The cells of a table that print a figure; texts: those with a figure within a text too."""
        built = self.built(spec)
        for (row, column), source in built.sources.items():
            cell = built.table.cell(row, column)
            if (cell.amount is not None or (texts and source.sums)) and (row, column) not in built.table.covered:
                yield Spot(spec, built.table, row, column)

    def at(self, spot: Spot) -> Traced:
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
        sums = self.sums(first)
        if not source.sums and not source.left_blank:
            notes.append(("来源", self._text_origin(source, cell)))
        return Traced(f"{sheet}!{address}", self.printed(first), tuple(about + notes), sums, (), sheet, address, row, column)

    def sums(self, spot: Spot) -> tuple[Added, ...]:
        source = self._source(spot)
        if source is None:
            return ()
        cell = spot.table.cell(spot.row, spot.column)
        government = self._by_government(spot, source)
        sums = []
        for binding, parts in source.sums:
            addends = self.addends.of(parts, government)
            amount = sum((a.sign * a.amount for a in addends), ZERO)
            counted = spot.spec.unit == "人" or not self._is_money(parts)
            unit = "" if counted and spot.spec.unit != "人" else spot.spec.unit
            if cell.amount is not None:
                shown = cell.shown if cell.shown is not None else ZERO
            else:
                facts = table_facts(self.selector, self.made.rounded, spot.spec)
                told = sum((sign * facts.sum(dataset, measure, mask) for sign, holding in parts for (dataset, measure), mask in holding.items()), ZERO)
                shown = half_up(told, 0 if spot.spec.unit == "人" else 2) if counted else printed(told, spot.spec.unit)
            sums.append(Added(str(binding), tuple(addends), amount, unit, shown, not counted))
        return tuple(sums)

    def _is_money(self, parts: Sequence[tuple[int, Holding]]) -> bool:
        return all(self.selector.is_money(dataset, measure) for _, holding in parts for dataset, measure in holding)

    def _by_government(self, spot: Spot, source: Source) -> bool:
        figures = [f for binding, _ in source.sums for f in ([p for _, p in binding.parts] if isinstance(binding, Sum) else [binding]) if isinstance(f, Figure)]
        asked = any(c.field == GOVERNMENT for f in [*figures, spot.spec.filter] for c in f.conditions)
        if not asked and any(isinstance(b, Total) for b, _ in source.sums):  # a 合计 over governmental columns
            asked = any(c.field == GOVERNMENT for line in spot.spec.layout.lines for cell in line.cells for p in cell.parts if isinstance(p, Figure) for c in p.conditions)
        return asked or any(word.startswith("政府经济") for level in spot.spec.levels for word in level) or any(limit.startswith("政府经济") for limit in source.limits)

    def _binding_words(self, source: Source) -> str:
        binding = next((b for b, _ in source.sums), None)
        words = "".join(p if isinstance(p, str) else str(p) if len(source.layout.parts) == 1 else f"【{p}】" for p in source.layout.parts).replace("\n", "")
        meant = ""
        if isinstance(binding, Total):
            meant = "（同一栏或同一表头下的各数，每笔只算一次）"
        elif isinstance(binding, Figure) and not binding.conditions:
            meant = "（全部）"
        return f"{words or '（空）'}{meant}    表样 {source.layout.place}"

    def _text_origin(self, source: Source, cell: Cell) -> str:
        """Where a text comes from."""
        named = [p for p in source.layout.parts if not isinstance(p, str)]
        if not named:
            return "表样里写好的文字" if cell.text else "表样里这一格是空的，没有写口径"
        places = []
        for part in named:
            if isinstance(part, Label) and (place := self.addends.label_place(part.field)):
                places.append(f"{part.field}：{place}")
        kind = "列举的文字" if any(isinstance(p, Listed) for p in named) else "勾选" if any(isinstance(p, Tick) for p in named) else "文字"
        return f"这一格是{kind}，不是数" + (f"；{'；'.join(places)}" if places else "")

    def _first(self, spot: Spot) -> Spot:
        """The first cell of the merge a cell lies in."""
        for m in spot.table.merges:
            if m.row <= spot.row < m.row + m.rows and m.column <= spot.column < m.column + m.columns:
                return Spot(spot.spec, spot.table, m.row, m.column)
        return spot

    def _source(self, spot: Spot) -> Source | None:
        return self.built(spot.spec).sources.get((spot.row, spot.column))

    def _address(self, spot: Spot) -> tuple[str, str]:
        """Sheet and cell as 预算公开表.xlsx has them."""
        if spot.table.apart and spot.table.breaks:
            for n, rows in enumerate(spot.table.instances):
                if spot.row in rows:
                    return spot.table.sheets[n].name, spot.table.address(spot.row - rows.start, spot.column)
        return spot.table.name, spot.table.address(spot.row, spot.column)

    def name(self, spot: Spot) -> str:
        return "!".join(self._address(spot))

    def _form_words(self, spot: Spot) -> str:
        if not spot.table.breaks:
            return ""
        n = next(n for n, rows in enumerate(spot.table.instances) if spot.row in rows)
        return f"（第 {n + 1} 份）"

    def _text_at(self, table: Table, row: int, column: int) -> str:
        cell = table.cell(row, column)
        return re.sub(r"\s+", "", cell.text or "") if cell.amount is None else ""

    def _labels(self, spot: Spot) -> list[str]:
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

    def _row_words(self, spot: Spot) -> str:
        return " ".join(self._labels(spot)) if spot.table.lines[spot.row].kind is LineKind.BODY else ""

    def _limit_words(self, spot: Spot) -> list[str]:
        source = self._source(spot)
        return [w for limit in (source.limits if source else ()) for w in (limit, *limit.split()[1:])]

    def _path(self, spot: Spot) -> list[str]:
        """The headings above a cell, top down; in a form without headings the nearest text above it."""
        path = [re.sub(r"\s+", "", p) for p in spot.table.columns[spot.column].path]
        if path or spot.spec.kind != "申报表":
            return [p for p in dict.fromkeys(path) if p]
        rows = next(rows for rows in spot.table.instances if spot.row in rows)
        for r in range(spot.row - 1, rows.start - 1, -1):
            if spot.table.lines[r].kind is not LineKind.LEAD and (text := self._text_at(spot.table, r, spot.column)):
                return [text]
        return []

    def words_of(self, spot: Spot) -> str:
        return " · ".join(filter(None, (self._row_words(spot), " › ".join(self._path(spot)))))

    def printed(self, spot: Spot) -> str:
        cell = spot.table.cell(spot.row, spot.column)
        if cell.shown is None:
            return cell.text or "空白"
        text = written(cell.shown, spot.table.styles[cell.style].number_format)
        source = self._source(spot)
        money = source is None or all(self._is_money(parts) for _, parts in source.sums)
        return f"{text} {spot.spec.unit if money or spot.spec.unit == '人' else ''}".strip() if text else "空白"

    def sheet(self, name: str) -> tuple[TableSpec, Table, range] | None:
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

    def whole(self, name: str) -> str:
        at = self.sheet(name)
        assert at is not None
        spec, table, rows = at
        rows_said = some(list(dict.fromkeys(t for s in self.figure_spots(spec) for t in self._labels(s)[-1:])))
        last = table.address(len(rows) - 1, len(table.columns) - 1)
        return f"“{spec.number} {spec.title}”从 A1 到 {last}；请写哪一格，例如 '{table.name}!{last}'，或写行和栏的名称。行有：{rows_said}"


def _best(candidates: Sequence[tuple[Spot, list[str]]], wanted: str) -> list[Spot]:
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
