"""A total and its parts, as printed: equal, apart by what rounding explains, or wrong (interval method)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from generator.model.amount import grouped, half_up, rounding_slack, to_unit
from generator.pack.audit_rules import Sure
from generator.published.model import Figure, Finding, ReadCell, Spot
from generator.published.rulebook import Rule, Rulebook
from generator.published.words import as_figure


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
    return Gap(total.yuan if total else Decimal(0), sum((p.yuan for p in there), Decimal(0)), rounding_slack(len(known), step), len(known))


def money(yuan: Decimal, unit: str, step: Decimal = Decimal(100)) -> str:
    """An amount in the table's unit with as many decimals as it prints.

    >>> money(Decimal(123000), "万元"), money(Decimal("1698100"), "元", Decimal("0.01"))
    ('12.30万元', '1698100.00元')
    """
    value = to_unit(yuan, unit)
    digits = max(2, -int(value.normalize().as_tuple().exponent) if value else 0)
    return f"{grouped(half_up(value, min(digits, 6)), min(digits, 6))}{unit}"


def printed(total: ReadCell, g: Gap, unit: str) -> str:
    """What the cell of a total says, in the unit of the message."""
    return money(g.total, unit) if as_figure(total.text) is not None else "空白"


@dataclass(slots=True)
class Sums:
    """What a check collects: findings in the words of the rules, tails (explained by rounding), and what was compared at all."""

    rules: Rulebook
    findings: list[Finding] = field(default_factory=list)
    tails: list[Spot] = field(default_factory=list)
    compared: int = 0
    skipped: list[str] = field(default_factory=list)

    def say(self, rule: Rule, spot: Spot, values: Mapping[str, str], sure: Sure = Sure.PROVED, other: Spot | None = None, quote: str = "") -> None:
        """Report a broken rule: which, where, with what values, how surely. other: the second place; quote: the words it is about."""
        found = self.rules.finding(rule, sure, spot, values, other, quote)
        if found is not None:
            self.findings.append(found)

    def wrong(self, rule: Rule, sure: Sure, unit: str, name: str, total: ReadCell, g: Gap, parts: str) -> None:
        """A total that is not the sum of its parts."""
        self.say(rule, total.spot, {"项目": name, "应为": money(g.parts, unit), "分项": parts, "印的": printed(total, g, unit), "差": money(abs(g.difference), unit)}, sure)
