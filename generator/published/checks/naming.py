"""Names: of units that are not the unit of the rest, of subjects that are not those of the code list."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from generator.pack.audit_rules import Sure
from generator.published.about import ORGAN, OWN_TITLE, About, same_organ
from generator.published.checks.sums import Sums
from generator.published.facts import is_form
from generator.published.model import Paragraph, ReadTable
from generator.published.rulebook import Rule
from generator.published.vocabulary import Vocabulary
from generator.published.words import plain


def check_organs(tables: Sequence[ReadTable], paragraphs: Sequence[Paragraph], known: About, out: Sums) -> None:
    """A unit named above a table or in a title that is not the unit of the rest; units listed in the tables are its own."""
    if not known.organs:
        return
    own = known.organs[0]
    mine = {own} | {c.text for t in tables if not is_form(t) for r in t.rows for c in r.cells if c.text and 3 < len(c.text) < 30 and ORGAN.match(plain(c.text))}
    lines = Counter(plain(t.organ) for t in tables if t.organ)
    for t in tables:
        if not t.organ:
            continue
        out.compared += 1
        if same_organ(t.organ, own) or any(same_organ(t.organ, m) for m in mine if m not in _cells(t)) or lines[plain(t.organ)] > 2:
            continue
        proved = lines.most_common(1)[0][1] >= 3 and ORGAN.match(plain(t.organ))
        values = {"哪里": f"{t.name}上", "印的": t.organ, "单位": own}
        out.say(Rule.OTHER_UNIT, t.organ_spot or t.spot, values, Sure.PROVED if proved else Sure.UNSURE, quote=t.organ)
    for p in paragraphs:
        found = OWN_TITLE.match(p.text)
        if not found or len(p.text) > 60 or "：" in p.text or not ORGAN.match(found[1]):
            continue
        name = found[1]
        out.compared += 1
        if not any(same_organ(name, m) for m in (*known.organs, *mine)) and not re.search(r"^(?:本|我|各|全|该|关于)", name):
            out.say(Rule.OTHER_UNIT, p.spot, {"哪里": "标题", "印的": name, "单位": own}, quote=p.text[:40])


def _cells(table: ReadTable) -> set[str]:
    return {c.text for r in table.rows for c in r.cells}


def check_subjects(tables: Sequence[ReadTable], words: Vocabulary, out: Sums) -> None:
    """A code's name is that of the code list; an old or mistyped one is named with the right one. A cut-off name passes."""
    seen: set[tuple[str, str]] = set()
    listed = {plain(c.name) for c in (*words.functional.values(), *words.department.values()) if len(c.name) >= 4}
    for t in tables:
        if is_form(t):
            continue
        for r in t.rows:
            if not r.code or not r.label or (r.code, r.label) in seen or plain(r.label) in ("合计", "小计") or ORGAN.match(r.label):
                continue
            codes = words.functional if r.code[0] == "2" else words.department if r.code[0] == "3" else words.government
            known = codes.get(r.code)
            if known is None:
                continue
            out.compared += 1
            seen.add((r.code, r.label))
            label = re.sub(r"\((?:类|款|项)\)", "", plain(r.label))
            names = {plain(n) for n in (known.name, *known.aliases)}
            if any(label == n or (len(label) >= 3 and n.startswith(label)) or re.sub(r"支出$", "", label) == re.sub(r"支出$", "", n) for n in names):
                continue
            if not _similar(label, plain(known.name)) and label not in listed:
                continue
            spot = next((c.spot for c in r.cells if plain(c.text).endswith(label)), r.cells[0].spot)
            out.say(Rule.SUBJECT_NAME, spot, {"科目": r.code, "应为": known.name, "印的": r.label}, Sure.UNSURE, quote=r.label)


def _similar(a: str, b: str) -> bool:
    """More than half of the characters in common: the same subject misspelt, not another table's way of naming rows."""
    common = sum((Counter(a) & Counter(b)).values())
    return common * 2 > max(len(a), len(b))
