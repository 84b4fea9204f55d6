"""This year against last year, in words. The rules of RULES 4 (增减措辞), as the bureaus' checks apply them.

The base is last year's budget as printed; the difference is taken between printed amounts, so that what stands on paper
adds up; the percentage is rounded once; no percentage on a zero or negative base.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from generator.model.amount import grouped, half_up, printed


@dataclass(frozen=True, slots=True)
class Change:
    """now and before as printed, in `unit`. percent: half up to two places; None where it has no meaning.

    any_now, any_before: whether there is money at all, however little is printed of it: 30 元 are not 未安排.
    """

    now: Decimal
    before: Decimal
    unit: str
    any_now: bool = False
    any_before: bool = False
    stock: bool = False  # what there is on a day (资产): nothing of it is never 未安排

    @property
    def difference(self) -> Decimal:
        return self.now - self.before

    @property
    def direction(self) -> str:
        return "增加" if self.difference > 0 else "减少" if self.difference < 0 else "持平"

    @property
    def percent(self) -> Decimal | None:
        return half_up(abs(self.difference) / self.before * 100) if self.before > 0 and self.difference else None

    @property
    def form(self) -> str:
        """Which sentence form says it; a key of the pack's `sentences`."""
        some_now, some_before = (bool(printed) or some or self.stock for printed, some in ((self.now, self.any_now), (self.before, self.any_before)))
        if not self.difference:
            return "持平" if some_now or some_before else "均无"
        if self.before < 0 or self.now < 0 or (not self.before and some_before):
            return "负基数"
        if not self.before:
            return "新增"
        if not some_now:
            return "取消"
        return "基本持平" if self.percent == 0 else self.direction

    def sentence(self, forms: Mapping[str, str], years: Mapping[str, str]) -> str:
        """The clause, without reason and full stop: 比2021年减少1010.32万元，下降43.79%.

        `forms` has the eight forms with {增减} {幅度} {方向} {年度} {上年度}; the unit is written in the forms as 万元.
        """
        text = forms[self.form].replace("万元", self.unit)
        percent = self.percent
        values = {**years, "增减": grouped(abs(self.difference)), "幅度": grouped(percent) if percent is not None else "", "方向": self.direction}
        for name, value in values.items():
            text = text.replace("{" + name + "}", value)
        return text


def change(now: Decimal, before: Decimal, unit: str, stock: bool = False) -> Change:
    """The change between two amounts in 元, as printed in `unit`."""
    return Change(printed(now, unit), printed(before, unit), unit, bool(now), bool(before), stock)
