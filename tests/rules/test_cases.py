"""Every rule's cases: what it reports, and beside it what it leaves alone. tests/cases/rules holds them, for a budget person to read.

A file is one rule: `rule` names it (its settings are those of templates/packs/base.yaml), or `kind` and `params` say it. A
case changes the small sound workbook of tests/support.py: `表` replaces sheets, `改` single cells (表!格 → 值), 收入, 项目支出,
测算, 原因 are short forms of whole sheets; `上年册` is such a workbook of the year before; `改表` changes a figure of a finished table, in 元, or takes away a text (null), `改栏次` a column's number,
as a fault of ours would; `去掉的表`, `只留的表` leave tables out of the set.
`报` is what must be said and where; empty: nothing. 未能核对: the rule must say that it could not run.
"""

import re
from dataclasses import replace
from decimal import Decimal

import msgspec
import openpyxl
import pytest
import yaml
from msgspec import structs

from generator.build.select import Selector
from generator.build.table import build
from generator.model.amount import printed
from generator.rules.engine import KINDS
from generator.rules.finding import NotRun
from generator.run import get_pack
from tests.support import ROOT, TEXTS, bound_sheets, data, minimal

FILES = sorted((ROOT / "tests/cases/rules").glob("*.yaml"))
RULES = {r.id: r for r in get_pack("pingjiang-2022").file.rules}
BASE = [r["id"] for r in yaml.safe_load((ROOT / "templates/packs/base.yaml").read_text(encoding="utf-8"))["rules"]]
SHORT = ("收入", "项目支出", "测算", "原因")


def books():
    for file in FILES:
        book = data(f"cases/rules/{file.name}")
        rule = RULES.get(book.get("rule", ""))
        if "rule" in book:
            assert rule, f"{file.name}：base.yaml 里没有规则“{book['rule']}”"
            assert file.stem == rule.id, file.name
        yield (rule.kind if rule else book["kind"]), (rule.params if rule else book.get("params", {})), book


BOOKS = list(books())
CASES = [(kind, params, case, book.get("rule", kind)) for kind, params, book in BOOKS for case in book["cases"]]


def sheets(case: dict) -> dict:
    """The case's workbook."""
    changed = {} if not any(k in case for k in SHORT) else short(case)
    made = {name: [list(row) for row in rows] for name, rows in minimal(**{**changed, **case.get("表", {})}).items()}
    for where, value in case.get("改", {}).items():
        name, _, cell = where.partition("!")
        column, row = re.fullmatch(r"([A-Z]+)(\d+)", cell).groups()
        at = openpyxl.utils.column_index_from_string(column)
        rows = made[name]
        while len(rows) < int(row):
            rows.append([])
        rows[int(row) - 1] += [None] * (at - len(rows[int(row) - 1]))
        rows[int(row) - 1][at - 1] = value
    return made


def short(case: dict) -> dict:
    """The case's lines as master sheets; what it does not mention is empty."""
    income = [["金额单位", "元"], ["单位编码", "收入来源", "本年预算数", "结转下年", "上年预算数"], *([str(u), *rest] for u, *rest in case.get("收入", []))]
    spent = [["金额单位", "元"], ["单位编码", "项目名称", "功能科目编码", "部门经济编码", "资金来源", "本年预算数", "上年预算数"]]
    spent += [[str(unit), "甲项目", "2010302", "30201", source, *amounts] for unit, source, *amounts in case.get("项目支出", [])]
    costs = [["金额单位", "元"], ["单位编码", "项目名称", "支出内容", "本年预算数"], *([str(u), "甲项目", f"内容{n}", a] for n, (u, a) in enumerate(case.get("测算", [])))]
    texts = [["事项", "内容"], *([t, f"{t}的内容"] for t in TEXTS), *([f"原因：{k}", v] for k, v in case.get("原因", {}).items())]
    return dict(收入=income, 项目支出=spent, 项目测算明细=costs, 文字说明=texts, **{"基本支出—工资福利": [["单位编码", "功能科目编码", "资金来源", "30101 基本工资"]]})


def tables(selector, case: dict) -> list:
    """The finished tables, with the case's faults."""
    gone = case.get("去掉的表", [t.number for t in selector.pack.tables if "只留的表" in case and t.number not in case["只留的表"]])
    made = [build(selector, spec).table for spec in selector.pack.tables if spec.number not in gone]
    for where, value in [*case.get("改表", {}).items(), *case.get("改栏次", {}).items()]:
        name, _, cell = where.partition("!")
        column, row = re.fullmatch(r"([A-Z]+)(\d+)", cell).groups()
        n = next(i for i, t in enumerate(made) if t.name == name)
        table, r, c = made[n], int(row) - 1, openpyxl.utils.column_index_from_string(column) - 1
        lines = list(table.lines)
        cells = list(lines[r].cells)
        is_text = value is None or where in case.get("改栏次", {})
        assert (cells[c].amount is None) == is_text, f"{where} {'是数' if is_text else '不是数'}"
        cells[c] = structs.replace(cells[c], text=value) if is_text else structs.replace(cells[c], amount=Decimal(value), shown=printed(Decimal(value), table.unit))
        lines[r] = replace(lines[r], cells=tuple(cells))
        made[n] = replace(table, lines=tuple(lines))
    return made


@pytest.mark.parametrize(("kind", "params", "case"), [c[:3] for c in CASES], ids=[f"{rule}：{c['名']}" for _, _, c, rule in CASES])
def test_case(kind, params, case):
    selector, problems = bound_sheets(sheets(case))
    assert not problems.errors, list(map(str, problems.errors))
    if "上年册" in case:
        last, problems = bound_sheets(sheets(case["上年册"]))
        assert not problems.errors, list(map(str, problems.errors))
        selector = Selector(replace(selector.master, previous=last.master), selector.pack)
    module = KINDS[kind]
    settings = msgspec.convert(params, module.Params, strict=False)

    def findings():
        return list(module.check_tables(settings, selector, tables(selector, case)) if hasattr(module, "check_tables") else module.check(settings, selector))

    if case["报"] == "未能核对":
        with pytest.raises(NotRun):
            findings()
        return
    found = findings()
    assert len(found) == len(case["报"]), [str(f) for f in found]
    for finding, wanted in zip(found, case["报"], strict=True):
        assert str(finding.place).partition("!")[2].startswith(wanted["格"]), finding.place
        assert wanted["说"] in finding.message, finding.message


def test_every_rule_has_cases_that_fire_and_cases_that_stay_quiet():
    fire, quiet = set(), set()
    for kind, _, book in BOOKS:
        names = {book["rule"]} if "rule" in book else {r.id for r in RULES.values() if r.kind == kind}
        fire |= names if any(isinstance(c["报"], list) and c["报"] for c in book["cases"]) else set()
        quiet |= names if any(not c["报"] for c in book["cases"]) else set()
    assert not set(BASE) - fire, "没有应报的例子"
    assert not set(BASE) - quiet, "没有不应报的例子"


def test_every_kind_of_rule_has_cases_and_a_manual_page():
    assert {kind for kind, _, _ in BOOKS} == set(KINDS)
    for name, module in KINDS.items():
        assert module.__doc__, name
        assert "kind:" in module.__doc__, f"{name}: the docstring shows how the rule is switched on"
        checker = module.check_tables if hasattr(module, "check_tables") else module.check
        assert checker.__annotations__, name


def test_every_rule_says_its_basis():
    assert not [r.id for r in RULES.values() if r.id in BASE and not r.basis]


def test_the_page_of_rules_is_whole():
    """docs/规则.md tells all of the checklist (12 S, 14 M, 22 A, 28 X with X16b, 15 P, 24 W with W04b, 10 F) and every rule of base.yaml."""
    page = (ROOT / "docs/规则.md").read_text(encoding="utf-8")
    told = set()
    for line in page.splitlines():
        if re.match(r"\| [SMAXPWF]\d\d", line):
            head = line.split("|")[1]
            told |= set(re.findall(r"[SMAXPWF]\d\db?", head))
            for letter, first, last in re.findall(r"([SMAXPWF])(\d\d) 至 [SMAXPWF](\d\d)", head):
                told |= {f"{letter}{n:02}" for n in range(int(first), int(last) + 1)}
    wanted = {f"{letter}{n:02}" for letter, last in zip("SMAXPWF", (12, 14, 22, 28, 15, 24, 10), strict=True) for n in range(1, last + 1)} | {"X16b", "W04b"}
    assert told == wanted
    assert not [r for r in BASE if f"`{r}`" not in page and f"`{r.split()[0]} …`" not in page]
