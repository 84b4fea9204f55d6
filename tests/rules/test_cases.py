"""Every rule's cases: what it reports, and beside it what it leaves alone. tests/cases/rules holds them, for a budget person to read."""

import msgspec
import pytest
import yaml

from generator.rules.engine import KINDS
from generator.rules.finding import NotRun
from tests.support import ROOT, TEXTS, bound_sheets, minimal

FILES = sorted((ROOT / "tests/cases/rules").glob("*.yaml"))
CASES = [(book["kind"], book.get("params", {}), case) for book in (yaml.safe_load(f.read_text(encoding="utf-8")) for f in FILES) for case in book["cases"]]


def sheets(case: dict) -> dict:
    """The case's lines as master sheets; what it does not mention is empty."""
    income = [["金额单位", "元"], ["单位编码", "收入来源", "本年预算数", "结转下年", "上年预算数"], *([str(u), *rest] for u, *rest in case.get("收入", []))]
    spent = [["金额单位", "元"], ["单位编码", "项目名称", "功能科目编码", "部门经济编码", "资金来源", "本年预算数", "上年预算数"]]
    spent += [[str(unit), "甲项目", "2010302", "30201", source, *amounts] for unit, source, *amounts in case.get("项目支出", [])]
    costs = [["金额单位", "元"], ["单位编码", "项目名称", "支出内容", "本年预算数"], *([str(u), "甲项目", f"内容{n}", a] for n, (u, a) in enumerate(case.get("测算", [])))]
    texts = [["事项", "内容"], *([t, f"{t}的内容"] for t in TEXTS), *([f"原因：{k}", v] for k, v in case.get("原因", {}).items())]
    return minimal(收入=income, 项目支出=spent, 项目测算明细=costs, 文字说明=texts, **{"基本支出—工资福利": [["单位编码", "功能科目编码", "资金来源", "30101 基本工资"]]})


@pytest.mark.parametrize(("kind", "params", "case"), CASES, ids=[f"{k}：{c['名']}" for k, _, c in CASES])
def test_case(kind, params, case):
    selector, problems = bound_sheets(sheets(case))
    assert not problems.errors, list(map(str, problems.errors))
    module = KINDS[kind]
    settings = msgspec.convert(params, module.Params, strict=False)
    if case["报"] == "未能核对":
        with pytest.raises(NotRun):
            list(module.check(settings, selector))
        return
    found = list(module.check(settings, selector))
    assert len(found) == len(case["报"]), [str(f) for f in found]
    for finding, wanted in zip(found, case["报"], strict=True):
        assert str(finding.place).partition("!")[2].startswith(wanted["格"]), finding.place
        assert wanted["说"] in finding.message, finding.message


def test_every_kind_of_rule_has_cases_and_a_manual_page():
    assert {k for k, _, _ in CASES} | {"required_texts"} == set(KINDS)
    for name, module in KINDS.items():
        assert module.__doc__, name
        assert "kind:" in module.__doc__, f"{name}: the docstring shows how the rule is switched on"
        assert module.check.__annotations__, name
