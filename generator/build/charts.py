"""What the pictures of a pack show for one unit. Every bar is a figure of a table where a table prints it.

A figure is found in the tables by what it is made of: the same records, the same measure. So a picture takes over what
the table prints, rounding policy and all, and can be held against it (audit/charts.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from generator.build.facts import Fact, facts
from generator.build.rounding import PrintedSet
from generator.build.rows import groups
from generator.build.select import Selector
from generator.model.amount import printed
from generator.model.chart import At, Chart, Point
from generator.model.table import Table
from generator.pack.binding import Figure
from generator.pack.charts import ChartSpec

UNIT = "万元"
MOST = 10  # bars; the smaller ones beyond stand together as 其他
Made = tuple[str, str, int]  # dataset, measure, records
ZERO = Decimal(0)


def charts(made: PrintedSet, everything: bool = False) -> tuple[Chart, ...]:
    """The pictures of the pack that have anything to show, in the pack's order. everything: though the pack has them switched off."""
    pack = made.selector.pack
    if not (everything or pack.file.show_charts == "是"):
        return ()
    known = facts(made.selector)
    drafts = [(name, spec, list(_parts(made.selector, name, spec) if spec.figure else _comparison(made.selector, spec, known))) for name, spec in pack.file.charts.items() if spec.title]
    drawing = _Drawing(made, {bar.made: bar.now for _, _, bars in drafts for bar in bars if bar.made})
    found = (drawing.parts(name, spec, bars) if spec.figure else drawing.comparison(name, spec, bars) for name, spec, bars in drafts)
    return tuple(chart for chart in found if chart is not None)


@dataclass(frozen=True, slots=True)
class _Bar:
    """What a bar shows, in 元, before it is known where a table prints it. made: None for what is no sum of records."""

    label: str
    now: Decimal
    before: Decimal | None = None
    made: Made | None = None


def _made(selector: Selector, dataset: str, measure: str, mask: int) -> Made:
    return dataset, measure, mask & selector.nonzero(dataset, measure)


def _parts(selector: Selector, name: str, spec: ChartSpec) -> Iterator[_Bar]:
    figure = selector.pack.chart_figures[name]
    dataset = figure.dataset or "支出"
    measure = selector.measure(dataset, figure.measure)
    for group in groups(selector, ((spec.by,),), dataset, selector.mask(dataset, figure.conditions) & selector.nonzero(dataset, measure)):
        yield _Bar(group.scope.get("名称", ""), selector.sum(dataset, measure, group.mask), None, _made(selector, dataset, measure, group.mask))


def _comparison(selector: Selector, spec: ChartSpec, known: Mapping[str, Fact]) -> Iterator[_Bar]:
    for label, name in spec.facts.items():
        fact = known.get(name)
        if fact is None or fact.counted:
            continue
        made = None
        if isinstance(fact.figure, Figure):
            dataset = fact.figure.dataset or "支出"
            made = _made(selector, dataset, selector.measure(dataset, fact.figure.measure), selector.mask(dataset, fact.figure.conditions))
        yield _Bar(label, fact.now, fact.before, made)


class _Drawing:
    """Where the tables of one unit print what its pictures show."""

    def __init__(self, made: PrintedSet, sought: Mapping[Made, Decimal]) -> None:
        self.selector: Selector = made.selector
        self.tables: dict[str, Table] = {}
        self.cells: dict[Made, list[At]] = {}
        self._used: set[At] = set()
        amounts = {amount for amount in sought.values() if amount}
        for built, exact in zip(made.built, made.exact, strict=True):
            table = built.table
            if table.unit == UNIT and not table.form:
                self.tables[table.name] = table
                # Few cells hold one of these amounts; what they are made of is asked of these alone: a large unit has a million.
                at = [(r, c) for r, line in enumerate(table.lines) for c, cell in enumerate(line.cells) if cell.amount is not None and cell.amount in amounts]
                known = {id(cell): parts for cell, parts in built.made} if at else {}
                for r, c in at:
                    parts = known.get(id(table.cell(r, c))) or known.get(id(exact.cell(r, c)))  # 统一舍入 gives cells anew, in the places of the exact ones
                    if parts and len(parts) == 1 and parts[0][0] == 1 and len(parts[0][1]) == 1:
                        (dataset, measure), mask = next(iter(parts[0][1].items()))
                        key = _made(self.selector, dataset, measure, mask)
                        if key in sought:
                            self.cells.setdefault(key, []).append((table.name, r, c))

    def _figure(self, spec: ChartSpec, bar: _Bar) -> tuple[Decimal, tuple[At, ...]]:
        """What a bar shows as it is printed, and where."""
        places = self.cells.get(bar.made, []) if bar.made and bar.now else []
        for at in sorted(places, key=lambda at: (spec.table not in self.tables[at[0]].title, at in self._used)):
            cell = self.tables[at[0]].cell(at[1], at[2])
            if cell.amount == bar.now and cell.shown is not None:
                self._used.add(at)  # 合计 and its only part are the same money in two cells
                return cell.shown, (at,)
        return printed(bar.now, UNIT), ()

    def _title(self, spec: ChartSpec) -> str:
        master = self.selector.master
        known = {"年度": str(master.year), "上年度": str(master.year - 1), "单位名称": master.main.text("单位名称")}
        title = spec.title
        for word, value in known.items():
            title = title.replace(f"{{{word}}}", value)
        return title

    def _chart(self, name: str, spec: ChartSpec, series: tuple[str, ...], points: list[Point]) -> Chart | None:
        if not any(value for point in points for value in point.values):
            return None
        used = {at[0] for point in points for at in point.at}
        numbers = tuple(table.number for sheet, table in self.tables.items() if sheet in used)
        return Chart(name, self._title(spec), series, tuple(points), UNIT, numbers)

    def parts(self, name: str, spec: ChartSpec, bars: Sequence[_Bar]) -> Chart | None:
        """A whole by its parts, the largest first; None when it has only one."""
        points = []
        self._used = set()
        for bar in bars:
            value, at = self._figure(spec, bar)
            points.append(Point(bar.label, (value,), at))
        points = sorted((point for point in points if point.values[0]), key=lambda point: -point.values[0])
        if len(points) < 2:
            return None  # one part is the whole: nothing to see
        return self._chart(name, spec, (f"{self.selector.master.year}年预算数",), list(_few(points)))

    def comparison(self, name: str, spec: ChartSpec, bars: Sequence[_Bar]) -> Chart | None:
        """This year beside last, in the pack's order; None when there is no last year to compare with."""
        points = []
        self._used = set()
        for bar in bars:
            value, at = self._figure(spec, bar)
            points.append(Point(bar.label, (value, printed(bar.before or ZERO, UNIT)), at))
        if not any(point.values[1] for point in points):
            return None
        year = self.selector.master.year
        return self._chart(name, spec, (f"{year}年预算数", f"{year - 1}年预算数"), points)


def _few(points: list[Point]) -> Iterator[Point]:
    """At most MOST bars; 其他 is the sum of what the others print, not a figure of its own."""
    if len(points) <= MOST:
        yield from points
        return
    yield from points[: MOST - 1]
    rest = points[MOST - 1 :]
    at = tuple(place for point in rest for place in point.at) if all(point.at for point in rest) else ()
    yield Point(f"其他（{len(rest)}项）", (sum((p.values[0] for p in rest), Decimal(0)),), at)
