"""The text against the tables and against itself: amounts, changes, shares, statements that there is none."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from generator.model.amount import half_up
from generator.pack.audit_rules import Sure
from generator.published.checks.change import HUNDRED, agrees, check_change, percent_between
from generator.published.checks.sums import Sums, money
from generator.published.index import Index, Match
from generator.published.model import Figure, Paragraph
from generator.published.narrative import Group, Said, groups
from generator.published.rulebook import Rule
from generator.published.words import plain

SKIPPED_SECTIONS = re.compile(r"名词解释|名词说明|专业名词|专业性名词")
_SMALL_LIST = 2
_NOT_MINE_UNIT = re.compile(r"以上|以下|单价|价值|标准|每[人次年月天]|/[人次年月天]|元/|限额")


@dataclass(slots=True)
class TextReport:
    """unchecked: amounts that no table and no arithmetic speaks about, for the report."""

    unchecked: list[tuple[Paragraph, Said]] = field(default_factory=list)
    checked: int = 0


def quote(sentence: str, said: Said | None = None, around: int = 24) -> str:
    """The words about a figure, short."""
    text = re.sub(r"\s+", " ", sentence.strip())
    if said is None or len(text) <= 2 * around + 20:
        return text[:80]
    at = text.find(said.text)
    start, end = max(0, at - around), min(len(text), at + len(said.text) + around)
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")


def same(a: Figure, b: Figure) -> bool:
    """Equal at the coarser of the two printings: 20.8 and 20.80, 1297万元 and 1296.69万元."""
    gap = abs(a.yuan - b.yuan)
    return gap == 0 or (a.step != b.step and gap <= max(a.step, b.step) / 2)


def near(a: Figure, b: Figure) -> bool:
    return abs(a.yuan - b.yuan) <= max(a.step, b.step)


def check_text(paragraphs: Sequence[Paragraph], index: Index, year: int, out: Sums) -> TextReport:
    """Findings of all paragraphs of one document (those of tables are not among them)."""
    report = TextReport()
    told: defaultdict[tuple[str, object], list[tuple[Group, Said]]] = defaultdict(list)
    values: defaultdict[tuple[str, object], list[tuple[Group, Said]]] = defaultdict(list)
    section = ""
    open_: object = None  # the amount that the paragraphs after 其中： are parts of
    for paragraph in paragraphs:
        section = paragraph.spot.part or section
        if SKIPPED_SECTIONS.search(section):
            continue
        before: list[Group] = []
        found = list(groups(paragraph, year))
        matches = [_match(g, index) for g in found]
        for group, match in zip(found, matches, strict=True):
            _value(group, match, _support(group, found, matches), _closed(group, found), index.carried, index.partial, year, out, report)
            candidates = _candidates(group, match, before)
            for bad in check_change(group, candidates):
                proved = len(candidates) <= 2 or group.value or group.last or group.name
                sure = Sure.ROUNDING if bad.rule is Rule.PERCENT_TAIL else Sure.PROVED if proved else Sure.UNSURE
                out.say(bad.rule, paragraph.spot, bad.values, sure, quote=quote(group.sentence, bad.at))
            if group.delta or group.percent:
                out.compared += 1
                report.checked += 1 if candidates or (group.last and group.value) else 0
                if group.delta and group.name and candidates:
                    told[group.name, candidates[0].yuan].append((group, group.delta))
            _share(group, [*before], match, index, out)
            _base_year(group, year, out)
            if group.value and group.name and not match and not group.titled and not any(plain(w) in group.name for w in index.words.words.not_mine):
                within = group.whole.figure.yuan if group.whole else open_  # 基本支出 of one subject is not that of the next
                values[group.name, within].append((group, group.value))
            before.append(group)
        if re.search(r"(?:其中|包括|如下)\s*[:：]?\s*$", paragraph.text):
            open_ = next((g.value.figure.yuan for g in found if g.value), None)
        _parts(paragraph, found, out)
        _list(paragraph, found, out)
        _funds(paragraph, found, matches, out)
        _absent(paragraph, index, found, out)
    _twice(told, "增减额", out)
    _twice(values, "数", out, across=True)
    return report


def _match(group: Group, index: Index) -> Match | None:
    if "机关运行经费" in group.name:
        return _running_cost(index)
    if not group.name or any(plain(w) in group.name for w in index.words.words.not_mine):
        return None
    return index.resolve(group.name)


def _running_cost(index: Index) -> Match | None:
    """机关运行经费 is the running cost of the administrative units: somewhere in a column or row of 公用经费. With public units among
    them the tables need not print it, and nothing is said."""
    if any(r.code.endswith("50") and len(r.code) == 7 for t in index.tables for r in t.rows):
        return None
    cells = [c for name in ("公用经费", "日常公用经费", "商品和服务支出", "一般商品和服务支出") for c in index.labels.get(name, ())]
    return Match(tuple(cells), False) if cells else None


def _support(group: Group, found: Sequence[Group], matches: Sequence[Match | None]) -> bool:
    """Most of the other amounts of the sentence agree with the tables: the list is one of tables' figures."""
    others = [(g, m) for g, m in zip(found, matches, strict=True) if g is not group and g.sentence == group.sentence and g.value and m]
    good = sum(any(same(g.value.figure, f) for f in m.figures) for g, m in others if g.value and m)
    return good >= _SMALL_LIST and good >= 0.6 * len(others)


def _closed(group: Group, found: Sequence[Group]) -> bool:
    """The amounts listed in the sentence sum up to one told before them: a list with its own way of naming, not a mistake."""
    listed = [g for g in found if g.sentence == group.sentence and g.value]
    for start in (0, 1):
        parts = [g.value.figure for g in listed[start:] if g.value]
        wholes = [g.value.figure for g in found[: found.index(listed[start])] if g.value] if len(parts) >= 3 else []
        if group in listed[start:] and any(abs(sum((f.yuan for f in parts), Decimal(0)) - w.yuan) <= w.half + sum((f.half for f in parts), Decimal(0)) for w in wholes):
            return True
    return False


def _value(group: Group, match: Match | None, supported: bool, closed: bool, carried: Decimal, partial: bool, year: int, out: Sums, report: TextReport) -> None:
    """This year's amount is that of the tables."""
    said = group.value
    if said is None or said.unit in ("%", "个百分点"):
        return
    if _NOT_MINE_UNIT.search(said.clause[-12:] + group.sentence[group.sentence.find(said.text) + len(said.text) :][:3]):
        return
    if match is None or not match.figures:
        report.unchecked.append((group.paragraph, said))
        return
    out.compared += 1
    report.checked += 1
    figures = match.figures
    if any(same(said.figure, f) for f in figures):
        if year and group.year and group.year != year and match.sure and said.figure.yuan:
            sure = Sure.PROVED if group.year != year - 1 else Sure.UNSURE
            values = {"数": said.text, "年度": str(year), "印的": str(group.year)}
            out.say(Rule.YEAR_OF_FIGURE, group.paragraph.spot, values, sure, match.cells[0][0].spot, quote(group.sentence, said))
        return
    if (year and group.year and group.year != year) or (closed and not match.sure) or (match.fund_only and not match.sure):
        return
    there = [(c, t) for c, t in match.cells if c.figure]
    nearest, table = min(there, key=lambda ct: abs(ct[0].figure.yuan - said.figure.yuan))  # type: ignore[union-attr]
    if carried and any(near(Figure(Decimal(0), abs(c.figure.yuan - said.figure.yuan), said.figure.step), Figure(Decimal(0), carried, c.figure.step)) for c, _ in there if c.figure):
        out.skipped.append(f"“{group.name}”文字写{said.text}，与表里的数差的正好是上年结转，没有当作错误")
        return
    if partial and not match.sure:  # the table that holds it may be one of those that were not read
        report.unchecked.append((group.paragraph, said))
        return
    if match.sure and nearest.figure and not near(said.figure, nearest.figure):
        nearest, table = there[0]
    assert nearest.figure is not None
    wanted = money(nearest.figure.yuan, "万元" if said.unit == "万" else said.unit)
    proved = (match.sure or supported) and not near(said.figure, nearest.figure)
    values = {"数": group.name, "印的": said.text, "表": table.name, "应为": wanted, "差": money(abs(said.figure.yuan - nearest.figure.yuan), "万元")}
    out.say(Rule.TEXT_AS_TABLE, group.paragraph.spot, values, Sure.PROVED if proved else Sure.UNSURE, nearest.spot, quote(group.sentence, said))


def _candidates(group: Group, match: Match | None, before: Sequence[Group]) -> list[Figure]:
    """What this year's amount of a told change may be."""
    if group.value is not None:
        return [group.value.figure, *(s.figure for s in group.others)]
    if match is not None and match.figures:
        return list(dict.fromkeys(f for f in match.figures if f.yuan))
    if group.name:
        return [g.value.figure for g in before if g.value and g.name == group.name]
    inside = [g.value.figure for g in reversed(before) if g.value and g.sentence == group.sentence]
    return inside or [g.value.figure for g in reversed(before) if g.value][:3]


def _share(group: Group, before: Sequence[Group], match: Match | None, index: Index, out: Sums) -> None:
    """占…的比例 is the amount over one of the amounts before it, or over a total of the tables."""
    if group.share is None or group.value is None or group.share.unit != "%":
        return
    said = [g.value.figure for g in before if g.value and g.value.figure.yuan]
    totals = [f.figure for facts in index.sets for f in facts if f.figure.yuan and set(f.dims) <= {"流", "资金", "量", "类型"}]
    wholes = said or (totals if match is not None and match.sure else [])
    out.compared += 1
    if not wholes or any(agrees(group.share, percent_between(group.value.figure, w)) for w in totals) or any(agrees(group.share, percent_between(group.value.figure, w)) for w in wholes):
        return
    whole = max(wholes, key=lambda f: f.yuan)
    right = half_up(abs(group.value.figure.yuan) / whole.yuan * HUNDRED)
    values = {"数": group.value.text, "整体": money(whole.yuan, "万元"), "应为": f"{right}%", "印的": group.share.text}
    out.say(Rule.SHARE, group.paragraph.spot, values, Sure.PROVED if len(wholes) == 1 else Sure.UNSURE, quote=quote(group.sentence, group.share))


def _base_year(group: Group, year: int, out: Sums) -> None:
    if year and group.base_year and group.base_year != year - 1 and (group.delta or group.percent or group.last):
        values = {"年度": str(year), "上年": str(year - 1), "印的": str(group.base_year)}
        out.say(Rule.YEAR_COMPARED, group.paragraph.spot, values, Sure.PROVED if group.base_year >= year else Sure.UNSURE, quote=quote(group.sentence, group.delta or group.percent))


def _twice(told: dict[tuple[str, object], list[tuple[Group, Said]]], what: str, out: Sums, across: bool = False) -> None:
    """One quantity, told twice with different figures. across: only within one section, where the name means one thing."""
    for (name, _), found in told.items():
        if across and len(name) < 4:
            continue
        first, said = found[0]
        for group, other in found[1:]:
            if across and (group.paragraph.spot.part != first.paragraph.spot.part or other.unit != said.unit):
                continue
            if group.sentence == first.sentence or same(said.figure, other.figure):
                continue
            sure = Sure.UNSURE if near(said.figure, other.figure) or across else Sure.PROVED
            out.say(Rule.SAID_TWICE, group.paragraph.spot, {"数": name, "什么": what, "印的": other.text, "前面的": said.text}, sure, first.paragraph.spot, quote(group.sentence, other))


def _parts(paragraph: Paragraph, found: Sequence[Group], out: Sums) -> None:
    """A total and its parts in one sentence: 支出444.40万元，其中基本支出241.64万元、项目支出202.76万元."""
    partitions = (("基本支出", "项目支出"), ("人员经费", "公用经费"), ("货物", "工程", "服务"), ("因公出国", "公务用车购置及运行", "公务接待"))
    for names in partitions:
        hits: list[tuple[int, Group]] = []
        for name in names:
            hit = next(((n, g) for n, g in enumerate(found) if g.value and g.name and name in g.name and not any(n == h[0] for h in hits)), None)
            if hit is None:
                break
            hits.append(hit)
        if len(hits) != len(names) or any(g.sentence != hits[0][1].sentence for _, g in hits):
            continue
        start = min(n for n, _ in hits)
        total = next((g for g in reversed(found[:start]) if g.value and g.sentence == hits[0][1].sentence), None)
        if total is None or total.value is None or re.search(r"经营|上缴|附属单位|其他支出", hits[0][1].sentence):
            continue
        if not total.opens and len([g for g in found[:start] if g.value and g.sentence == total.sentence]) > 1:
            continue
        parts = [g.value.figure for _, g in hits if g.value]
        slack = (sum((f.half for f in parts), Decimal(0))) + total.value.figure.half
        summed = sum((f.yuan for f in parts), Decimal(0))
        out.compared += 1
        if abs(summed - total.value.figure.yuan) > slack:
            sure = Sure.PROVED if total.opens or summed > total.value.figure.yuan + slack else Sure.UNSURE
            _not_the_sum(Rule.PARTS_OF_TEXT, paragraph, {"分项": "、".join(names)}, summed, total.value, sure, quote(total.sentence, total.value), out)


def _not_the_sum(rule: Rule, paragraph: Paragraph, parts: dict[str, str], summed: Decimal, whole: Said, sure: Sure, words: str, out: Sums) -> None:
    values = {**parts, "应为": money(summed, "万元"), "印的": whole.text, "差": money(abs(summed - whole.figure.yuan), "万元")}
    out.say(rule, paragraph.spot, values, sure, quote=words)


def _funds(paragraph: Paragraph, found: Sequence[Group], matches: Sequence[Match | None], out: Sums) -> None:
    """其中一般公共预算拨款 …万元、政府性基金拨款 …万元: by source, the parts are the whole of what was told before."""
    for sentence in dict.fromkeys(g.sentence for g in found):
        items = [(g, m) for g, m in zip(found, matches, strict=True) if g.sentence == sentence and g.value and "其中" in sentence]
        funds = [g.value.figure for g, m in items if m and m.fund_only and g.value]
        if len(funds) < 2 or not sentence.strip().startswith("其中") or len(funds) != len(items):
            continue
        wholes = [g.value for g in found[: found.index(items[0][0])] if g.value]
        summed = sum((f.yuan for f in funds), Decimal(0))
        if wholes:
            out.compared += 1
        if wholes and not any(abs(summed - w.figure.yuan) <= w.figure.half + sum((f.half for f in funds), Decimal(0)) for w in wholes):
            _not_the_sum(Rule.PARTS_OF_TEXT, paragraph, {"分项": "按来源分的各项"}, summed, wholes[0], Sure.UNSURE, quote(sentence), out)


_LISTED = re.compile(r"(?:按[^，。；]{2,10}分(?:别是|别为|为|类)?|分项为|分别[为是]|具体[为是])[:：]?")


def _list(paragraph: Paragraph, found: Sequence[Group], out: Sums) -> None:
    """A list that says it is the whole (分项为, 按项目分) sums up to the amount before it."""
    for sentence in dict.fromkeys(g.sentence for g in found):
        opening = _LISTED.search(sentence)
        inside = [g for g in found if g.sentence == sentence and g.value]
        if not opening or not re.search(r"[。；;！]\s*$", sentence) or re.search(r"等[。，；（(]|其中|增加|减少|比|较", sentence[opening.end() :]):
            continue
        offset = paragraph.text.find(sentence)
        items = [g for g in inside if g.value and g.value.start - offset >= opening.end()]
        wholes = [g.value for g in found[: found.index(items[0])] if g.value] if len(items) >= 3 else []
        if not wholes:
            continue
        parts = [g.value.figure for g in items if g.value]
        summed, slack = sum((f.yuan for f in parts), Decimal(0)), sum((f.half for f in parts), Decimal(0))
        out.compared += 1
        if not any(abs(summed - w.figure.yuan) <= slack + w.figure.half for w in wholes):
            near_by = min(wholes, key=lambda w: abs(w.figure.yuan - summed))
            _not_the_sum(Rule.LIST_OF_TEXT, paragraph, {}, summed, near_by, Sure.UNSURE, quote(sentence, items[0].value), out)


_ABSENT = re.compile(r"(?:没有|未安排|未编制|不涉及|暂无|(?<!有)无(?!论|形|线|障|偿|人|法|关|编|需|忧|锡|害|差))([^。；;]{2,300})")
_ABSENT_AFTER = re.compile(r"(?:^|[，,。；;、])([^，,。；;、]{3,24}?)(?:均?为零|均?为0(?!\.)(?!\d)|没有安排|未安排|无安排)")


def absences(text: str) -> Iterator[str]:
    """What a text says there is none of, piece by piece."""
    for found in _ABSENT.finditer(text):
        rest = re.split(r"[，,：:]|所以|因此|也没有|安排的?支出|的支出", found[1])[0]
        for piece in re.split(r"[、及]|和(?=[^收支])", rest):
            bare = re.sub(r"(?:预算)?(?:安排|计划|情况)+$", "", re.sub(r"^(?:\d{4}年度?|本年度?|安排|使用|用|发生|编制)", "", plain(piece)))
            for clean in (bare, re.sub(r"(?:预算)?(?:收入和支出|收支|拨款收支|预算收支|收入|支出|拨款)+$", "", bare)):
                if 2 < len(clean) <= 24:
                    yield clean
    for found in _ABSENT_AFTER.finditer(text):
        yield plain(re.sub(r"^\d{4}年度?|^本(?:单位|部门|年度?)", "", found[1]))


def _absent(paragraph: Paragraph, index: Index, found: Sequence[Group], out: Sums) -> None:
    """Reasons (原因是…没有安排…) and statements about one of several units speak of less than the whole and are left alone."""
    own = re.sub(r"(?:原因|由于|因为|其中)[^。；;]*", "", paragraph.text)
    own = re.sub(r"[^，,。；;]{2,20}(?:中心|所|站|队|院|学校|股|科|二级单位)(?:20\d\d年)?(?:本年)?(?=没有|无|未安排)[^。；;]*", "", own)
    for piece in dict.fromkeys(absences(own)):
        dims = next((dict(a.is_) for a in index.words.words.absences if piece in {plain(w) for w in a.words} | {plain(w) + s for w in a.words for s in ("预算", "支出", "费用", "经费")}), None)
        if dims is None:
            continue
        facts = [f for f in index.total(dims) if f.figure.yuan > 0]
        out.compared += 1
        if facts:
            fact = max(facts, key=lambda f: f.figure.yuan)
            values = {"事项": piece, "表": fact.table.name, "表里的": money(fact.figure.yuan, fact.table.unit)}
            words = quote(paragraph.text[max(0, paragraph.text.find(piece[:3]) - 10) :])
            out.say(Rule.SAID_ABSENT, paragraph.spot, values, other=fact.cell.spot, quote=words)
