"""Explanations over random facts: whatever rises, falls, begins, ends or stays nothing, every sentence reads right and its arithmetic holds.

The samples' own masters are taken, with amounts of this year and last drawn anew, and all four explanations are written from them.
"""

import random
import re
from dataclasses import replace
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.audit.claims import name_differences
from generator.build.facts import facts
from generator.build.rounding import printed_names, printed_set
from generator.build.select import Selector
from generator.model.master import Master
from generator.run import templates
from tests.support import SAMPLES, bound, sample

PACKS = [s for s in SAMPLES if s != "performance-2021"]
WRONG = (
    *("nan", "NaN", "None", "--", "%%", "万元万元", "元元", "增（减）", "减少（增加）", "{", "}", "。。", "，。", "、。", "：。", "；。", "，，", "、、", "；；", "（）", "“”", "：；", "，；", "（，"),
    *("主要原因是。", "主要原因是；", "主要原因是，", "主要原因是主要", "主要原因是因", "用于用于", "用于。", "包括。", "0.00万元，主要原因", "持平，主要原因", "未安排，主要原因是。", "-0.00"),
)
SIGNED = re.compile(r"(?:增加|减少|增长|下降|新增)(?:了)?-|(?<![\d附表件）A-Za-z—])-\d")
CHANGE = re.compile(
    r"(?P<now>\d+\.\d\d)万元(?:[（(]\d{4}年为?(?P<before>\d+\.\d\d)万元[）)]|（见[^）]*）)?，比\d{4}年(?P<way>增加|减少)(?P<gap>\d+\.\d\d)万元(?:，(?:增长|下降)(?P<percent>\d+\.\d\d)%)?"
)
SPENT = re.compile(r"支出预算(?:总额)?(\d+\.\d\d)万元.*其中：?基本支出(\d+\.\d\d)万元[，、]项目支出(\d+\.\d\d)万元(?:，经营、上缴上级、补助附属单位等其他支出(\d+\.\d\d)万元)?[。，]")
ABSENT = {
    r"没有安排“三公”经费": ["三公经费"],
    r"没有政府性基金预算(收入和支出|拨款)|没有政府性基金预算收入": ["政府性基金收入", "政府性基金支出"],
    r"没有政府性基金预算安排的支出": ["政府性基金支出"],
    r"没有国有资本经营预算(收入|拨款)": ["国有资本经营收入", "国有资本经营支出"],
    r"没有国有资本经营预算安排的支出": ["国有资本经营支出"],
    r"(没有安排|未编制)政府采购": ["政府采购"],
    r"(没有|未)安排政府购买服务": ["政府购买服务"],
    r"(没有|未)安排会议费": ["会议费"],
    r"(没有|未)安排培训费": ["培训费"],
    r"没有安排项目支出": ["项目支出"],
    r"没有(用)?一般公共预算(拨款)?安排的支出": ["一般公共预算支出"],
    r"没有车辆": ["车辆"],
}
TEXTS = ["", "人员工资标准调整。", "主要原因是：一次性项目已经完成；", "由于机构改革，\n两个股室划入。", "因为新增一项工作"]


@cache
def origin(name: str) -> Master:
    return bound(sample(name), name)[0]


def drawn(name: str, seed: int) -> Selector:
    """The sample with amounts drawn anew: whole economic items, sources and sheets rise, fall, appear and go."""
    master, pack = origin(name), bound(sample(name), name)[2]
    rng = random.Random(seed)
    fates: dict[str, str] = {}
    data = {}
    for dataset, records in master.data.items():
        measures = [m for m, column in pack.schema.measures(dataset).items() if column is None or column.type == "金额"]
        if dataset not in ("单位", "支出", "收入") and rng.random() < 0.2:
            continue
        own = []
        for record in records:
            amounts = dict(record.amounts)
            for measure in measures if record.place.sheet != "上年数" else ["上年"]:
                key = f"{dataset}{measure}{record.text('部门经济编码')[:5] or record.text('资金来源') or record.text('资产类别')}"
                fate = fates.setdefault(key, rng.choice(["as is", "as is", "drawn", "drawn", "zero", "none", "tiny", "huge", "half"]))
                _change(amounts, measure, fate, rng)
                if record.text("资产类别") == "负债总额" and rng.random() < 0.3 and measure in amounts:
                    amounts[measure] = -amounts[measure]
            other = rng.random() < 0.05 and record.text("支出类型") == "项目支出" and any(c.value == "上缴上级支出" for c in pack.choices("支出类型"))
            own.append(record.with_(amounts=amounts, values={**record.values, "支出类型": "上缴上级支出"} if other else record.values))
        data[dataset] = tuple(own)
    if rng.random() < 0.1:  # nothing at all of last year
        data = {d: tuple(r.with_(amounts={m: a for m, a in r.amounts.items() if m != "上年"}) for r in records) for d, records in data.items()}
    texts = {key: (rng.choice(TEXTS) if key[1].startswith("原因") else words, place) for key, (words, place) in master.texts.items()}
    return Selector(replace(master, data=data, texts=texts), pack)


def _change(amounts: dict[str, Decimal], measure: str, fate: str, rng: random.Random) -> None:
    if fate == "none":
        amounts.pop(measure, None)
    elif fate == "zero":
        amounts[measure] = Decimal(0)
    elif fate == "tiny":
        amounts[measure] = Decimal(rng.randrange(1, 99))
    elif fate == "huge":
        amounts[measure] = Decimal(rng.randrange(10**9, 10**11)) / 100
    elif fate == "half":  # amounts on the border between two last digits
        amounts[measure] = Decimal(rng.randrange(1, 10**4) * 100 + 50)
    elif fate == "drawn":
        amounts[measure] = Decimal(rng.randrange(1, 10**8)) / 100


@pytest.mark.parametrize("name", PACKS)
@settings(max_examples=25)
@given(seed=st.integers(0, 10**9))
def test_every_sentence_reads_right(name, seed):
    selector = drawn(name, seed)
    made = printed_set(selector)
    tables = [b.table for b in made.built]
    names = printed_names(selector, made, tables, selector.pack.tables)
    known = facts(selector)
    for template in templates(selector.pack).values():
        wrong = list(name_differences(template.names(), names, selector.pack, selector.master, made.selector.master, tables))
        assert not wrong, wrong[0]
        for paragraph in template.says(names, tables)["word/document.xml"]:
            text = paragraph.text
            for words in WRONG:
                assert words not in text, f"{words} → {text}"
            if "负债" not in text:
                assert not SIGNED.search(text), text
            for m in CHANGE.finditer(text):
                _arithmetic(m, text)
            assert not re.search("(资产|负债)总额[^；。]*未安排", text), text
            if m := SPENT.search(text):
                assert abs(sum(Decimal(n or 0) for n in m.groups()[1:]) - Decimal(m[1])) <= Decimal("0.02"), text
            for words, owners in ABSENT.items():
                if re.search(words, text) and not re.search(f"({words})[^，。；]*，{selector.master.year - 1}年", text):
                    assert not any(known[f].now for f in owners if f in known), f"{words}: {text}"
    _parts(selector, names)


def _arithmetic(m: re.Match, text: str) -> None:
    """What a citizen works out from the sentence alone."""
    now, gap = Decimal(m["now"]), Decimal(m["gap"])
    before = now - gap if m["way"] == "增加" else now + gap
    assert m["before"] is None or Decimal(m["before"]) == before, text
    if m["percent"] is not None:
        assert before > 0, text
        assert abs(Decimal(m["percent"]) * before - gap * 100) <= Decimal("0.005") * before, text


def _parts(selector: Selector, names: dict[str, object]) -> None:
    """Lists add up to the figure they itemise, parts and changes of parts to their whole, within what rounding leaves."""
    pack = selector.pack
    whole = {str(figure): name for name, figure in pack.facts.items() if pack.file.facts[name].unit == "万元"}
    for listing, figure in pack.listings.items():
        if (name := whole.get(str(figure))) and names.get(listing) is not None:
            items = names[listing]
            gap = sum((Decimal(i.万元) for i in items), Decimal(0)) - Decimal(names[f"{name}_万元"])
            assert abs(gap) <= Decimal("0.005") * (len(items) + 1), f"{listing} {name} {gap}"
    known = facts(selector)
    for total, parts in {
        "支出总计": ["基本支出", "项目支出", "其他类型支出"],
        "三公经费": ["因公出国费", "公务用车购置及运行费", "公务接待费"],
        "公务用车购置及运行费": ["公务用车购置费", "公务用车运行费"],
        "政府采购": ["采购货物", "采购工程", "采购服务"],
    }.items():
        for which in ("万元", "上年_万元"):
            gap = sum((Decimal(names[f"{p}_{which}"]) for p in parts), Decimal(0)) - Decimal(names[f"{total}_{which}"])
            assert abs(gap) <= Decimal("0.005") * (len(parts) + 1), f"{total} {which} {gap}"
        differences = [known[n].change().difference for n in (total, *parts)]
        assert abs(differences[0] - sum(differences[1:])) <= Decimal("0.01") * (len(parts) + 1), total


@pytest.mark.parametrize("name", PACKS)
def test_the_random_facts_reach_every_form(name):
    """Otherwise the property above would prove little: all forms of change, sentences with arithmetic, statements of absence."""
    met: set[str] = set()
    for seed in range(60):
        met |= {f.change().form for f in facts(drawn(name, seed)).values() if not f.counted}
    assert met >= {"增加", "减少", "持平", "新增", "取消", "均无", "负基数"}
    said = []
    for seed in range(6):
        selector = drawn(name, seed)
        made = printed_set(selector)
        tables = [b.table for b in made.built]
        names = printed_names(selector, made, tables, selector.pack.tables)
        said += [p.text for t in templates(selector.pack).values() for p in t.says(names, tables)["word/document.xml"]]
    assert sum(len(CHANGE.findall(text)) for text in said) > 20
    assert sum(bool(re.search(words, text)) for words in ABSENT for text in said) > 6
