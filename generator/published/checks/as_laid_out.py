"""The set against its pack: every table of the list is there, headed and in the unit as the pack prints it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from generator.pack.audit_rules import Sure
from generator.pack.pack import TableSpec
from generator.published.checks.sums import Sums
from generator.published.model import Document, ReadTable, Spot
from generator.published.recognised import UNKNOWN, Recognised, bare, headings, printed_headings, same_heading
from generator.published.rulebook import Rule
from generator.published.words import UNIT_YUAN, plain, split_number, unit_in

FORM = "申报表"
HALF = 0.5
LINE = 60  # a title is not longer
MOST = 4  # headings named in one message


def check_layout(seen: Recognised, documents: Sequence[Document], tables: Sequence[ReadTable], out: Sums) -> None:
    """Findings against the pack's list. tables: all that were read; with less than half of the list nothing is called missing."""
    _missing(seen, documents, tables, out)
    loose = {d.file for d in documents if d.kind == "txt"}  # cells by tabs: no heading is certain
    if not seen.own_year:
        out.skipped.append(f"套表“{seen.pack.id}”不是这一年的，表头和金额单位没有与它的表样核对；表样没有变的，用 --pack {seen.pack.id} 指定")
        return
    for spec in seen.pack.tables:
        for copies in _by_file(seen.tables.get(spec.number, ())):
            if spec.kind != FORM and copies[0].spot.file not in loose:
                _headings(spec, copies, out)
            _unit(spec, copies[0], out)


def _missing(seen: Recognised, documents: Sequence[Document], tables: Sequence[ReadTable], out: Sums) -> None:
    wanted = [s for s in seen.pack.tables if s.kind != FORM]
    forms = [s for s in seen.pack.tables if s.kind == FORM]
    if any(seen.tables.get(s.number) for s in forms):
        wanted += forms
    elif forms:
        out.skipped.append(f"没有读到套表里的申报表（{'、'.join(s.number for s in forms)}），多半另成一册，没有当作缺表")
    missing = [s for s in wanted if not seen.tables.get(s.number)]
    if not tables or len(missing) > HALF * len(wanted):
        out.skipped.append(f"按套表“{seen.pack.id}”应有 {len(wanted)} 张表，只读到 {len(wanted) - len(missing)} 张，没有逐张说缺哪一张")
        return
    out.compared += len(wanted)
    unread = _only_titles(seen, documents, missing)
    for spec in missing:
        name = f"{spec.number} {spec.title}"
        if spec.number in unread:
            out.skipped.append(f"{name}有标题，表没有读到，没有当作缺表")
        else:
            out.say(Rule.TABLE_OF_SET, Spot(tables[0].spot.file), {"表": name, "套表": seen.pack.file.name or seen.pack.id}, Sure.UNSURE)


def _only_titles(seen: Recognised, documents: Sequence[Document], missing: Sequence[TableSpec]) -> set[str]:
    """The numbers of those whose title stands in the text as often as the titles of tables that were read: we could not read them.

    Once more than in the contents, that is; where the tables are sheets of a workbook the text says nothing of it.
    """
    found = [s for s in seen.pack.tables if seen.tables.get(s.number)]
    if 2 * sum(seen.tables[s.number][0].spot.workbook for s in found) > len(found):
        return set()
    lines = Counter(bare(split_number(p.text)[1]) for d in documents for p in d.paragraphs if len(p.text) < LINE)
    usual = Counter(lines[bare(s.title)] for s in found).most_common(1)[0][0] if found else 0
    return {s.number for s in missing if lines[bare(s.title)] >= max(usual, 1)}


def _by_file(tables: Sequence[ReadTable]) -> list[list[ReadTable]]:
    """One list a file: a wide table stands in a Word document in several pieces."""
    files = dict.fromkeys(t.spot.file for t in tables)
    return [[t for t in tables if t.spot.file == file] for file in files]


def _headings(spec: TableSpec, copies: Sequence[ReadTable], out: Sums) -> None:
    due = [h for h in headings(spec) if h]
    printed = [p for t in copies for p in printed_headings(t)]
    if not due or not printed:
        return
    out.compared += len(due)
    lacking = [h for h in due if not any(same_heading(h, p) for way in printed for p in way)]
    more = [way[0] for way in printed if not any(same_heading(h, p) for h in due for p in way)]
    if len(lacking) > HALF * len(due):
        out.skipped.append(f"{copies[0].name}的表头与表样多数不同，可能是另一种表，也可能没有读对，表头没有核对")
    elif lacking or more:
        said = [f"{word}{_listed(found)}" for word, found in (("没有", [_shown(h) for h in lacking]), ("多了", ["/".join(p) for p in more])) if found]
        out.say(Rule.HEADINGS, copies[0].spot, {"表": copies[0].name, "不同": "；".join(said)}, Sure.UNSURE)


def _shown(heading: tuple[str, ...]) -> str:
    return "/".join(heading).replace(UNKNOWN, "…")


def _listed(names: Sequence[str]) -> str:
    some = list(dict.fromkeys(names))
    return "、".join(f"“{name}”" for name in some[:MOST]) + (f"等 {len(some)} 栏" if len(some) > MOST else "")


def _unit(spec: TableSpec, table: ReadTable, out: Sums) -> None:
    if not table.unit_printed or spec.unit not in UNIT_YUAN or "人员" in plain(table.title) or any(unit_in(p) for c in table.columns for p in c.path):
        return  # where a heading names a unit of its own, that above the table is not known
    out.compared += 1
    if table.unit != spec.unit:
        out.say(Rule.UNIT, table.spot, {"表": table.name, "应为": spec.unit, "印的": table.unit}, Sure.UNSURE)
