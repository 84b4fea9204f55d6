"""文字里写了金额、增减和百分比的，要和主工作簿的数一样：“公务接待费3.24万元”“‘三公’经费比上年下降10.00%”。

    - id: W15 文字里的数
      kind: quoted_figures
      level: 警告
      params: {names: {因公出国费: [因公出国（境）费]}}

认套表包里各个数的名称（names 是另外的叫法），后面紧跟“预算、安排、为”一类的字的。金额等于本年或上年的都算对；“增加、减少”要和数的方向
一样，后面的金额是增减额，百分比是增减幅度；“减少到、增至”后面是本年数。“原因：”里一句话开头就说“比上年增加”的，说的是这个数自己。
按文字写的小数位比。
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from generator.build.facts import Fact, facts
from generator.build.select import Selector
from generator.model.amount import YUAN_PER_UNIT, grouped, half_up, show, to_unit
from generator.pack.pack import Pack
from generator.pack.strict_yaml import suggestion
from generator.rules.finding import Finding, NotRun
from generator.rules.texts import TEXTS, Written, written

UP, DOWN = "增加|增长|上升|提高|上涨", "减少|下降|降低|压减|压缩|减"
COMPARED = r"(?:比|较|同比|与)(?:上年度?|去年|上一年|\d{4}年)?(?:年初)?(?:预算数?)?(?:相比)?"
SOFT = "(?:有所|相应|大幅|小幅|略有|明显|继续|共|约|了|将)*"
NUMBER = r"(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)\s*(?P<unit>万元|亿元|元|%|％)"
BETWEEN = r"[”\"]?(?:经费)?[”\"]?(?:预算数?|安排|支出|总额|合计|共计?|为|是|本年度?|当年|今年|\d{4}年|从|达到?|资金|计划)*"
SAYS = rf"(?:(?P<compared>{COMPARED}))?{SOFT}(?:(?P<way>{UP}|{DOWN}){SOFT}(?P<to>到|至|为)?)?(?:{NUMBER})?"


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """names: fact → what texts also call it."""

    names: dict[str, list[str]] = {}


def reads(params: Params) -> tuple[str, ...]:
    """Where the figures come from."""
    return ("收入", "支出")


def wrong(params: Params, pack: Pack) -> Iterator[str]:
    """Facts nobody knows."""
    for name in set(params.names) - set(pack.facts):
        yield f"names 里的“{name}”不是说明书的数{suggestion(name, list(pack.facts))}"


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    texts = list(written(selector, [TEXTS]))
    if not texts:
        raise NotRun("“文字说明”没有填")
    known: dict[str, Fact] = {}
    reasons: dict[str, Fact] = {}
    for fact in facts(selector).values():
        if not fact.counted:
            known |= dict.fromkeys((fact.name.removesuffix("经费") if fact.name == "三公经费" else fact.name, *params.names.get(fact.name, [])), fact)
            reasons.setdefault(fact.reason_name, fact)
    names = "|".join(re.escape(n) for n in sorted(known, key=len, reverse=True))
    named = re.compile(rf"(?:(?<![\u4e00-\u9fff])|(?<=[年中]))[“\"]?(?P<name>{names}){BETWEEN}{SAYS}")
    itself = re.compile(rf"(?:^|[，。；、\n])(?:本年度?|今年|\d{{4}}年)?(?=比|较|同比){SAYS}")
    for text in texts:
        for found in named.finditer(text.words):
            yield from _stated(text, found, known[found["name"]])
        if text.name in reasons:
            for found in itself.finditer(text.words):
                yield from _stated(text, found, reasons[text.name])


def _stated(text: Written, found: re.Match[str], fact: Fact) -> Iterator[Finding]:
    """What is wrong with one statement about a figure."""
    if _right(fact, found):
        return
    made = fact.change()
    moved = f"，{made.direction} {grouped(abs(made.difference))} {made.unit}" if made.difference else "，与上年持平"
    moved += f"（{grouped(made.percent)}%）" if made.percent is not None else ""
    unit = found["unit"] if found["unit"] in YUAN_PER_UNIT else fact.unit
    said = found[0].strip("，。；、\n")
    yield Finding(text.place, f"“{text.name}”写“{said}”，主工作簿里{fact.name}本年 {show(fact.now, unit)}，上年 {show(fact.before, unit)}{moved}", "文字里的数由程序写，最好删掉；要写就和表一致")


def _right(fact: Fact, found: re.Match[str]) -> bool:
    """Whether a statement agrees with the figure; one that states nothing does."""
    made = fact.change()
    way, number, unit = found["way"], (found["number"] or "").replace(",", ""), found["unit"]
    if way and (number or found["compared"]) and not found["to"]:
        rising = bool(re.fullmatch(UP, way))
        if (made.difference > 0) is not rising or not made.difference:
            return False
    if not number:
        return True
    places = len(number.partition(".")[2])
    if unit in ("%", "％"):
        return not way or made.percent is None or (made.before > 0 and Decimal(number) == half_up(abs(made.difference) / made.before * 100, places))
    exact = {half_up(to_unit(a, unit), places) for a in ((abs(fact.now - fact.before),) if way and not found["to"] else (fact.now,) if way else (fact.now, fact.before))}
    as_printed = abs(half_up(fact.now / YUAN_PER_UNIT[unit]) - half_up(fact.before / YUAN_PER_UNIT[unit]))
    return Decimal(number) in exact or bool(way and not found["to"] and Decimal(number) == as_printed)
