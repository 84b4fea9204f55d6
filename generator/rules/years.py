"""文字里的年份要是预算年度：抄上年的文字，年份常忘了改。

    - id: S08 预算年度
      kind: years
      params: {datasets: [文字], of: 预算, this_year: [预算单位构成]}
    - id: S08 其他年份
      kind: years
      level: 警告
      params: {datasets: [文字, 项目, 进度, 指标], of: 年份, skip: [立项依据, 项目概况]}

of: 预算 看“2021年部门预算”“2021年度”，应是预算年度或上一年（this_year 里的事项只能是预算年度）；年份 看别的“2019年”，应在前后一年以内。
书名号里的、文号〔2019〕、写到月日的、“自2019年起”“截至”“2019年成立”一类讲来历的，不看。
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from generator.build.select import Selector
from generator.rules.figures import unfilled
from generator.rules.finding import Finding, NotRun, year_of
from generator.rules.texts import Written, written

QUOTED = re.compile(r"《[^》]*》|〈[^〉]*〉|[〔\[【（(]\s*(?:19|20)\d\d\s*[〕\]】）)]")
BUDGET = re.compile(r"((?:19|20)\d\d)\s*年(?:度(?!目标|计划|任务|工作)|(?:部门|单位|收支|财政|支出|收入)*预算)")
YEAR = re.compile(r"((?:19|20)\d\d)\s*年(?!\s*\d{1,2}\s*月)")
BEFORE = re.compile(r"(?:截至|截止|自|从|早在|始于|起于|成立于|组建于|至|到|[于在])\s*$")
AFTER = re.compile(r"\s*年?(?:以来|起|以后|之后|前|底前|以前|初|成立|组建|设立|挂牌|批准|批复|印发|出台|启动|建成|开始|投入|机构改革|第)")


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """datasets: 文字 is the sheet 文字说明; skip: texts not looked at; this_year: those that speak of this year only."""

    datasets: list[str]
    of: Literal["预算", "年份"]
    skip: list[str] = []
    this_year: list[str] = []


def reads(params: Params) -> tuple[str, ...]:
    """Texts are read whatever else is wrong."""
    return ()


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    texts = [t for t in written(selector, params.datasets) if t.name not in params.skip]
    this = year_of(selector.master)
    if not texts:
        raise NotRun(unfilled(selector, params.datasets[0]))
    for text in texts:
        yield from _wrong_years(params, text, this)


def _wrong_years(params: Params, text: Written, this: int) -> Iterator[Finding]:
    bare = QUOTED.sub(lambda m: "　" * len(m[0]), text.words)
    told: set[int] = set()
    for found in (BUDGET if params.of == "预算" else YEAR).finditer(bare):
        year = int(found[1])
        if params.of == "预算":
            wrong = year != this if text.name in params.this_year else year not in (this, this - 1)
        else:
            history = BEFORE.search(bare[: found.start()]) or AFTER.match(bare, found.end()) or BUDGET.match(bare, found.start())
            wrong = not history and abs(year - this) > 1
        if wrong and year not in told:
            told.add(year)
            yield Finding(text.place, f"“{text.name}”里的年份是 {year} 年，预算年度是 {this} 年：{text.around(found.start(), found.end())}", "核对是不是抄了别的年度的文字")
