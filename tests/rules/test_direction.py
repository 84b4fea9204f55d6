"""Reasons that say the opposite of the figure, and all the true ones that only sound like it; as data a budget person can read."""

import msgspec
import pytest
import yaml

from generator.rules import reasons
from generator.rules.direction import turned_round
from generator.run import get_pack
from tests.support import ROOT, SAMPLES, sample, selector_of

CASES = yaml.safe_load((ROOT / "tests/cases/reasons.yaml").read_text(encoding="utf-8"))


def words(pack: str = "pingjiang-2022"):
    (rule,) = [r for r in get_pack(pack).file.rules if r.kind == "reasons"]
    return msgspec.convert(rule.params, reasons.Params, strict=False).words


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['数']}：{c['原因']}")
def test_case(case):
    assert turned_round(words(), case["数"] == "增加", case["原因"]) == case["反"]


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_reasons_are_true(name):
    selector = selector_of(sample(name), name)
    (rule,) = [r for r in selector.pack.file.rules if r.kind == "reasons"]
    assert not [str(f) for f in reasons.check(msgspec.convert(rule.params, reasons.Params, strict=False), selector)]
