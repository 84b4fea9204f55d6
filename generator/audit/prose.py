"""The prose of a finished Word document, read back and held against what the template and the model say, character by character.

So no figure, percentage, word of direction, year or unit of measure can stand in the file that the model did not give, and
none can be lost: whatever differs is named with its section and its sentence, and stops the build as our fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from html import unescape

from generator.model.prose import Paragraph

_PIECES = re.compile(r"<w:t(?: [^>]*)?>([^<]*)|(</w:p>)|(<w:br\b[^>]*/>|<w:cr/>)|(<w:tab/>)")
AROUND = 18  # characters shown either side of a difference
LONGEST = 60


def read_paragraphs(xml: str) -> list[str]:
    """The paragraphs of a part as a reader sees them, blank ones left out; tabs and line breaks as ``\\t`` and ``\\v``.

    >>> read_paragraphs('<w:p><w:r><w:t>收入</w:t><w:tab/><w:t xml:space="preserve">1.00&lt;2</w:t></w:r></w:p><w:p></w:p>')
    ['收入\\t1.00<2']
    """
    out: list[str] = []
    for text, end, br, tab in _PIECES.findall(xml):
        out.append("\n" if end else "\v" if br else "\t" if tab else text)
    lines = "".join(out).split("\n")
    return [unescape(line) if "&" in line else line for line in lines if line.strip()]


def prose_differences(found: Sequence[str], wanted: Sequence[Paragraph], part: str = "") -> Iterator[str]:
    """Where the paragraphs of a finished document differ from what it must say: section and sentence, both wordings.

    part: what the part is called in a message (页眉 …); empty for the document itself.
    """
    said = [p.text for p in wanted]
    if said == list(found):
        return
    if len(said) == len(found):  # nothing lost or added: each against its own, however often the same paragraph returns
        changed = [(n, n + 1, n, n + 1) for n in range(len(said)) if said[n] != found[n]]
    else:
        changed = [op[1:] for op in SequenceMatcher(None, said, found, autojunk=False).get_opcodes() if op[0] != "equal"]
    for a, b, c, d in changed:
        for n in range(max(b - a, d - c)):
            is_wanted, is_found = a + n < b, c + n < d
            where = part or _section(wanted, min(a + n, len(wanted) - 1))
            if is_wanted and is_found:
                yield f"{where}{_clause(said[a + n], found[c + n])}"
            elif is_wanted:
                yield f"{where}少了一段“{_short(said[a + n])}”"
            else:
                yield f"{where}多了一段“{_short(found[c + n])}”"


def _section(wanted: Sequence[Paragraph], at: int) -> str:
    """The heading a paragraph stands under."""
    for n in range(at, -1, -1):
        if wanted[n].level:
            return f"“{_short(wanted[n].text)}”一节"
    return "开头"


def _clause(wanted: str, found: str) -> str:
    """Both wordings from a little before the first difference to a little behind it."""
    n = next((i for i, (a, b) in enumerate(zip(wanted, found, strict=False)) if a != b), min(len(wanted), len(found)))
    shown = []
    for text in (wanted, found):
        start, end = max(0, n - AROUND), min(len(text), n + AROUND)
        shown.append(("…" if start else "") + text[start:end] + ("…" if end < len(text) else ""))
    return f"应为“{shown[0]}”，写出来是“{shown[1]}”"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
