"""Change sentences, as cases a budget person can read."""

from decimal import Decimal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator.build.change import Change, change
from generator.model.amount import printed
from generator.run import get_pack
from tests.support import ROOT

CASES = yaml.safe_load((ROOT / "tests/cases/change.yaml").read_text(encoding="utf-8"))
YEARS = {"年度": "2022", "上年度": "2021"}


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["name"])
def test_sentence(case):
    forms = get_pack("pingjiang-2022").file.sentences
    assert change(Decimal(case["now"]), Decimal(case["before"]), "万元", "存量" in case).sentence(forms, YEARS) == case["句子"]


@given(now=st.integers(0, 10**12), before=st.integers(0, 10**12))
def test_what_stands_on_paper_adds_up(now, before):
    """Last year's printed amount and the printed difference give this year's printed amount, always."""
    made = change(Decimal(now) / 100, Decimal(before) / 100, "万元")
    assert made.before + made.difference == printed(Decimal(now) / 100, "万元")
    sentence = made.sentence(get_pack("pingjiang-2022").file.sentences, YEARS)
    assert "{" not in sentence
    if not made.before:
        assert "%" not in sentence, "no percentage on a zero base"
    if made.percent is not None and made.difference < 0:
        assert 0 <= made.percent <= 100


def test_unit_of_the_sentence_is_the_facts_unit():
    made = Change(Decimal("10.00"), Decimal("8.00"), "元")
    assert made.sentence({"增加": "增加{增减}万元"}, {}) == "增加2.00元"
