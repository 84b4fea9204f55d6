"""Runs a pack's rules. The rule says what and where; the engine adds the id, the level and the pack's line.

A rule that cannot run says why and is reported as 未能核对; it never counts as passed. A rule that crashes is our fault.

A kind is a module: its docstring is its page of the manual, `Params` its settings, `reads` the datasets it rests on, and
`check(params, selector)` what it finds in the master, or `check_tables(params, selector, tables)` what it finds in the built
tables. When a kind has them, `wrong(params, pack)` says what of its settings the pack cannot mean, and
`compared(params, selector)` gives the figures it holds against each other, for the report.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import ModuleType

import msgspec

from generator.build.select import Selector
from generator.model.problem import Level, PackError, Problem
from generator.model.table import Table
from generator.pack.pack import Pack, RuleSpec
from generator.pack.strict_yaml import suggestion
from generator.rules import (
    absence,
    agreement,
    balance,
    budget_year,
    clean_text,
    column_numbers,
    compare,
    copied_texts,
    cost_indicators,
    deadline,
    document_numbers,
    duplicates,
    empty_tables,
    fits,
    indicators,
    instead,
    large_change,
    last_year,
    last_year_book,
    line_figures,
    magnitude,
    other_units,
    periods,
    project_nature,
    quoted_figures,
    reasons,
    required_tables,
    required_texts,
    same_figure_everywhere,
    set_aside,
    similar_names,
    statement_balances,
    table_adds_up,
    text_with_money,
    unfilled,
    wording,
    words_agree,
    years,
)
from generator.rules.finding import Compared, Finding, NotRun


class Status(StrEnum):
    PASSED = "通过"
    FAILED = "未通过"
    NOT_RUN = "未能核对"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One rule's result; reason says why it did not run; compared: the figures it held against each other."""

    rule: RuleSpec
    status: Status
    problems: tuple[Problem, ...] = ()
    reason: str = ""
    compared: tuple[Compared, ...] = ()


KINDS: dict[str, ModuleType] = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        balance,
        agreement,
        compare,
        duplicates,
        fits,
        line_figures,
        words_agree,
        magnitude,
        last_year,
        large_change,
        last_year_book,
        deadline,
        project_nature,
        periods,
        similar_names,
        indicators,
        cost_indicators,
        set_aside,
        reasons,
        copied_texts,
        required_texts,
        text_with_money,
        absence,
        quoted_figures,
        unfilled,
        wording,
        instead,
        document_numbers,
        years,
        budget_year,
        other_units,
        table_adds_up,
        statement_balances,
        same_figure_everywhere,
        empty_tables,
        column_numbers,
        required_tables,
        clean_text,
    )
}


OF_WHAT_IS_SAID = ("reasons", "quoted_figures")


def run_rules(selector: Selector, tables: Sequence[Table] | None = None, said: Selector | None = None) -> list[Outcome]:
    """Every rule of the pack over one master and its built tables, in the pack's order.

    tables: in the order of the pack's; without them the rules over tables are 未能核对. said: the facts as the explanation says
    them, when those are others: what is about the explanation's words is held against them.
    """
    return [_run(rule, params, said if said is not None and rule.kind in OF_WHAT_IS_SAID else selector, tables) for rule, params in _settings(selector.pack)]


@lru_cache(maxsize=4)
def _settings(pack: Pack) -> tuple[tuple[RuleSpec, msgspec.Struct], ...]:
    """The pack's rules with their settings, converted once for all units."""
    return tuple((rule, msgspec.convert(rule.params, KINDS[rule.kind].Params, strict=False)) for rule in pack.file.rules)


def _run(rule: RuleSpec, params: msgspec.Struct, selector: Selector, tables: Sequence[Table] | None) -> Outcome:
    kind = KINDS[rule.kind]
    for dataset in kind.reads(params):
        if place := selector.master.unread.get(dataset):
            return Outcome(rule, Status.NOT_RUN, reason=f"“{place.sheet}”里有读不出来的内容（{place.cell or '整张表'}），改好后再核对")
    try:
        found = tuple(Problem(Level(rule.level), f.place, f.message, f.hint, rule.id) for f in _findings(kind, params, selector, tables))
    except NotRun as missing:
        return Outcome(rule, Status.NOT_RUN, reason=str(missing))
    compared = tuple(kind.compared(params, selector)) if hasattr(kind, "compared") else ()
    return Outcome(rule, Status.FAILED if found else Status.PASSED, found, compared=compared)


def _findings(kind: ModuleType, params: object, selector: Selector, tables: Sequence[Table] | None) -> Iterator[Finding]:
    if not hasattr(kind, "check_tables"):
        yield from kind.check(params, selector)
    elif tables is None:
        raise NotRun("公开表还没有生成")
    else:
        yield from kind.check_tables(params, selector, tables)


def check_rules(pack: Pack) -> None:
    """PackError when a rule's kind, level or settings are wrong; called when a pack is loaded for use."""
    wrong = []
    for rule in pack.file.rules:
        if rule.kind not in KINDS:
            wrong.append(f"{pack.id}.yaml rules·{rule.id} 不认识规则类型“{rule.kind}”；可用：{'、'.join(KINDS)}{suggestion(rule.kind, list(KINDS))}")
            continue
        if rule.level not in list(Level):
            wrong.append(f"{pack.id}.yaml rules·{rule.id} 不认识级别“{rule.level}”；可用：{'、'.join(Level)}")
        kind = KINDS[rule.kind]
        try:
            params = msgspec.convert(rule.params, kind.Params, strict=False)
        except msgspec.ValidationError as e:
            wrong.append(f"{pack.id}.yaml rules·{rule.id} {e}")
            continue
        if hasattr(kind, "wrong"):
            wrong += [f"{pack.id}.yaml rules·{rule.id} {text}" for text in kind.wrong(params, pack)]
    if wrong:
        raise PackError(*wrong)
