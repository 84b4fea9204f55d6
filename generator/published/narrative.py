"""The text of a disclosure taken apart: every amount and percentage with what it is about, and the changes they tell.

A sentence is read from left to right. An amount after 增加, 减少 … is a change, one after 上年, 2022年为 … is last year's, every
other is this year's; a change belongs to the nearest amount before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from generator.published.model import Figure, Paragraph
from generator.published.words import UNIT_YUAN, plain

UP = ("增加", "增长", "上升", "提高", "上涨", "增多", "增")
DOWN = ("减少", "下降", "降低", "压减", "缩减", "节约", "减")
_WAYS = "|".join((*UP, *DOWN))
_TOKEN = re.compile(
    r"(?P<number>[-－−]?\d[\d,，]*(?:\.\s?\d+)?|[-－−]?\.\d+)\s*(?P<unit>亿元|万元|千元|万(?!人|户|辆|平|个|亩|吨|里|次|字|名|元|件|家|册|头|只|株|公|立|千)|元(?!/|旦|素|月|年)|[%％]|个百分点)"
)
_CHANGE = re.compile(rf"(?P<way>{_WAYS})(?:幅度?|了|额|数|金额|约|支出|收入|预算|经费|安排|比例|率|资金|\s)*[:：为]?\s*(?:约)?\s*$")
_BEFORE = re.compile(r"上年|去年|上一年|前一年|上年度|[比较]年初预算|[比较]年初数|上年同期|调整前")
_COMPARE = re.compile(r"比|较|与|同比")
_FLAT = re.compile(r"持平|一致|没有变化|无变化|无增减|相同|不变")
_BOUNDARY = re.compile(r"[，,；;。：:、！!？?]|(?<![境护室役费类款项])[）)]|[（(](?!境|护|室|役|类|款|项|费)")
_INNER = re.compile(r"[（(]([^（）()，,。；;：:\d]{1,20}|\d{3,7})[）)]")
SENTENCE = re.compile(r"[^。；;！？\n]*[。；;！？\n]?")


@dataclass(frozen=True, slots=True)
class Said:
    """An amount or percentage in the text. phrase: the words before it back to the last comma; at: its place in the paragraph."""

    figure: Figure
    text: str
    unit: str
    phrase: str
    clause: str
    start: int
    end: int

    @property
    def percent(self) -> Decimal:
        return self.figure.value


@dataclass(slots=True)
class Group:
    """What is told of one quantity: this year's amount, last year's, the change with its word, the percentage with its word."""

    paragraph: Paragraph
    sentence: str
    value: Said | None = None
    last: Said | None = None
    delta: Said | None = None
    way: str = ""
    percent: Said | None = None
    percent_way: str = ""
    share: Said | None = None
    flat: bool = False
    name: str = ""
    year: int = 0
    base_year: int = 0
    others: list[Said] = field(default_factory=list)
    opens: bool = False
    """the sentence goes on to list parts: 其中, 包括"""
    whole: Said | None = None
    """the amount this one is a part of, by that"""
    titled: bool = False
    """the name is that of the section, because the sentence gives none"""


def up(way: str) -> bool | None:
    return True if way in UP else False if way in DOWN else None


def _amount(match: re.Match[str], text: str, from_: int) -> Said | None:
    number = re.sub(r"[,，\s]", "", match["number"]).replace("－", "-").replace("−", "-")
    if match["number"][:1] in "-－−" and match.start() and re.match(r"[\d年月A-Za-z]", text[match.start() - 1]):
        number = number[1:]
    try:
        value = Decimal(number)
    except ArithmeticError:
        return None
    unit = match["unit"].replace("％", "%")
    scale = UNIT_YUAN.get(unit, Decimal(1))
    places = len(number.partition(".")[2])
    before = _INNER.sub(lambda m: f"\x01{m[1]}\x02", text[from_ : match.start()])  # 使用费（OA系统）: a name may hold brackets
    cut = 0
    for boundary in _BOUNDARY.finditer(before):
        cut = boundary.end()
    phrase, clause = (t.replace("\x01", "（").replace("\x02", "）") for t in (before[cut:], before))
    return Said(Figure(value, value * scale, scale.scaleb(-places)), match[0].strip(), unit, phrase, clause, match.start(), match.end())


def groups(paragraph: Paragraph, year: int = 0) -> Iterator[Group]:
    """What a paragraph tells, sentence by sentence. year: of the budget; a figure said to be of the year before is last year's."""
    for found in SENTENCE.finditer(paragraph.text):
        if found[0].strip():
            yield from _sentence(paragraph, found[0], found.start(), year)


def _sentence(paragraph: Paragraph, sentence: str, offset: int, year: int) -> Iterator[Group]:
    current = Group(paragraph, sentence)
    at = 0
    done: list[Group] = []

    def close(group: Group) -> None:
        if group.value or group.delta or group.percent or group.last:
            done.append(group)

    for match in _TOKEN.finditer(sentence):
        said = _amount(match, sentence, at)
        if said is None:
            continue
        between = sentence[at : match.start()]
        at = match.end()
        said = Said(said.figure, said.text, said.unit, said.phrase, between, said.start + offset, said.end + offset)
        change = _CHANGE.search(between)
        if _FLAT.search(between) and (current.value or current.last) and not current.delta:
            current.flat = True
        if said.unit == "个百分点":
            continue
        if said.unit == "%":
            if change:
                if current.percent is not None:
                    close(current)
                    current = Group(paragraph, sentence)
                current.percent, current.percent_way = said, change["way"]
            elif re.search(r"占[^，,。；]{0,30}$|比重[为是]?\s*$|比例[为是]?\s*$", between) and "%" in said.unit:
                current.share = said
            continue
        if change:
            subject = _subject(said.phrase[: change.start() - len(between) + len(said.phrase)] if len(said.phrase) > len(between) - change.start() else "")
            if current.delta is not None or current.percent is not None or (subject and current.value is not None):
                close(current)
                current = Group(paragraph, sentence, name=subject, others=[])
            current.name = current.name or subject
            current.delta, current.way = said, change["way"]
            base = re.search(r"(?:比|较|与)\s*(20\d\d)\s*年", between)
            current.base_year = int(base[1]) if base else current.base_year
            continue
        if _is_last(between, said.phrase, year):
            if current.last is not None or current.delta is not None:
                close(current)
                current = Group(paragraph, sentence)
            current.last = said
            base = re.search(r"(?:比|较|与)\s*(20\d\d)\s*年", between)
            current.base_year = int(base[1]) if base else current.base_year
            continue
        if current.value is not None or current.delta is not None or current.percent is not None or (current.last is not None and not _COMPARE.search(current.last.clause)):
            close(current)
            earlier = [g.value for g in done if g.value is not None]
            current = Group(paragraph, sentence, others=earlier)
        current.value = said
        current.whole = next((g.value for g in reversed(done) if g.value and g.opens), None)
        own = _subject(said.phrase) or _subject(_wider(between))
        current.titled = not own
        current.name = own or ("" if done or len(between.strip()) < 4 else _subject(re.sub(r"^\s*[（(]?[一二三四五六七八九十\d]{1,3}[)）、.．]\s*", "", paragraph.spot.part)))
        said_year = re.search(r"(20\d\d)\s*年", said.phrase if re.search(r"20\d\d", said.phrase) else between)
        current.year = int(said_year[1]) if said_year else 0
        current.opens = bool(re.match(r"[）)]?[，,：:（(]?\s*(?:其中|包括|分别|分项|主要用于)", sentence[match.end() : match.end() + 8]))
    if _FLAT.search(sentence[at:]) and not current.delta:
        current.flat = True
    close(current)
    yield from done


def _is_last(between: str, phrase: str, year: int) -> bool:
    tail = between[-40:]
    if _BEFORE.search(phrase) and not re.search(r"结转|结余", phrase[(_BEFORE.search(phrase) or re.match("", "")).start() :][:6]):  # type: ignore[union-attr]
        return True
    named = re.findall(r"(20\d\d)\s*年", phrase)
    if year and named and int(named[-1]) == year - 1 and len(phrase) <= 24:
        return True
    return bool(re.search(r"(?:比|较)(?:上年|去年|20\d\d年)[^，,。；]{0,12}$", tail)) and not re.search(_WAYS, tail[-6:])


def _wider(between: str) -> str:
    """The clause before, when the nearest words only lead over: 某某支出：2023年预算安排 5万元."""
    pieces = [p for p in _BOUNDARY.split(between) if p and p.strip() and not re.fullmatch(r"[一二三四五六七八九十\d]{1,3}", p.strip())]
    if between.rstrip().endswith(("，", "：", ":", "、", "（", "(", ",")):
        return pieces[-1] if pieces else ""
    return pieces[-2] if len(pieces) >= 2 else pieces[0] if pieces else ""


_LEADING = re.compile(
    r"^(?:\d+[.、．]|[（(]?[一二三四五六七八九十\d]{1,2}[)）、.]|其中|用|包括|分别[为是]?|即|以及|和|及|与|主要是|主要用于|用于|全年|共计?|合计|计划|预计|拟|按|截至|截止|本年度?|今年|当年|年初|我[局单部][位门]?|本单位|本部门|全部|另|由|年初预算安排|预算安排|安排|其(?!他)|:|：|\s)+"
)
_YEAR = re.compile(r"20\d\d\s*年(?:度|初)?")
_COMPARED = re.compile(r"(?:同比|比|较|与)(?:上一?年|去年|前年|20\d\d年?)?(?:度|同期)?(?:年初)?(?:预算)?(?:收入|支出)?(?:安排|批复)?(?:数|总额)?$")
_TRAILING = re.compile(r"(?:预算数?|安排数?|总额|总量|金额|资金|(?<!本年收入)(?<!本年支出)合计|共计?|约|为|是|(?<!总)计|有|达到?|元|数|由|从|到|[:：（(]|年初|本年|当年|均|即|各|的|拨款数|使用|\s)+$")


def _subject(phrase: str) -> str:
    """The name in the words before an amount, without years, lead words and what says only that an amount follows.

    >>> _subject("2023年一般公共预算支出"), _subject("其中：基本工资"), _subject("2022年会议费预算"), _subject("预算安排")
    ('一般公共预算支出', '基本工资', '会议费', '')
    """
    text = plain(_YEAR.sub("", phrase))
    for _ in range(3):
        text = _COMPARED.sub("", text)
        text = _TRAILING.sub("", _LEADING.sub("", text))
    return text
