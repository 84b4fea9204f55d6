"""Which file stands for which unit: newest, copies, ties, strangers, the missing. No files here, only what was seen."""

from generator.bureau.collect import Seen, collect
from generator.bureau.identity import Identity
from generator.bureau.roster import Roster, RosterUnit


def seen(name, code="101", unit="甲局", time=1000.0, sha="", year="2022", saved="", more=(), pack="p", template="t 1"):
    return Seen(name, sha or name, time, Identity(((code, unit), *more), year, pack, template, saved))


def roster(*units, **more):
    return Roster("名册.xlsx", "2022", "p", {u.code: u for u in units}, **more)


def unit(code, name, **more):
    return RosterUnit(code, name, {}, **more)


def kinds(found):
    return {a.name: a.kind for a in found.aside}


def test_the_newest_stands_and_the_others_are_named():
    found = collect([seen("旧.xlsx", time=1), seen("新.xlsx", time=9), seen("中.xlsx", time=5)], None)
    assert [j.file.name for j in found.jobs] == ["新.xlsx"]
    assert kinds(found) == {"旧.xlsx": "旧版本", "中.xlsx": "旧版本"}
    assert "新.xlsx" in found.aside[0].why


def test_when_it_was_saved_counts_before_the_files_own_time():
    """Copying a folder makes every file new; what the workbook itself says stays."""
    early = seen("早存晚拷.xlsx", time=9_000_000_000, saved="2022-01-05T08:00:00+00:00")
    late = seen("晚存早拷.xlsx", time=1, saved="2022-01-06T08:00:00+00:00")
    assert [j.file.name for j in collect([early, late], None).jobs] == ["晚存早拷.xlsx"]


def test_equal_times_are_nobodys_guess():
    found = collect([seen("a.xlsx"), seen("b.xlsx")], None)
    assert [j.file.name for j in found.jobs] == ["a.xlsx"]
    assert "分不出哪份新：a.xlsx、b.xlsx" in found.jobs[0].refusal
    assert not found.aside


def test_a_copy_is_a_copy():
    found = collect([seen("a.xlsx", sha="x", time=1), seen("子/a 副本.xlsx", sha="x", time=2)], None)
    assert [j.file.name for j in found.jobs] == ["a.xlsx"]
    assert not found.jobs[0].refusal
    assert kinds(found) == {"子/a 副本.xlsx": "内容相同"}


def test_strangers_and_the_missing():
    found = collect([seen("a.xlsx"), seen("别县.xlsx", "999", "别县局"), Seen("坏.xlsx", "z", 0, Identity(refusal="不是工作簿"))], roster(unit("101", "甲局"), unit("102", "乙局")))
    assert [j.code for j in found.jobs] == ["101"]
    assert kinds(found) == {"别县.xlsx": "不在名册", "坏.xlsx": "不是主工作簿"}
    assert [u.code for u in found.missing] == ["102"]


def test_a_wrong_code_is_known_by_its_name_and_told():
    found = collect([seen("a.xlsx", "0101", "甲 局")], roster(unit("101", "甲局")))
    assert [(j.code, j.refusal) for j in found.jobs] == [("101", "")]
    assert "名册里的编码是 101，工作簿里是 0101" in found.jobs[0].notes[0]
    assert not found.missing


def test_a_name_two_units_have_tells_nothing():
    found = collect([seen("a.xlsx", "0101", "镇中学")], roster(unit("101", "镇中学"), unit("102", "镇中学")))
    assert kinds(found) == {"a.xlsx": "不在名册"}


def test_last_years_workbook_among_this_years():
    found = collect([seen("旧.xlsx", year="2021"), seen("新.xlsx", year="2022")], roster(unit("101", "甲局")))
    assert [j.file.name for j in found.jobs] == ["新.xlsx"]
    assert kinds(found) == {"旧.xlsx": "别的年度"}


def test_a_unit_in_anothers_workbook_has_handed_in():
    found = collect([seen("a.xlsx", more=(("102", "二级单位"),))], roster(unit("101", "甲局"), unit("102", "二级单位", filed_with="101")))
    assert found.covers == {"101": "2022-101", "102": "2022-101"}
    assert not found.missing


def test_one_code_two_names_and_one_name_two_codes():
    found = collect([seen("a.xlsx", time=1), seen("b.xlsx", unit="乙局", time=2)], None)
    assert "101 有 2 个单位名称" in found.jobs[0].refusal
    found = collect([seen("a.xlsx"), seen("b.xlsx", code="102")], None)
    assert ["结果会互相覆盖" in j.refusal for j in found.jobs] == [True, True]


def test_an_old_blank_is_told():
    found = collect([seen("a.xlsx", template="t 0")], None, template="t 1")
    assert "旧的空白表（t 0）" in found.jobs[0].notes[0]
    assert not collect([seen("a.xlsx")], None, template="t 1").jobs[0].notes
