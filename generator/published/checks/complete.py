"""Is it all there: the statutory tables and sections, a word under every table without data."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from generator.pack.audit_rules import Sure
from generator.published.checks.sums import Sums
from generator.published.facts import is_contents, is_form
from generator.published.model import Document, Paragraph, ReadTable, Spot
from generator.published.recognised import Recognised, over_all, short
from generator.published.rulebook import Rule
from generator.published.vocabulary import Vocabulary
from generator.published.words import is_number_line, looks_like_title, plain
from generator.rules.empty_tables import says_none
from generator.rules.required_tables import missing_tables

ENOUGH = 4  # statutory tables (sections) found: then it is a set (an explanation), and those not found are missing
LINE = 60  # a line of a contents page is not longer
WORDY = 2500  # characters of an explanation that should have all its sections


def check_empty(tables: Sequence[ReadTable], paragraphs: Sequence[Paragraph], seen: Recognised | None, out: Sums) -> None:
    """A table without figures says so: under it, or in the text by number or by what it is about. A table said to be empty is.

    seen: the set as a pack's, whose own words for an empty table are then what to write.
    """
    text = plain("".join(p.text for p in paragraphs if not is_number_line(p.text) and not looks_like_title(p.text)))  # the table's own title says nothing of it
    claimed = {n for p in paragraphs for n in claimed_empty(p.text)}
    for t in tables:
        if is_form(t) or is_contents(t) or not t.title or not t.figure_columns or "人员" in t.title:
            continue
        number = short(t.number)
        if number and number in claimed and not t.empty:
            out.compared += 1
            filled = next(c for r in t.rows for c in r.cells if c.figure and c.figure.value)
            where = next(p.spot for p in paragraphs if number in claimed_empty(p.text))
            out.say(Rule.EMPTY_LIST, where, {"表号": t.number, "表": t.name, "数": filled.text}, other=filled.spot, quote=t.number)
        if not t.empty:
            continue
        out.compared += 1
        if says_none(over_all(t)) or says_none(c.text for r in t.rows if not r.code for c in r.cells if c.text and c.figure is None):
            continue
        about_it = re.sub(r"(?:预算|财政拨款|拨款|部门)?(?:支出|收入)?(?:预算)?(?:分类)?(?:情况|总体情况|汇总|明细|总)?表.*$", "", plain(t.title))
        said = says_none(t.notes) or (number and (number in claimed or plain(t.number) in text))
        if not said and len(about_it) >= 3:
            said = bool(re.search(rf"(?:无|没有|未安排|不涉及)[^。]{{0,60}}{re.escape(about_it[:8])}|{re.escape(about_it[:8])}[^。]{{0,20}}(?:无|没有|未安排|为空|为0|0\.?0*万元)", text))
        if not said and len(text) < 200:
            out.skipped.append(f"{t.name}没有数据；没有给说明文字，空表的说明没有核对")
        elif not said:
            own = seen.said_when_empty(t) if seen is not None else ""
            out.say(Rule.EMPTY_UNSAID, t.spot, {"表": t.name, "写法": own or "本年没有……，本表为空"}, Sure.UNSURE, quote=t.name)


_EMPTY_SAID = re.compile(r"(?:均?为空|是空表|空表公开|没有数据|无数据)")
_TABLE_NUMBER = re.compile(r"(?<!共)(?<![\d.])(\d+(?:-\d+)*)(?![\d.]|张|个|万|元|年|%)表?[（(]?([A-Z]\d?)?")


def claimed_empty(text: str) -> set[str]:
    """The numbers of the tables that a sentence says are empty.

    >>> sorted(claimed_empty("附表7、12、13均为空。")), sorted(claimed_empty("因此预算03表、预算12表共2张表没有数据")), claimed_empty("附表4-7有数据")
    (['12', '13', '7'], ['03', '12'], set())
    """
    found: set[str] = set()
    for said in _EMPTY_SAID.finditer(text):
        clause = re.split(r"[。；;]", re.sub(r"\s", "", text[: said.start()]))[-1]
        listed = re.search(r"(?:附件|附表|预算\d|公开\d|表格?)[^。；;]*$", clause)
        start = max((m.start() for m in re.finditer(r"[，,：:]", clause)), default=-1) if listed else -1
        if listed:
            part = clause[max(start + 1, 0) :] if re.search(r"附|表", clause[start + 1 :]) else listed[0]
            found |= {"".join(x) for x in _TABLE_NUMBER.findall(re.split(r"因为|所以", part)[-1])}
    return found


def check_required(documents: Sequence[Document], tables: Sequence[ReadTable], words: Vocabulary, statutory: Mapping[str, Sequence[str]], out: Sums) -> None:
    """What every disclosure has: the statutory tables (when a set of tables is there at all) and sections (when text is there).

    statutory: the tables by name with the forms of their titles, as the pack's rule S01 gives them. A table that only the text names
    (a contents page, an annex of its own) is not missed.
    """
    where = Spot(documents[0].file)
    lines = [p.text for d in documents for p in d.paragraphs]
    text = plain("".join(lines))
    missing = missing_tables([t.title for t in tables], statutory)
    if len(statutory) - len(missing) >= ENOUGH:
        out.compared += len(statutory)
        for name in missing_tables([line for line in lines if len(line) <= LINE], {name: statutory[name] for name in missing}):
            out.say(Rule.REQUIRED_TABLE, where, {"表": name}, Sure.UNSURE)
    absent = [need for need in words.words.required if not any(plain(w) in text for w in need.any)]
    if len(text) > WORDY and len(words.words.required) - len(absent) >= ENOUGH:  # an explanation, and not forms or tables alone
        out.compared += len(words.words.required)
        for need in absent:
            out.say(Rule.REQUIRED_TEXT, where, {"事项": need.name}, Sure.UNSURE)
