"""How a pack rounds: `rounding:` in its YAML, checked when the pack is loaded. build/rounding.py does it.

    rounding: {policy: 各格舍入, note: 注：部分合计数与分项之和的差异系四舍五入所致。}
    rounding: {policy: 统一舍入, keep: [收入总计 支出总计, 三公经费, 机关运行经费, 项目清单]}

各格舍入 rounds every printed cell on its own, and says so under the tables where that shows. 统一舍入 rounds the facts once so
that every table adds up in print. The two are strategies 1 and 3 of RULES 5 (舍入与加总).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from generator.model.amount import CENT, to_yuan
from generator.model.figures import decimals, with_zero
from generator.model.problem import Place
from generator.pack.binding import Each, Figure, Sum, Total
from generator.pack.strict_yaml import suggestion

if TYPE_CHECKING:
    from generator.pack.pack import TableSpec
    from generator.pack.schema import Schema

EACH, WHOLE = "各格舍入", "统一舍入"
POLICIES = (EACH, WHOLE)
NOTE = "注：部分合计数与分项之和的差异系四舍五入所致。"
KEEP = (  # RULES 5: 禁止动
    "收入总计 支出总计",
    "三公经费",
    "因公出国费 公务接待费 公务用车购置费 公务用车运行费",
    "机关运行经费",
    "政府采购",
    "项目清单",
    "采购清单",
)
TOLD = to_yuan(CENT, "万元")  # the last digit of what the explanation says, in 元: F_万元 has two decimals


class Rounding(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """policy: 各格舍入 or 统一舍入. note: what stands under a table whose printed parts do not add up; empty for nothing.

    keep: facts and listings (by name; several in one item are equals) whose amounts 统一舍入 leaves as 四舍五入 gives them.
    When they contradict each other the last item gives way first; empty for KEEP.
    """

    policy: str = EACH
    note: str = NOTE
    keep: list[str] = []


def kept(rounding: Rounding, known: Mapping[str, object]) -> Iterator[tuple[int, str]]:
    """The kept names with their rank: 1 for the last item, which gives way first. KEEP leaves out what a pack does not have."""
    items = rounding.keep or KEEP
    for n, item in enumerate(items):
        for name in item.split():
            if name in known or rounding.keep:
                yield len(items) - n, name


Key = tuple[str, str]  # dataset, measure


def _figures(tables: Sequence[TableSpec], schema: Schema) -> Iterator[tuple[Place, Decimal, set[Key]]]:
    """The figure cells of the layouts with the digit (in 元) they print and the amounts they add up. Tables in 元 are left out:
    they print exact amounts."""
    for spec in tables:
        if spec.unit in ("元", "人"):
            continue
        for line in spec.layout.lines:
            for cell in line.cells:
                parts = [part for part in cell.parts if not isinstance(part, Each)]
                if len(parts) != 1 or not isinstance(parts[0], (Figure, Sum, Total)):
                    continue
                binding = parts[0]
                figures = [figure for _, figure in binding.parts] if isinstance(binding, Sum) else [binding if isinstance(binding, Figure) else Figure()]
                asked = [(f.dataset or (line.repeat.dataset if line.repeat else spec.dataset), f.measure) for f in figures]
                look = with_zero(spec.layout.styles[cell.style].number_format, spec.zero, 2)
                keys = {(dataset, measure or next(iter(schema.measures(dataset)), "")) for dataset, measure in asked}
                yield cell.place, to_yuan(Decimal(1).scaleb(-decimals(look)), spec.unit), keys


def rounded_measures(tables: Sequence[TableSpec], schema: Schema) -> frozenset[Key]:
    """What 统一舍入 rounds: money of this year that may be added. Last year's is published already; what is typed in 元
    (政府采购) is rounded only where a table prints it in another unit."""
    printed = {key for _, _, keys in _figures(tables, schema) for key in keys}
    found = set()
    for dataset in schema.datasets:
        for measure, column in schema.measures(dataset).items():
            money = column is None or (column.type == "金额" and column.added)
            in_yuan = column is not None and column.unit == "元"
            if money and measure != "上年" and (not in_yuan or (dataset, measure) in printed):
                found.add((dataset, measure))
    return frozenset(found)


def last_digits(tables: Sequence[TableSpec], schema: Schema) -> Iterator[tuple[Decimal, Place]]:
    """In which digit (in 元) the figure cells of rounded amounts are printed."""
    rounded = rounded_measures(tables, schema)
    for place, digit, keys in _figures(tables, schema):
        if not rounded.isdisjoint(keys):
            yield digit, place


def rounding_words(rounding: Rounding, known: Mapping[str, object]) -> str:
    """The policy in one line, for `pack show`."""
    words = f"{rounding.policy}；{f'不加总的表下印“{rounding.note}”' if rounding.note else '表下不印注'}"
    if rounding.policy == WHOLE:
        ranks: dict[int, list[str]] = {}
        for rank, name in kept(rounding, known):
            ranks.setdefault(rank, []).append(name)
        words += f"；保持不动（不能兼顾时从后面的放起）：{' > '.join('、'.join(names) for names in ranks.values())}"
    return words


def wrong_rounding(file: str, rounding: Rounding, known: Mapping[str, object], tables: Sequence[TableSpec], schema: Schema) -> list[str]:
    """What is wrong with a pack's `rounding`. known: its facts and listings."""
    if rounding.policy not in POLICIES:
        return [f"{file} rounding·policy 不认识“{rounding.policy}”；可用：{'、'.join(POLICIES)}{suggestion(rounding.policy, list(POLICIES))}"]
    wrong = [f"{file} rounding·keep 没有“{name}”；可用 facts 和 listings 里的名称{suggestion(name, list(known))}" for _, name in kept(rounding, known) if name not in known]
    if rounding.policy == WHOLE:
        places: dict[Decimal, list[Place]] = {}
        for digit, place in last_digits(tables, schema):
            places.setdefault(digit, []).append(place)
        usual, *others = sorted(places, key=lambda digit: -len(places[digit])) or [TOLD]
        for digit in others:  # what is rounded in one digit does not add up in another
            wrong.append(f"{places[digit][0]} 这一格印到 {digit.normalize():f} 元，别的表印到 {usual.normalize():f} 元（{places[usual][0]}）；统一舍入要求各表印到同一位，金额单位为元的除外")
    return wrong
