"""What the pictures of a pack show for one unit. Every bar is a figure of a table where a table prints it.

A figure is found in the tables by what it is made of: the same records, the same measure. So a picture takes over what
the table prints, rounding policy and all, and can be held against it (audit/charts.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from generator.build.facts import facts
from generator.build.footing import figures
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


def charts(made: PrintedSet, everything: bool = False) -> tuple[Chart, ...]:
    """The pictures of the pack that have anything to show, in the pack's order. everything: though the pack has them switched off."""
    pack = made.selector.pack
    if not (everything or pack.file.show_charts == "是"):
        return ()
    drawing = _Drawing(made)
    found = (drawing.parts(name, spec) if spec.figure else drawing.comparison(name, spec) for name, spec in pack.file.charts.items() if spec.title)
    return tuple(chart for chart in found if chart is not None)


class _Drawing:
    """The figures of one unit and where its tables print them."""

    def __init__(self, made: PrintedSet) -> None:
        self.selector: Selector = made.selector
        self.tables: dict[str, Table] = {}
        self.cells: dict[Made, list[At]] = {}
        self.facts = facts(self.selector)
        self._used: set[At] = set()
        for built, exact in zip(made.built, made.exact, strict=True):
            if built.table.unit == UNIT and not built.table.form:
                self.tables[built.table.name] = built.table
                known = {**figures(replace(built, table=exact)), **figures(built)}  # 统一舍入 gives cells anew, in the places of the exact ones
                for (row, column), parts in known.items():
                    if len(parts) == 1 and parts[0][0] == 1 and len(parts[0][1]) == 1:
                        (dataset, measure), mask = next(iter(parts[0][1].items()))
                        self.cells.setdefault(self._made(dataset, measure, mask), []).append((built.table.name, row, column))

    def _made(self, dataset: str, measure: str, mask: int) -> Made:
        return dataset, measure, mask & self.selector.nonzero(dataset, measure)

    def _figure(self, spec: ChartSpec, dataset: str, measure: str, mask: int, amount: Decimal) -> tuple[Decimal, tuple[At, ...]]:
        """`amount` (in 元) of these records as it is printed, and where."""
        places = self.cells.get(self._made(dataset, measure, mask), []) if amount else []
        for at in sorted(places, key=lambda at: (spec.table not in self.tables[at[0]].title, at in self._used)):
            cell = self.tables[at[0]].cell(at[1], at[2])
            if cell.amount == amount and cell.shown is not None:
                self._used.add(at)  # 合计 and its only part are the same money in two cells
                return cell.shown, (at,)
        return printed(amount, UNIT), ()

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

    def parts(self, name: str, spec: ChartSpec) -> Chart | None:
        """A whole by its parts, the largest first; None when it has only one."""
        selector, figure = self.selector, self.selector.pack.chart_figures[name]
        dataset = figure.dataset or "支出"
        measure = selector.measure(dataset, figure.measure)
        mask = selector.mask(dataset, figure.conditions) & selector.nonzero(dataset, measure)
        points = []
        self._used = set()
        for group in groups(selector, _By(((spec.by,),)), dataset, mask):
            value, at = self._figure(spec, dataset, measure, group.mask, selector.sum(dataset, measure, group.mask))
            points.append(Point(group.scope.get("名称", ""), (value,), at))
        points = sorted((point for point in points if point.values[0]), key=lambda point: -point.values[0])
        if len(points) < 2:
            return None  # one part is the whole: nothing to see
        return self._chart(name, spec, (f"{selector.master.year}年预算数",), list(_few(points)))

    def comparison(self, name: str, spec: ChartSpec) -> Chart | None:
        """This year beside last, in the pack's order; None when there is no last year to compare with."""
        points = []
        self._used = set()
        for label, fact_name in spec.facts.items():
            fact = self.facts.get(fact_name)
            if fact is None or fact.counted:
                continue
            value = printed(fact.now, UNIT)
            at: tuple[At, ...] = ()
            if isinstance(fact.figure, Figure):
                dataset = fact.figure.dataset or "支出"
                measure, mask = self.selector.measure(dataset, fact.figure.measure), self.selector.mask(dataset, fact.figure.conditions)
                value, at = self._figure(spec, dataset, measure, mask, fact.now)
            points.append(Point(label, (value, printed(fact.before, UNIT)), at))
        if not any(point.values[1] for point in points):
            return None
        year = self.selector.master.year
        return self._chart(name, spec, (f"{year}年预算数", f"{year - 1}年预算数"), points)


class _By:
    """As much of a table's definition as grouping needs."""

    def __init__(self, levels: tuple[tuple[str, ...], ...]) -> None:
        self.levels = levels


def _few(points: list[Point]) -> Iterator[Point]:
    """At most MOST bars; 其他 is the sum of what the others print, not a figure of its own."""
    if len(points) <= MOST:
        yield from points
        return
    yield from points[: MOST - 1]
    rest = points[MOST - 1 :]
    at = tuple(place for point in rest for place in point.at) if all(point.at for point in rest) else ()
    yield Point(f"其他（{len(rest)}项）", (sum((p.values[0] for p in rest), Decimal(0)),), at)
