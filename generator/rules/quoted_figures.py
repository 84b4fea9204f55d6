"""文字里写了金额的，要和主工作簿的数一样：“公务接待费3.24万元”。

    - id: W15 文字里的数
      kind: quoted_figures
      level: 警告

认套表包里各个数的名称，后面紧跟“预算、安排、为”一类的字和金额的。等于本年、上年或增减额的都算对；按文字写的小数位比。
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from generator.build.facts import Fact, facts
from generator.build.select import Selector
from generator.model.amount import YUAN_PER_UNIT, half_up, show, to_unit
from generator.rules.finding import Finding, NotRun
from generator.rules.texts import TEXTS, written

BETWEEN = r"[”\"]?(?:预算数?|安排|支出|总额|合计|共计?|为|是|本年|当年|\d{4}年|减少|增加|从)*"


class Params(msgspec.Struct, forbid_unknown_fields=True):
    """No settings."""


def reads(params: Params) -> tuple[str, ...]:
    """Where the figures come from."""
    return ("收入", "支出")


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    known = {f.name.removesuffix("经费") if f.name == "三公经费" else f.name: f for f in facts(selector).values() if not f.counted}
    texts = list(written(selector, [TEXTS]))
    if not texts:
        raise NotRun("“文字说明”没有填")
    names = "|".join(re.escape(n) for n in sorted(known, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\u4e00-\u9fff])[“\"]?({names}){BETWEEN}(\d+(?:,\d{{3}})*(?:\.\d+)?)\s*(万元|元)")
    for text in texts:
        for found in pattern.finditer(text.words):
            fact, number, unit = known[found[1]], found[2].replace(",", ""), found[3]
            if not _right(fact, number, unit):
                yield Finding(
                    text.place, f"“{text.name}”写“{found[0]}”，主工作簿里{fact.name}本年 {show(fact.now, unit)}，上年 {show(fact.before, unit)}", "文字里的数由程序写，最好删掉；要写就和表一致"
                )


def _right(fact: Fact, number: str, unit: str) -> bool:
    places = len(number.partition(".")[2])
    wanted = (fact.now, fact.before, abs(fact.now - fact.before))
    exact = {half_up(to_unit(a, unit), places) for a in wanted}
    as_printed = abs(half_up(fact.now / YUAN_PER_UNIT[unit]) - half_up(fact.before / YUAN_PER_UNIT[unit]))
    return Decimal(number) in exact | {as_printed}
