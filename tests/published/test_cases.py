"""Every rule of the audit has a document that breaks it and the same document mended, of which it says nothing (tests/cases/audit.yaml)."""

import pytest
import yaml

from generator.model.problem import Level
from generator.published.rulebook import Rule
from tests.published.helpers import found
from tests.support import ROOT

BOOK = yaml.safe_load((ROOT / "tests" / "cases" / "audit.yaml").read_text(encoding="utf-8"))
ELSEWHERE = {  # needs more than one text file
    Rule.SAME_IN_BOTH_FILES: "test_recognised",
    Rule.TABLE_OF_SET: "test_recognised",
    Rule.HEADINGS: "test_recognised",
    Rule.UNIT: "test_recognised",
    Rule.OVERALL_FORM: "test_recognised",
    Rule.FORM_ADDS_UP: "test_recognised",
    Rule.REQUIRED_TEXT: "test_recognised",
}


@pytest.mark.parametrize("case", BOOK["例"], ids=[f"{c['规则']}-{n}" for n, c in enumerate(BOOK["例"])])
def test_a_document_that_breaks_the_rule_and_one_that_does_not(tmp_path, case):
    right = case.get("文", BOOK["底本"]).replace("⏎", "\n")
    wrong = right
    for old, new in case["错"].items():
        assert old.replace("⏎", "\n") in wrong, old
        wrong = wrong.replace(old.replace("⏎", "\n"), new.replace("⏎", "\n"), 1)
    wrong = "\n".join(line for line in wrong.splitlines() if line.strip())
    assert case["规则"] not in [f.rule for f in found(tmp_path, right).findings]
    findings = found(tmp_path, wrong).findings
    mine = [f for f in findings if f.rule == case["规则"]]
    assert mine, [str(f) for f in findings]
    assert any(f.level is Level(case["级"]) and case["说"] in f.message for f in mine), [str(f) for f in mine]


def test_every_rule_has_a_case():
    for rule, module in ELSEWHERE.items():
        assert f'"{rule}"' in (ROOT / "tests" / "published" / f"{module}.py").read_text(encoding="utf-8"), f"{module} has no test of {rule}"
    assert {c["规则"] for c in BOOK["例"]} | {str(r) for r in ELSEWHERE} == {str(r) for r in Rule}
