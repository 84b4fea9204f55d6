"""A picture of figures that the set already prints: bars of what is printed, never of anything else."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from generator.model.amount import grouped, half_up

ZERO = Decimal(0)
At = tuple[str, int, int]  # sheet name, grid row, grid column, 0-based


@dataclass(frozen=True, slots=True)
class Point:
    """A bar, or bars side by side. values: one for each series of the chart, as printed, in the chart's unit.

    at: the cells of tables whose sum the first value is; empty when only the explanation prints it.
    """

    label: str
    values: tuple[Decimal, ...]
    at: tuple[At, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """name: as the pack calls it. series: what the bars of a point stand for; one series: parts of a whole, several: a comparison.

    tables: the numbers of the tables that print the figures, in the set's order.
    """

    name: str
    title: str
    series: tuple[str, ...]
    points: tuple[Point, ...]
    unit: str = "万元"
    tables: tuple[str, ...] = ()

    @property
    def compared(self) -> bool:
        return len(self.series) > 1

    @property
    def total(self) -> Decimal:
        """The printed parts added up."""
        return sum((p.values[0] for p in self.points), ZERO)

    def share(self, point: Point) -> Decimal | None:
        """A part in per cent of the printed parts, rounded once; None in a comparison, and where a part is negative."""
        if self.compared or self.total <= 0 or any(p.values[0] < 0 for p in self.points):
            return None
        return half_up(point.values[0] / self.total * 100)

    def figure(self, point: Point, series: int = 0) -> str:
        """What stands at a bar: 1217.14, and at a part of a whole its share with it: 1217.14（93.87%）."""
        share = self.share(point)
        return grouped(point.values[series]) + (f"（{grouped(share)}%）" if share is not None else "")

    def said(self, point: Point) -> str:
        """A bar in words: 经费拨款1296.69万元，占100.00%."""
        if self.compared:
            return point.label + "".join(f"{name}{grouped(value)}{self.unit}、" for name, value in zip(self.series, point.values, strict=True)).rstrip("、")
        share = self.share(point)
        return f"{point.label}{grouped(point.values[0])}{self.unit}" + (f"，占{grouped(share)}%" if share is not None else "")

    @property
    def alt(self) -> str:
        """The picture in words, for those who do not see it."""
        return f"{'柱形' if self.compared else '条形'}图：{self.title}。" + "；".join(map(self.said, self.points)) + "。"

    @property
    def source(self) -> str:
        """Where this year's figures are printed, for under the picture; empty when no table prints any of them."""
        if not self.tables:
            return ""
        elsewhere = any(p.values[0] and not p.at for p in self.points)
        return f"本年数见{'、'.join(self.tables)}" + ("，表里没有单列的由主工作簿汇总" if elsewhere else "")
