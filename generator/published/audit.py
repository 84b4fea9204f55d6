"""The audit of one unit's finished documents: read, understood, checked; what was found, what was not checked and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generator.model.problem import DataError, Level
from generator.pack.audit_rules import Sure
from generator.pack.pack import Pack
from generator.published.about import About, about, same_organ
from generator.published.checks.across import check_across
from generator.published.checks.as_laid_out import check_layout
from generator.published.checks.between import check_between, check_copies
from generator.published.checks.complete import check_empty, check_required
from generator.published.checks.down import check_down
from generator.published.checks.forms import check_forms
from generator.published.checks.naming import check_organs, check_subjects
from generator.published.checks.numbering import check_numbers
from generator.published.checks.privacy import check_private
from generator.published.checks.procurement import check_procurement
from generator.published.checks.projects import check_projects
from generator.published.checks.statement import check_statement
from generator.published.checks.sums import Sums
from generator.published.checks.text import check_text
from generator.published.checks.wording import check_residue, check_years
from generator.published.extract import read_published
from generator.published.facts import is_contents, is_form
from generator.published.index import Index
from generator.published.model import Document, Finding, Paragraph, ReadTable, Spot
from generator.published.recognised import Recognised, fitting, recognised, statutory_tables
from generator.published.rulebook import Rule, Rulebook
from generator.published.tables import read_tables
from generator.published.vocabulary import Vocabulary
from generator.published.words import plain

ORDER = {Level.ERROR: 0, Level.WARNING: 1, Level.HINT: 2}
SUMS = (Rule.ADDS_UP, Rule.ROW_LOST, Rule.LEVELS, Rule.STATEMENT_ITEMS)
MANY = 6  # findings of one kind in one table: more than that is our reading of it rather than the publisher's arithmetic
_ROUNDING_NOTE = re.compile(r"四舍五入|尾差|尾数|小数点|取整|进位")


@dataclass(slots=True)
class Check:
    """One kind of check for the form: state 通过, 有问题, 未检查; compared: how many comparisons; reason: why it was not done."""

    name: str
    what: str
    compared: int = 0
    found: int = 0
    reason: str = ""

    @property
    def state(self) -> str:
        return "有问题" if self.found else "通过" if self.compared else "未检查"


@dataclass(slots=True)
class Audit:
    """seen: the pack the tables are of, if any; findings in order of weight; unchecked: what could not be read or held against anything, in words."""

    documents: list[Document]
    tables: list[ReadTable]
    about: About
    rules: Rulebook
    seen: Recognised | None = None
    findings: list[Finding] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    compared: int = 0

    def count(self, level: Level) -> int:
        return sum(f.level is level for f in self.findings)


def audit(paths: Sequence[Path], pack: Pack | None = None) -> Audit:
    """All files of one unit together. DataError when none can be read; one that cannot be is listed as not checked."""
    documents, failed = _read(paths)
    result = audit_documents(documents, pack)
    result.unchecked[:0] = failed
    return result


def audit_units(paths: Sequence[Path], pack: Pack | None = None) -> list[Audit]:
    """The same for the files of several units: one audit a unit and year, by the names above their tables and in their titles.

    A file that names no unit goes with the only unit there is, else by itself.
    """
    documents, failed = _read(paths)
    groups: list[tuple[About, list[Document]]] = []
    for document in documents:
        own = about([document], read_tables(document))
        home = next((g for k, g in groups if not own.organs or not k.organs or (same_organ(own.organs[0], k.organs[0]) and own.year in (k.year, 0))), None)
        if home is not None and (own.organs or len({k.organs[:1] for k, _ in groups}) == 1):
            home.append(document)
        else:
            groups.append((own, [document]))
    results = [audit_documents(group, pack) for _, group in groups]
    results[0].unchecked[:0] = failed
    return results


def _read(paths: Sequence[Path]) -> tuple[list[Document], list[str]]:
    documents: list[Document] = []
    failed: list[DataError] = []
    for path in paths:
        try:
            documents.append(read_published(path))
            documents[-1].path = path
        except DataError as e:
            failed.append(e)
    if not documents:
        raise DataError(*(p for e in failed for p in e.problems))
    return documents, [f"{p.place}：{p.message}" for e in failed for p in e.problems]


def audit_documents(documents: list[Document], pack: Pack | None = None) -> Audit:
    """The same for documents already read."""
    tables = [t for d in documents for t in read_tables(d)]
    known = about(documents, tables)
    seen = recognised(pack, tables) if pack is not None else fitting(tables, known.year)
    if seen is not None and seen.own_year:
        pack = seen.pack  # with its code lists and its rules
    rules = Rulebook(pack)
    words = Vocabulary(known.year, pack)
    index = Index(tables, words, seen, any(d.lost for d in documents))
    result = Audit(documents, tables, known, rules, seen)
    paragraphs = [p for d in documents for p in d.paragraphs]
    noted = any(_ROUNDING_NOTE.search(t) for t in (*(p.text for p in paragraphs), *(n for t in tables for n in t.notes)))

    def run(group: str, check: Callable[[Sums], object]) -> None:
        own = rules.groups[group]
        out = Sums(rules)
        check(out)
        reason = "这套表不查这一项" if rules.quiet(group) else "" if out.compared or out.findings else own.unless
        result.checks.append(Check(group, own.what, 0 if rules.quiet(group) else out.compared, len(out.findings), reason))
        result.unchecked += dict.fromkeys(out.skipped)
        result.compared += out.compared
        if out.tails and own.tail and not noted:
            out.say(Rule(own.tail), out.tails[0], {"处数": str(len(out.tails))}, Sure.ROUNDING)
        result.findings += out.findings

    money = [t for t in tables if not is_form(t) and not is_contents(t)]
    run("表内加总", _each(_inside, [(t, words) for t in money]))
    run("表间相等", lambda out: _between(index, {f.spot for f in result.findings}, out))
    run("文字与表、增减、占比", lambda out: _texts(documents, index, known.year, result, out))
    run("年份", lambda out: check_years(paragraphs, known.year, out))
    run("单位名称", lambda out: check_organs(tables, paragraphs, known, out))
    run("科目名称", lambda out: check_subjects(tables, words, out))
    run("空表", lambda out: check_empty(tables, paragraphs, seen, out))
    run("模板残留", lambda out: _residue(paragraphs, words, out))
    run("政府采购", _each(check_procurement, [(t,) for t in money]))
    run("绩效表", lambda out: _forms(tables, index, out))
    run("应公开的内容", lambda out: check_required(documents, tables, words, statutory_tables(pack), out))
    run("栏次", lambda out: check_numbers(tables, out))
    run("整套表", lambda out: check_layout(seen, documents, tables, out) if seen is not None else None)
    run("个人信息", lambda out: _private(documents, tables, out))
    result.unchecked += [f"规则“{name}”按套表的设定不报" for name, rule in rules.rules.items() if rule.quiet]
    result.unchecked += [note for d in documents for note in d.unread]
    result.unchecked += [f"{t.faults[0].spot}等 {len(t.faults)} 格不是数（{t.faults[0].text[:20]}），没有核对" for t in money if t.faults]
    result.unchecked += [
        f"{t.name}（{t.spot}）的表名或栏名没有全认出来，没有与别的表核对"
        for t in money
        if t.figure_columns and not t.empty and id(t) not in index.understood and "采购" not in t.title and not words.line_of(t.title)
    ]
    if not tables:
        result.unchecked.append("没有读到任何表；扫描件、图片里的表读不了")
    result.findings = _weighed(result.findings)
    return result


def _each(check: Callable[..., None], arguments: Sequence[tuple[object, ...]]) -> Callable[[Sums], None]:
    """One check over several tables or sets."""

    def over(out: Sums) -> None:
        for own in arguments:
            check(*own, out)

    return over


def _between(index: Index, suspects: set[Spot], out: Sums) -> None:
    for facts in index.sets:
        check_between(facts, suspects, out)
    check_copies(index.tables, out)


def _inside(table: ReadTable, words: Vocabulary, out: Sums) -> None:
    own = Sums(out.rules)
    check_across(table, words, own)
    if table.lists:
        check_statement(table, own)
    else:
        check_down(table, words, own)
    wrong = [f for f in own.findings if f.rule in SUMS]
    if len(wrong) > max(MANY, 0.3 * own.compared):
        out.skipped.append(f"{table.name}有 {len(wrong)} 处加总对不上，多半是栏的位置没有读对，请人工核对（例：{wrong[0].message}）")
        own.findings = [f for f in own.findings if f.rule not in SUMS]
        own.say(Rule.TABLE_UNREAD, table.spot, {"表": table.name, "处数": str(len(wrong)), "例": wrong[0].message}, Sure.UNSURE)
    out.findings += own.findings
    out.tails += own.tails
    out.skipped += own.skipped
    out.compared += own.compared


def _texts(documents: Sequence[Document], index: Index, year: int, result: Audit, out: Sums) -> None:
    for document in documents:
        paragraphs = list(document.paragraphs)
        if not any("万元" in p.text or "元" in p.text for p in paragraphs):
            continue
        report = check_text(paragraphs, index, year, out)
        if report.unchecked:
            some = "、".join(dict.fromkeys(f"{p.spot.part or '正文'}“{plain(s.phrase)[-14:]}{s.text}”" for p, s in report.unchecked[:8]))
            result.unchecked.append(f"{document.file} 文字里有 {len(report.unchecked)} 个金额没有表可以对照：{some}{'等' if len(report.unchecked) > 8 else ''}")


def _forms(tables: Sequence[ReadTable], index: Index, out: Sums) -> None:
    check_forms(tables, index, out)
    check_projects(tables, out)


def _residue(paragraphs: Sequence[Paragraph], words: Vocabulary, out: Sums) -> None:
    out.compared += len(paragraphs)
    check_residue(paragraphs, words, out)


def _private(documents: Sequence[Document], tables: Sequence[ReadTable], out: Sums) -> None:
    out.compared += sum(len(d.blocks) for d in documents)
    check_private(documents, tables, out)


def _weighed(findings: Sequence[Finding]) -> list[Finding]:
    """Heaviest first, then in reading order; the same words at one place once."""
    seen: set[tuple[object, ...]] = set()
    kept: list[Finding] = []
    for f in findings:
        key = (f.spot.file, f.spot.part, f.spot.row, f.spot.column, f.spot.paragraph, f.message)
        if key not in seen:
            seen.add(key)
            kept.append(f)
    order = {id(f): n for n, f in enumerate(kept)}
    return sorted(kept, key=lambda f: (ORDER[f.level], order[id(f)]))
