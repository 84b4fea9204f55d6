"""Runs a pack's rules. The rule says what and where; the engine adds the id, the level and the pack's line.

A rule that cannot run says why and is reported as 未能核对; it never counts as passed. A rule that crashes is our fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from types import ModuleType

import msgspec

from generator.build.select import Selector
from generator.model.problem import Level, PackError, Problem
from generator.pack.pack import Pack, RuleSpec
from generator.pack.strict_yaml import suggestion
from generator.rules import agreement, balance, duplicates, reasons, required_texts
from generator.rules.finding import Finding, NotRun


class Status(StrEnum):
    PASSED = "通过"
    FAILED = "未通过"
    NOT_RUN = "未能核对"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One rule's result; reason says why it did not run."""

    rule: RuleSpec
    status: Status
    problems: tuple[Problem, ...] = ()
    reason: str = ""


KINDS: dict[str, ModuleType] = {
    "balance": balance,
    "agreement": agreement,
    "duplicates": duplicates,
    "reasons": reasons,
    "required_texts": required_texts,
}


def run_rules(selector: Selector) -> list[Outcome]:
    """Every rule of the pack over one master, in the pack's order."""
    return [_run(rule, selector) for rule in selector.pack.file.rules]


def _run(rule: RuleSpec, selector: Selector) -> Outcome:
    kind = KINDS[rule.kind]
    params = msgspec.convert(rule.params, kind.Params, strict=False)
    check: Callable[[object, Selector], Iterator[Finding]] = kind.check
    for dataset in kind.reads(params):
        if place := selector.master.unread.get(dataset):
            return Outcome(rule, Status.NOT_RUN, reason=f"“{place.sheet}”里有读不出来的内容（{place.cell or '整张表'}），改好后再核对")
    try:
        found = tuple(Problem(Level(rule.level), f.place, f.message, f.hint, rule.id) for f in check(params, selector))
    except NotRun as missing:
        return Outcome(rule, Status.NOT_RUN, reason=str(missing))
    return Outcome(rule, Status.FAILED if found else Status.PASSED, found)


def check_rules(pack: Pack) -> None:
    """PackError when a rule's kind, level or settings are wrong; called when a pack is loaded for use."""
    wrong = []
    for rule in pack.file.rules:
        if rule.kind not in KINDS:
            wrong.append(f"{pack.id}.yaml rules·{rule.id} 不认识规则类型“{rule.kind}”；可用：{'、'.join(KINDS)}{suggestion(rule.kind, list(KINDS))}")
            continue
        if rule.level not in list(Level):
            wrong.append(f"{pack.id}.yaml rules·{rule.id} 不认识级别“{rule.level}”；可用：{'、'.join(Level)}")
        try:
            msgspec.convert(rule.params, KINDS[rule.kind].Params, strict=False)
        except msgspec.ValidationError as e:
            wrong.append(f"{pack.id}.yaml rules·{rule.id} {e}")
    if wrong:
        raise PackError(*wrong)
