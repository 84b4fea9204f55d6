"""绩效指标：有没有值、符号和值配不配、值合不合理、各类齐不齐、前后一致不一致、有没有照抄。

    - id: P05 指标有值
      kind: indicators
      params: {test: 有值}

test 是下面的一种：
  有值      写了三级指标、选了计算符号就要有指标值（写“无”的、整个项目都不填计算符号的文字式指标除外）
  文字式有值  不填计算符号的文字式指标，别处都有值、这几条没有的，每个项目报一条
  符号      ＝ ≥ ≤ > < 的值要是数；定性的值不要是光秃秃的数
  计量单位   定量的值要有计量单位
  范围      率在 0 到 100% 之间；次数、人数、个数是不小于 0 的整数
  满意度     满意度、满意率在 0 到 100% 之间
  有指标     编制绩效目标的项目至少一条指标
  齐全      每个项目要有产出、效益、满意度、成本指标，并至少一条定量
  同名      整体与项目里同名的定量指标，值应一致
  雷同      两个项目的指标八成以上一模一样
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from itertools import combinations
from typing import Literal

import msgspec

from generator.build.cells import indicator_value
from generator.build.select import Selector
from generator.model.master import Record
from generator.model.problem import Place
from generator.pack.schema import folded
from generator.rules.figures import unfilled
from generator.rules.finding import Finding, NotRun

NONE = ("", "无", "/", "—")
SIGNS = ("＝", "≥", "≤", ">", "<")
COUNTED = ("次", "人", "个", "名", "家", "件", "项", "份", "台", "套", "条", "场", "期", "册", "辆", "篇")
PERCENT = ("%", "％", "百分比")
CLASSES = ("产出", "效益", "满意度", "成本")
ALIKE = Decimal("0.8")


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """test: one of those at the head of this page."""

    test: Literal["有值", "文字式有值", "符号", "计量单位", "范围", "满意度", "有指标", "齐全", "同名", "雷同"]


def reads(params: Params) -> tuple[str, ...]:
    """Where indicators stand."""
    return ("指标", "项目") if params.test in ("有指标", "齐全") else ("指标",)


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    sets: dict[tuple[str, str], list[Record]] = {}
    for record in selector.master.records("指标"):
        sets.setdefault((record.text("单位编码"), record.text("项目名称")), []).append(record)
    if not sets and params.test != "有指标":
        raise NotRun(unfilled(selector, "指标"))
    tests: dict[str, Callable[[Selector, dict[tuple[str, str], list[Record]]], Iterator[Finding]]] = {
        "有值": _valued,
        "文字式有值": _valued_in_words,
        "符号": _signed,
        "计量单位": _measured,
        "范围": _sensible,
        "满意度": _satisfied,
        "有指标": _any,
        "齐全": _complete,
        "同名": _agreeing,
        "雷同": _alike,
    }
    yield from tests[params.test](selector, sets)


Sets = dict[tuple[str, str], list[Record]]


def _valueless(records: list[Record]) -> list[Record]:
    return [r for r in records if r.text("三级指标") not in NONE and not r.text("指标值")]


def _with_signs(records: list[Record]) -> bool:
    return any(r.text("计算符号") for r in records)


def _valued(selector: Selector, sets: Sets) -> Iterator[Finding]:
    for records in sets.values():
        for r in _valueless(records) if _with_signs(records) else []:
            if not r.text("一级指标").endswith("工作计划"):  # work plans listed among the indicators have no value
                yield Finding(r.at("指标值"), f"指标“{_short(r)}”没有填指标值", "填年初目标值；没有这类指标的，三级指标写“无”或整行清空")
        for r in records:
            if r.text("计算符号") and not r.text("三级指标") and not r.text("指标值"):
                yield Finding(r.at("指标值"), f"“{r.text('二级指标')}”选了计算符号“{r.text('计算符号')}”，没有填三级指标和指标值", "填指标和年初目标值；没有这类指标的，计算符号也清空")


def _valued_in_words(selector: Selector, sets: Sets) -> Iterator[Finding]:
    if not any(r.text("指标值") for records in sets.values() for r in records):
        raise NotRun("“绩效目标”的指标值都没有填")  # a form may have the values in the words of the indicators
    for (_, project), records in sets.items():
        lost = [] if _with_signs(records) else _valueless(records)
        if lost:
            cells = "、".join(r.at("指标值").cell for r in lost)
            yield Finding(lost[0].at("指标值"), f"{_set(project)}有 {len(lost)} 条指标没有填指标值（{cells}）", "填年初目标值；没有这类指标的，三级指标写“无”")


def _signed(selector: Selector, sets: Sets) -> Iterator[Finding]:
    for r in selector.master.records("指标"):
        sign, value = r.text("计算符号"), r.text("指标值")
        if sign in SIGNS and value and _number(value) is None:
            yield Finding(r.at("指标值"), f"指标“{_short(r)}”的计算符号是“{sign}”，指标值“{value}”不是数", "值只填数字，单位填在“计量单位”；不是定量的，计算符号选“定性”")
        elif sign == "定性" and value and _number(value) is not None:
            yield Finding(r.at("计算符号"), f"指标“{_short(r)}”的指标值是数 {value}，计算符号却是“定性”", "计算符号选 ＝、≥ 或 ≤")


def _measured(selector: Selector, sets: Sets) -> Iterator[Finding]:
    for r in selector.master.records("指标"):
        if r.text("计算符号") in SIGNS and _number(r.text("指标值")) is not None and not r.text("计量单位"):
            yield Finding(r.at("计量单位"), f"指标“{_short(r)}”的值 {r.text('指标值')} 没有计量单位", "填计量单位，例如 次、人、%")


def _sensible(selector: Selector, sets: Sets) -> Iterator[Finding]:
    for r in selector.master.records("指标"):
        value, unit = _measure_of(r)
        if value is None or "满意" in r.text("三级指标"):
            continue
        bounded = unit in PERCENT and not re.search(r"增长|增幅|提高|提升|下降|压缩|节约|超额", r.text("三级指标"))
        if bounded and not 0 <= value <= 100:
            yield Finding(r.at("指标值"), f"指标“{_short(r)}”的值是 {value}%，超出 0 到 100%", "核对指标值和计量单位")
        elif unit in COUNTED and value != value.to_integral_value():
            yield Finding(r.at("指标值"), f"指标“{_short(r)}”的值是 {value} {unit}，不是整数", "核对指标值；两个值挤在一格的，分成两行")


def _satisfied(selector: Selector, sets: Sets) -> Iterator[Finding]:
    for r in selector.master.records("指标"):
        value, unit = _measure_of(r)
        if value is not None and "满意" in r.text("三级指标") and unit in PERCENT and not 0 <= value <= 100 and not re.search(r"增长|增幅|提高|提升", r.text("三级指标")):
            yield Finding(r.at("指标值"), f"指标“{_short(r)}”的值是 {value}%，满意度不会超出 0 到 100%", "核对指标值和计量单位")


def _measure_of(r: Record) -> tuple[Decimal | None, str]:
    """An indicator's number and its unit, also when both stand in the value: ≥95%."""
    value, unit = _number(r.text("指标值")), r.text("计量单位")
    if value is None:
        found = re.fullmatch(r"[≥≤=＝><约]?\s*(\d+(?:\.\d+)?)\s*[%％](?:以上|以下)?", r.text("指标值"))
        value, unit = (Decimal(found[1]), "%") if found else (None, unit)
    return value, unit


def _any(selector: Selector, sets: Sets) -> Iterator[Finding]:
    projects = [p for p in selector.master.projects() if p.text("编制绩效目标") != "否"]
    if not projects:
        raise NotRun("没有编制绩效目标的项目")
    for p in projects:
        if (p.text("单位编码"), p.text("项目名称")) not in sets:
            yield Finding(p.at("项目名称"), f"项目“{p.text('项目名称')}”编制绩效目标，“绩效目标”里一条指标也没有", "在“绩效目标”里填指标；不编制的，“编制绩效目标”选“否”")


def _complete(selector: Selector, sets: Sets) -> Iterator[Finding]:
    lacking: dict[str, list[tuple[str, Place]]] = {}
    for p in selector.master.projects():
        records = sets.get((p.text("单位编码"), p.text("项目名称")), [])
        if not records or p.text("编制绩效目标") == "否":
            continue
        words = "".join(r.text("一级指标") + r.text("二级指标") for r in records if r.text("三级指标") not in NONE or r.text("指标值"))
        lost = [f"{c}指标" for c in CLASSES if c not in words]
        if not any(re.search(r"\d", r.text("指标值")) for r in records):
            lost.append("定量的指标")
        for kind in lost:
            lacking.setdefault(kind, []).append((p.text("项目名称"), records[0].at("二级指标")))
    for kind, projects in lacking.items():
        yield Finding(projects[0][1], f"{len(projects)} 个项目没有{kind}：{'、'.join(name for name, _ in projects)}", "补上；本地的申报表不要这一类的，可以不管")


def _agreeing(selector: Selector, sets: Sets) -> Iterator[Finding]:
    whole: dict[tuple[str, str], Record] = {}
    for (unit, project), records in sets.items():
        if not project:
            whole |= {(unit, folded(r.text("三级指标"))): r for r in records if r.text("三级指标") not in NONE}
    for (unit, project), records in sets.items():
        for r in records if project else []:
            other = whole.get((unit, folded(r.text("三级指标"))))
            if other is None:
                continue
            a, b = _number(r.text("指标值")), _number(other.text("指标值"))
            if a is not None and b is not None and a != b:
                yield Finding(
                    r.at("指标值"), f"指标“{_short(r)}”这里是 {indicator_value(r)}，整体绩效里是 {indicator_value(other)}（{other.at('指标值').cell}）", "核对哪一个对；口径不同的，名称要能分清"
                )


def _alike(selector: Selector, sets: Sets) -> Iterator[Finding]:
    lines = {key: {(folded(r.text("三级指标")), folded(indicator_value(r))) for r in records if r.text("三级指标") not in NONE or r.text("指标值")} for key, records in sets.items() if key[1]}
    units: dict[str, list[tuple[str, str]]] = {}
    for key in lines:
        units.setdefault(key[0], []).append(key)
    for one, other in (pair for keys in units.values() for pair in combinations(keys, 2)):
        a, b = lines[one], lines[other]
        if min(len(a), len(b)) >= 4 and Decimal(len(a & b)) > ALIKE * min(len(a), len(b)):
            place: Place = sets[other][0].at("三级指标")
            yield Finding(place, f"项目“{other[1]}”的 {len(b)} 条指标有 {len(a & b)} 条与“{one[1]}”一模一样", "指标要说这个项目自己的产出和效果")


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(text.replace(",", "").strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _short(record: Record) -> str:
    name = record.text("三级指标") or record.text("二级指标")
    return name if len(name) <= 24 else name[:24] + "…"


def _set(project: str) -> str:
    return f"项目“{project}”" if project else "整体绩效"
