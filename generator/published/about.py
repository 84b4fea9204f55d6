"""What the documents are of: the unit and the budget year, by the majority of titles, headings and lines above tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from generator.published.model import Document, Grid, ReadTable
from generator.published.sections import is_heading
from generator.published.words import looks_like_title, plain

TITLE_YEAR = re.compile(r"(20\d\d)\s*年(?:度|初)?\s*(?:部门|单位|本级|财政)?\s*(?:综合)?(?:预算|收支预算|收入|支出|“?三公)")
ORGAN = re.compile(
    r"^(.{2,30}?(?:局|委员会|委|办公室|办|中心|厅|院|校|学校|所|站|队|处|社|馆|会|部|镇|乡|街道|园|政府|公司|法院|检察院|银行|总队|支队|大队|幼儿园|中学|小学|医院))(?:（本级）|\(本级\)|本级|机关|（汇总）|\(汇总\)|及(?:所属|下属|二级)\S{0,8})?$"
)
_YEAR = re.compile(r"(?<!\d)(20\d\d)\s*年")
_COMPARED = re.compile(r"[比较与同和]\s*$")
OWN_TITLE = re.compile(r"^(?:第[一二三四五六七八九十]+部分\s*)?[^，。；：]{0,6}?([^\s，。；：、（）()]{3,30}?)\s*(?:本级|汇总|（本级）)?\s*20\d\d\s*年(?:度)?\s*(?:部门|单位)?\s*(?:综合)?预算")


@dataclass(frozen=True, slots=True)
class About:
    """What the documents are of. year: 0 when they do not say. organs: names under which the unit itself appears."""

    year: int
    organs: tuple[str, ...]


def about(documents: Sequence[Document], tables: Sequence[ReadTable]) -> About:
    """Year and unit by the majority of titles, headings and lines above tables."""
    years: Counter[int] = Counter()
    organs: Counter[str] = Counter()
    for document in documents:
        for n, p in enumerate(document.paragraphs):
            for found in TITLE_YEAR.finditer(p.text):
                if not _COMPARED.search(p.text[: found.start()]):
                    years[int(found[1])] += 4 if n < 6 and len(p.text) < 60 else 3 if is_heading(p.text) else 1
            if not TITLE_YEAR.search(p.text) and (looks_like_title(p.text) or (n < 3 and len(p.text) < 60 and re.search(r"预算|三公", p.text))):
                years.update({int(y): 3 for y in _YEAR.findall(p.text)})
            if n < 12 and len(p.text) < 60:
                own = OWN_TITLE.match(p.text)
                if own and ORGAN.match(own[1]):
                    organs[own[1]] += 3
                elif n < 3 and ORGAN.match(re.sub(r"\s", "", p.text)):
                    organs[re.sub(r"\s", "", p.text)] += 3
        for block in document.blocks:
            if isinstance(block, Grid) and block.rows:
                titles = [c.text for c in block.rows[0][:3] if looks_like_title(c.text) or TITLE_YEAR.search(c.text)]  # 2020年完成数 is a heading, and not this year
                years.update(int(y) for text in titles for y in _YEAR.findall(text[:60]))
    for t in tables:
        if t.organ:
            organs[t.organ] += 2
    names = [o for o, n in organs.most_common() if n >= 2]
    return About(max(years, key=lambda y: (years[y], y), default=0), tuple(names))


def same_organ(a: str, b: str) -> bool:
    """One may be the other's short name: its characters stand in the other in order, its last two at the end.

    >>> same_organ("政务中心", "荷风区政务服务中心"), same_organ("荷风区政务服务中心", "荷风区行政审批局"), same_organ("某县财政局本级", "某县财政局")
    (True, False, True)
    """
    a, b = (re.sub(r"\(?(?:本级|机关|汇总)\)?$|及(?:所属|下属|二级).*$", "", plain(x)) for x in (a, b))
    short, long = sorted((a, b), key=len)
    rest = iter(long)
    return short == long or (len(short) >= 2 and all(c in rest for c in short) and (long.endswith(short[-1:]) or long.startswith(short)))
