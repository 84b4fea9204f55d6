"""Words: what a template left behind, years, other units' names, subject names, empty tables, what is missing, personal data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from generator.model import private_text
from generator.model.problem import Level
from generator.published.checks.sums import Sums
from generator.published.facts import is_contents, is_form
from generator.published.model import Document, Finding, Grid, Paragraph, ReadTable, Spot
from generator.published.sections import is_heading
from generator.published.vocabulary import Vocabulary
from generator.published.words import looks_like_title, plain

_TITLE_YEAR = re.compile(r"(20\d\d)\s*年(?:度|初)?\s*(?:部门|单位|本级|财政)?\s*(?:综合)?(?:预算|收支预算|收入|支出|“?三公)")
_ANY_YEAR = re.compile(r"(?<!\d)(20\d\d)\s*年")
_FREE = re.compile(r"《[^》]*》|〔\d{4}〕[^，。；]*?号|[（(\[]\d{4}[)）\]]\s*\d*\s*号|20\d\d\s*年?\s*[-—–至到~～]\s*20\d\d\s*年")
_PAST = re.compile(
    r"截[至止]|成立|起施行|施行|印发|批准|设立|改革|合同|规划|期间|以来|建成|启动|开工|竣工|修订|发布|文件|精神|通知|办法|条例|规定|依据|根据|按照|结转|底|末|月|比|较|上年|与|同比|决算|执行|完成|划转|合并|更名|原|曾|荣获|获得|历年|投入使用|入库|申报|立项|招标"
)
_ORGAN = re.compile(
    r"^(.{2,30}?(?:局|委员会|委|办公室|办|中心|厅|院|校|学校|所|站|队|处|社|馆|会|部|镇|乡|街道|园|政府|公司|法院|检察院|银行|总队|支队|大队|幼儿园|中学|小学|医院))(?:（本级）|\(本级\)|本级|机关|（汇总）|\(汇总\)|及(?:所属|下属|二级)\S{0,8})?$"
)
_OWN_TITLE = re.compile(r"^(?:第[一二三四五六七八九十]+部分\s*)?[^，。；：]{0,6}?([^\s，。；：、（）()]{3,30}?)\s*(?:本级|汇总|（本级）)?\s*20\d\d\s*年(?:度)?\s*(?:部门|单位)?\s*(?:综合)?预算")


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
            for found in _TITLE_YEAR.finditer(p.text):
                years[int(found[1])] += 4 if n < 6 and len(p.text) < 60 else 3 if is_heading(p.text) else 1
            if n < 12 and len(p.text) < 60:
                own = _OWN_TITLE.match(p.text)
                if own and _ORGAN.match(own[1]):
                    organs[own[1]] += 3
                elif n < 3 and _ORGAN.match(re.sub(r"\s", "", p.text)):
                    organs[re.sub(r"\s", "", p.text)] += 3
        for block in document.blocks:
            if isinstance(block, Grid) and block.rows:
                for cell in block.rows[0][:3]:
                    for found in re.finditer(r"(20\d\d)\s*年度?", cell.text[:60]):
                        years[int(found[1])] += 1
    for t in tables:
        if t.organ:
            organs[t.organ] += 2
    names = [o for o, n in organs.most_common() if n >= 2]
    return About(years.most_common(1)[0][0] if years else 0, tuple(names))


def check_residue(paragraphs: Sequence[Paragraph], words: Vocabulary, out: Sums) -> None:
    """增（减）, 主要原因是。, XX, {…}: what a template left; words of final accounts in a budget."""
    forms = [re.compile(f) for f in words.words.residue_forms]
    for p in paragraphs:
        flat = re.sub(r"[ \t\u3000]", "", p.text)
        for word in words.words.residue:
            if plain(word) in plain(p.text):
                out.findings.append(Finding("文字：模板残留", Level.ERROR, p.spot, f"模板里的“{word}”没有改掉", "写实；不要的删掉", None, _around(flat, word), kind="残留"))
                break
        else:
            for form in forms:
                found = form.search(p.text)
                if found and not re.search(r"[A-Za-z]{3,}", found[0]):
                    out.findings.append(Finding("文字：模板残留", Level.ERROR, p.spot, f"“{found[0].strip()}”没有写完", "补上内容；不要的删掉", None, _around(p.text, found[0]), kind="残留"))
                    break
        for word in words.words.final_words:
            if word in flat and "预算" in flat:
                out.findings.append(Finding("文字：决算用语", Level.WARNING, p.spot, f"预算公开里出现“{word}”", "改成预算的说法", None, _around(flat, word), kind="残留"))


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
            strong = [int(m[1]) for m in _TITLE_YEAR.finditer(clause)]
            for y in dict.fromkeys(found):
                if y == year or (y == year - 1 and not heading and (year in found or _PAST.search(clause))):
                    continue
                before = re.split(rf"{y}\s*年", clause)[0]
                if y == year - 1:
                    if heading and y in strong and year not in found:
                        _year(p, Level.ERROR, y, year, clause, out)
                    elif not heading and re.match(r"^[\s\d.、（）()一二三四五六七八九十]*$|^本(?:单位|部门)|^我", before) and re.search(r"预算|没有|未安排|无|安排|计划", clause):
                        _year(p, Level.WARNING, y, year, clause, out)
                    continue
                if y in strong and not re.search(r"[比较与同]\s*$|上年", before[-3:]):
                    _year(p, Level.ERROR if y > year or y < year - 1 else Level.WARNING, y, year, clause, out)
                elif y > year and re.search(r"预算|年度(?:本|无)|部门", clause) and not re.search(r"规划|远景|到|前|至|底", clause):
                    _year(p, Level.ERROR, y, year, clause, out)
                elif y < year - 1 and not _PAST.search(clause) and re.search(r"预算|安排|没有|计划", clause):
                    _year(p, Level.WARNING, y, year, clause, out)


def _year(p: Paragraph, level: Level, found: int, year: int, clause: str, out: Sums) -> None:
    out.findings.append(Finding("文字：年份", level, p.spot, f"出现{found}年，这是{year}年的预算", f"改为{year}年；确实说的是{found}年可以不改", None, _around(clause, f"{found}"), kind="年份"))


def same_organ(a: str, b: str) -> bool:
    """One may be the other's short name: its characters stand in the other in order, its last two at the end.

    >>> same_organ("政务中心", "荷风区政务服务中心"), same_organ("荷风区政务服务中心", "荷风区行政审批局"), same_organ("某县财政局本级", "某县财政局")
    (True, False, True)
    """
    a, b = (re.sub(r"\(?(?:本级|机关|汇总)\)?$|及(?:所属|下属|二级).*$", "", plain(x)) for x in (a, b))
    short, long = sorted((a, b), key=len)
    rest = iter(long)
    return short == long or (len(short) >= 2 and all(c in rest for c in short) and (long.endswith(short[-1:]) or long.startswith(short)))


def check_organs(tables: Sequence[ReadTable], paragraphs: Sequence[Paragraph], known: About, out: Sums) -> None:
    """A unit named above a table or in a title that is not the unit of the rest; units listed in the tables are its own."""
    if not known.organs:
        return
    own = known.organs[0]
    mine = {own} | {c.text for t in tables if not is_form(t) for r in t.rows for c in r.cells if c.text and 3 < len(c.text) < 30 and _ORGAN.match(plain(c.text))}
    lines = Counter(plain(t.organ) for t in tables if t.organ)
    for t in tables:
        if not t.organ:
            continue
        out.compared += 1
        if same_organ(t.organ, own) or any(same_organ(t.organ, m) for m in mine if m not in _cells(t)) or lines[plain(t.organ)] > 2:
            continue
        level = Level.ERROR if lines.most_common(1)[0][1] >= 3 and _ORGAN.match(plain(t.organ)) else Level.WARNING
        out.findings.append(
            Finding("名称：其他单位", level, t.organ_spot or t.spot, f"{t.name}上写的单位是“{t.organ}”，别的表是“{own}”", "核对是不是混进了别的单位的表，或忘了改单位名", None, t.organ, kind="名称")
        )
    for p in paragraphs:
        found = _OWN_TITLE.match(p.text)
        if not found or len(p.text) > 60 or "：" in p.text or not _ORGAN.match(found[1]):
            continue
        name = found[1]
        out.compared += 1
        if not any(same_organ(name, m) for m in (*known.organs, *mine)) and not re.search(r"^(?:本|我|各|全|该|关于)", name):
            out.findings.append(Finding("名称：其他单位", Level.ERROR, p.spot, f"标题写的单位是“{name}”，这是“{own}”的预算", f"改为“{own}”", None, p.text[:40], kind="名称"))


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
            if not r.code or not r.label or (r.code, r.label) in seen or plain(r.label) in ("合计", "小计") or _ORGAN.match(r.label):
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
            out.findings.append(
                Finding(
                    "名称：科目",
                    Level.WARNING,
                    next((c.spot for c in r.cells if plain(c.text).endswith(label)), r.cells[0].spot),
                    f"科目{r.code}的名称是“{known.name}”，印的是“{r.label}”",
                    f"改为“{known.name}”；当年科目表就是这样的可以不改",
                    None,
                    r.label,
                    kind="名称",
                )
            )


def _similar(a: str, b: str) -> bool:
    """More than half of the characters in common: the same subject misspelt, not another table's way of naming rows."""
    common = sum((Counter(a) & Counter(b)).values())
    return common * 2 > max(len(a), len(b))


def check_empty(tables: Sequence[ReadTable], paragraphs: Sequence[Paragraph], out: Sums) -> None:
    """A table without figures says so: under it, or in the text by number or by what it is about. A table said to be empty is."""
    text = plain("".join(p.text for p in paragraphs))
    claimed = {n for p in paragraphs for n in claimed_empty(p.text)}
    for t in tables:
        if is_form(t) or is_contents(t) or not t.title or not t.figure_columns or "人员" in t.title:
            continue
        number = _short(t.number)
        if number and number in claimed and not t.empty:
            out.compared += 1
            filled = next(c for r in t.rows for c in r.cells if c.figure and c.figure.value)
            where = next(p.spot for p in paragraphs if number in claimed_empty(p.text))
            out.findings.append(Finding("空表：说明与表一致", Level.ERROR, where, f"文字说{t.number}为空表，{t.name}有数（{filled.text}）", "核对空表的清单", filled.spot, t.number, kind="空表"))
        if not t.empty:
            continue
        out.compared += 1
        if any(c.text and c.figure is None and re.search(r"空|无|没有", c.text) for r in t.rows for c in r.cells):
            continue
        about_it = re.sub(r"(?:预算|财政拨款|拨款|部门)?(?:支出|收入)?(?:预算)?(?:分类)?(?:情况|总体情况|汇总|明细|总)?表.*$", "", plain(t.title))
        said = any(re.search(r"空|无|没有|未安排", n) for n in t.notes) or (number and (number in claimed or plain(t.number) in text))
        if not said and len(about_it) >= 3:
            said = bool(re.search(rf"(?:无|没有|未安排|不涉及)[^。]{{0,60}}{re.escape(about_it[:8])}|{re.escape(about_it[:8])}[^。]{{0,20}}(?:无|没有|未安排|为空|为0|0\.?0*万元)", text))
        if not said and len(text) < 200:
            out.skipped.append(f"{t.name}没有数据；没有给说明文字，空表的说明没有核对")
        elif not said:
            out.findings.append(
                Finding("空表：附说明", Level.WARNING, t.spot, f"{t.name}没有数据，表下和文字里都没有说明", "在表下注明“本年没有……，本表为空”，并在说明里列出", None, t.name, kind="空表")
            )


def _short(number: str) -> str:
    """附表4-8 → 4-8, 预算20表 → 20: as lists of empty tables write them."""
    found = re.search(r"(\d+(?:-\d+)*)(表)?([A-Z]\d?)?", plain(number))
    return (found[1] + (found[3] or "")) if found else ""


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


def check_required(documents: Sequence[Document], tables: Sequence[ReadTable], words: Vocabulary, out: Sums) -> None:
    """What every disclosure has: the statutory tables (when tables are there at all) and sections (when text is there)."""
    where = Spot(documents[0].file)
    titles = [plain(t.title) for t in tables]
    text = plain("".join(p.text for d in documents for p in d.paragraphs))
    wordy = sum(len(p.text) for d in documents for p in d.paragraphs) > 2500
    enough = sum(any(plain(w) in title for w in need.any for title in titles) for need in words.words.required if need.table) >= 4
    for need in words.words.required:
        if need.table and enough:
            out.compared += 1
            if not any(plain(w) in title for w in need.any for title in titles) and not any(plain(w) in text for w in need.any if len(w) > 4):
                out.findings.append(Finding("结构：应公开的表", Level.WARNING, where, f"没有找到{need.name}", "没有数据也要列出空表；确实另行公开的可以不改", kind="结构"))
        elif not need.table and wordy:
            out.compared += 1
            if not any(plain(w) in text for w in need.any):
                out.findings.append(Finding("结构：应说明的事项", Level.WARNING, where, f"说明里没有“{need.name}”", "补上这一节；没有的写明没有", kind="结构"))


_FIELD = re.compile(r"电话|日期|时间|手机|年.*月|签章|盖章|填报|填表|单位|部门|职务|地址|邮编|金额")


def check_private(documents: Sequence[Document], tables: Sequence[ReadTable], out: Sums) -> None:
    """Phone, identity and card numbers, names beside 填报人 and the like: masked in the message."""
    sure = {private_text.PHONE, private_text.IDENTITY, private_text.CARD, private_text.PASSPORT, private_text.MAIL, private_text.NAME, private_text.SECRET}
    named = {c.spot.anchor: c.spot for t in tables for r in t.rows for c in r.cells if not c.covered and not c.spot.sheet}
    for document in documents:
        for text, spot, label in _texts(document):
            spot = named.get(spot.anchor, spot)
            for hit in private_text.found(text, label="" if _FIELD.match(text.strip()) or (_FIELD.search(text) and len(text) < 12) else label):
                level = Level.ERROR if hit.kind in sure else Level.WARNING
                out.findings.append(Finding("安全：个人信息", level, spot, f"含{hit.kind} {hit.masked}", "删去；填报人写岗位，电话写办公电话", None, hit.masked, kind="个人信息"))


def _texts(document: Document) -> Iterator[tuple[str, Spot, str]]:
    for block in document.blocks:
        if isinstance(block, Paragraph):
            yield block.text, block.spot, ""
            continue
        for row in block.rows:
            label = ""
            for cell in row:
                if cell.covered or not cell.text:
                    continue
                yield cell.text, cell.spot, label
                label = cell.text if len(cell.text) < 16 and any(w in re.sub(r"\s", "", cell.text) for w in private_text.LABELS) else ""
                label = re.sub(r"\s", "", label)
