"""Words of the text: what a template left behind, words of final accounts, years that are not the budget's."""

from __future__ import annotations

import re
from collections.abc import Sequence

from generator.pack.audit_rules import Sure
from generator.published.about import TITLE_YEAR
from generator.published.checks.sums import Sums
from generator.published.model import Paragraph
from generator.published.rulebook import Rule
from generator.published.sections import is_heading
from generator.published.vocabulary import Vocabulary
from generator.published.words import looks_like_title, plain

_ANY_YEAR = re.compile(r"(?<!\d)(20\d\d)\s*年")
_FREE = re.compile(r"《[^》]*》|〔\d{4}〕[^，。；]*?号|[（(\[]\d{4}[)）\]]\s*\d*\s*号|20\d\d\s*年?\s*[-—–至到~～]\s*20\d\d\s*年")
_NUMBERING = re.compile(r"[\s\d.、（）()一二三四五六七八九十]*$")  # nothing before it in its sentence but （一） or 1.
_PAST = re.compile(
    r"截[至止]|成立|起施行|施行|印发|批准|设立|改革|合同|规划|期间|以来|建成|启动|开工|竣工|修订|发布|文件|精神|通知|办法|条例|规定|依据|根据|按照|结转|底|末|月|比|较|上年|与|同比|决算|执行|完成|划转|合并|更名|原|曾|荣获|获得|历年|投入使用|入库|申报|立项|招标"
)


def check_residue(paragraphs: Sequence[Paragraph], words: Vocabulary, out: Sums) -> None:
    """增（减）, 主要原因是。, XX, {…}: what a template left; words of final accounts in a budget."""
    forms = [re.compile(f) for f in words.words.residue_forms]
    for p in paragraphs:
        flat = re.sub(r"[ \t\u3000]", "", p.text)
        for word in words.words.residue:
            if plain(word) in plain(p.text):
                out.say(Rule.TEMPLATE_LEFT, p.spot, {"词": word}, quote=_around(flat, word))
                break
        else:
            for form in forms:
                found = form.search(p.text)
                if found and not re.search(r"[A-Za-z]{3,}", found[0]):
                    out.say(Rule.UNFINISHED, p.spot, {"词": found[0].strip()}, quote=_around(p.text, found[0]))
                    break
        for word in words.words.final_words:
            if word in flat and "预算" in flat:
                out.say(Rule.FINAL_ACCOUNTS, p.spot, {"词": word}, Sure.UNSURE, quote=_around(flat, word))


def _around(text: str, word: str) -> str:
    at = max(text.find(word.strip()), 0)
    return text[max(0, at - 16) : at + len(word) + 16].strip()


def check_years(paragraphs: Sequence[Paragraph], year: int, out: Sums) -> None:
    """A budget year that is neither this nor the last; a heading of another year; a statement about the wrong year."""
    if not year:
        out.skipped.append("没有认出预算年度，年份没有核对")
        return
    for p in paragraphs:
        text = _FREE.sub("◇", p.text)
        heading = is_heading(p.text) or looks_like_title(p.text)
        for clause in re.split(r"[。；;]", text):
            found = [int(y) for y in _ANY_YEAR.findall(clause)]
            if not found:
                continue
            out.compared += 1
            for y in dict.fromkeys(found):
                sure = _wrong_year(y, year, clause, heading)
                if sure is not None:
                    out.say(Rule.YEAR, p.spot, {"年度": str(year), "印的": str(y)}, sure, quote=_around(clause, str(y)))


def _wrong_year(y: int, year: int, clause: str, heading: bool) -> Sure | None:
    """How surely a year in a clause stands where that of the budget should; None when it may well be meant."""
    before = re.split(rf"{y}\s*年", clause)[0]
    titled = any(int(m[1]) == y for m in TITLE_YEAR.finditer(clause))
    this_year_too = str(year) in _ANY_YEAR.findall(clause)
    alone = bool(_NUMBERING.match(before))
    if y == year:
        return None
    if y == year - 1:
        if heading:
            return Sure.PROVED if titled and not this_year_too else None
        said = (alone or re.match(r"本(?:单位|部门)|我", before)) and re.search(r"预算|没有|未安排|无|安排|计划", clause)
        return Sure.UNSURE if said and not this_year_too and not _PAST.search(clause) else None
    if titled and not re.search(r"[比较与同]\s*$|上年", before[-3:]):
        return Sure.PROVED
    if y > year:
        return Sure.PROVED if re.search(r"预算|年度(?:本|无)|部门", clause) and not re.search(r"规划|远景|到|前|至|底", clause) else None
    if alone and re.search(rf"[比较与同]\s*{year - 1}\s*年", clause):  # 2020年……比2021年减少
        return Sure.PROVED
    return Sure.UNSURE if not _PAST.search(clause) and re.search(r"预算|安排|没有|计划", clause) else None
