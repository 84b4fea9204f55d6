"""A total and its parts, as printed: equal, apart by what rounding explains, or wrong (interval method)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from generator.model.amount import grouped, half_up, to_unit
from generator.model.problem import Level
from generator.published.model import Figure, Finding, ReadCell, Spot


@dataclass(frozen=True, slots=True)
class Gap:
    """parts − total in 元; slack: as much of it as rounding can explain. weight: parts that are not zero."""

    total: Decimal
    parts: Decimal
    slack: Decimal
    weight: int

    @property
    def difference(self) -> Decimal:
        return self.parts - self.total

    @property
    def holds(self) -> bool:
        return abs(self.difference) <= self.slack

    @property
    def exact(self) -> bool:
        return self.difference == 0


def gap(total: Figure | None, parts: Sequence[Figure | None]) -> Gap | None:
    """None when nothing is printed on either side. A blank counts as nothing, as a reader takes it."""
    there = [p for p in parts if p is not None]
    if total is None and not any(p.yuan for p in there):
        return None
    if total is None and not there:
        return None
    step = max([p.step for p in there] + ([total.step] if total else []))
    known = [p for p in there if p.yuan]
    slack = step / 2 * (len(known) + 1)
    return Gap(total.yuan if total else Decimal(0), sum((p.yuan for p in there), Decimal(0)), slack, len(known))


def money(yuan: Decimal, unit: str, step: Decimal = Decimal(100)) -> str:
    """An amount in the table's unit with as many decimals as it prints.

    >>> money(Decimal(123000), "万元"), money(Decimal("1698100"), "元", Decimal("0.01"))
    ('12.30万元', '1698100.00元')
    """
    value = to_unit(yuan, unit)
    digits = max(2, -int(value.normalize().as_tuple().exponent) if value else 0)
    return f"{grouped(half_up(value, min(digits, 6)), min(digits, 6))}{unit}"


@dataclass(slots=True)
class Sums:
    """What a look at sums collects: findings, tails (explained by rounding), and what was compared at all."""

    findings: list[Finding] = field(default_factory=list)
    tails: list[Spot] = field(default_factory=list)
    compared: int = 0
    skipped: list[str] = field(default_factory=list)

    def wrong(self, rule: str, level: Level, unit: str, name: str, total: ReadCell, g: Gap, parts: str, other: Spot | None = None) -> None:
        printed = money(g.total, unit) if total.figure is not None else "空白"
        self.findings.append(
            Finding(rule, level, total.spot, f"{name}应为{money(g.parts, unit)}（{parts}之和），印的是{printed}，差{money(abs(g.difference), unit)}", f"核对{parts}，或改{name}", other, kind="加总")
        )
