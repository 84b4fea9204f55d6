"""The audit's rules are data: templates/audit/rules.yaml and the checks name the same rules, and a pack may change them."""

import ast
import re
from dataclasses import replace

import msgspec
import pytest

from generator.cli import main
from generator.model.problem import Level, PackError
from generator.pack.audit_rules import AuditChange, AuditFile, Sure, changed, read_audit_rules
from generator.pack.pack import load_pack
from generator.published.audit import audit_documents
from generator.published.rulebook import Rule, Rulebook
from tests.published.helpers import page, rules
from tests.published.test_checks import TABLES, TEXT
from tests.support import ROOT

PATH = ROOT / "templates" / "audit" / "rules.yaml"
SOURCES = [*(ROOT / "generator" / "published" / "checks").glob("*.py"), ROOT / "generator" / "published" / "audit.py"]


@pytest.fixture(scope="module")
def shipped() -> AuditFile:
    return read_audit_rules(PATH)


def test_every_rule_is_used_by_a_check_and_every_check_has_its_rule(shipped):
    used = {
        node.attr
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Rule"
    }
    tails = {Rule(g.tail).name for g in shipped.groups if g.tail}
    assert used | tails == {r.name for r in Rule}
    assert {r.id for r in shipped.rules} == {str(r) for r in Rule}


def test_every_line_of_the_form_is_checked_and_has_rules(shipped):
    run = set(re.findall(r'run\("([^"]+)"', (ROOT / "generator" / "published" / "audit.py").read_text(encoding="utf-8")))
    assert run == {g.name for g in shipped.groups} == {r.group for r in shipped.rules}


def test_a_rule_that_build_has_too_is_called_the_same(shipped):
    """The number is that of RULES.md in both; where the name is the same too, it is one rule."""
    both = {r.id for r in shipped.rules} & {r.id for r in load_pack("zengdu-2023").file.rules}
    assert {"A00 表内加总", "A06 收支表平衡", "A21 栏次连续", "X00 表间相等", "S01 法定表", "S03 空表说明", "W21 说没有就没有", "F01 个人信息"} <= both


def test_the_page_of_rules_is_the_rules(capsys):
    """docs/审核规则.md: `yusuan audit --rules > docs/审核规则.md` after a change."""
    assert main(["audit", "--rules"]) == 0
    assert capsys.readouterr().out == (ROOT / "docs" / "审核规则.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("says: '{表}没有数据", "says: '{表名}没有数据", "不认识{表名}；可用：{表}"),
        ("says: '{表}没有数据", "says: '{表没有数据", "花括号"),
        ("group: 科目名称", "group: 科目的名称", "没有检查事项“科目的名称”"),
        ("id: M01 科目名称", "id: M01 科目名", "没有哪一项检查用它"),
        ("id: M01 科目名称", "id: W14 占比", "写了两次"),
        ("levels: {存疑: 警告}\n  values: [科目, 应为", "levels: {存疑: 严重}\n  values: [科目, 应为", "不认识级别“严重”"),
        ("levels: {存疑: 警告}\n  values: [科目, 应为", "levels: {可能: 警告}\n  values: [科目, 应为", "rules.yaml!第"),
        ("tail: A00 尾差", "tail: A00 尾", "没有规则“A00 尾”"),
        ("  basis: 《政府收支分类科目》\n- id: S11", "  base: 《政府收支分类科目》\n- id: S11", "不认识“base”"),
    ],
)
def test_what_the_file_cannot_mean_is_refused_when_read(tmp_path, monkeypatch, old, new, says):
    text = PATH.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "audit").mkdir()
    (tmp_path / "audit" / "rules.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    monkeypatch.setenv("YUSUAN_TEMPLATES", str(tmp_path))
    with pytest.raises(PackError, match=re.escape(says)):
        Rulebook()


def test_a_pack_changes_levels_and_words_and_nothing_else(shipped):
    new = changed(shipped, [AuditChange("S03 空表说明", "错误", hint="写“{表}为空表”"), AuditChange("A00 表内加总", {"存疑": "提示"}), AuditChange("W14 占比", "不报")], "某县.yaml")
    mine, theirs = ({r.id: r for r in f.rules} for f in (new, shipped))
    assert mine["S03 空表说明"].level(Sure.UNSURE) is Level.ERROR
    assert (mine["S03 空表说明"].hint, mine["S03 空表说明"].says) == ("写“{表}为空表”", theirs["S03 空表说明"].says)
    assert mine["A00 表内加总"].levels == {"确定": "错误", "存疑": "提示"}
    assert mine["W14 占比"].quiet
    assert [r for r in mine if mine[r] != theirs[r]] == ["A00 表内加总", "W14 占比", "S03 空表说明"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (AuditChange("W14 占", "不报"), "某县.yaml audit·W14 占 没有这条审核规则"),
        (AuditChange("W14 占比", "不要"), "不认识级别“不要”；可用：错误、警告、提示、不报"),
        (AuditChange("W14 占比", {"尾差": "提示"}), "这条规则没有“尾差”；可用：确定、存疑"),
        (AuditChange("W14 占比", says="{占比}不对"), "不认识{占比}；可用：{数}、{整体}、{应为}、{印的}"),
    ],
)
def test_a_change_that_means_nothing_is_refused(shipped, change, says):
    with pytest.raises(PackError, match=re.escape(says)):
        changed(shipped, [change], "某县.yaml")


def with_changes(*changes: AuditChange):
    pack = load_pack("zengdu-2023")
    return replace(pack, file=msgspec.structs.replace(pack.file, audit=list(changes)))


def test_the_packs_changes_apply(tmp_path):
    document = page(tmp_path, (TEXT + TABLES).replace("2130301 | 行政运行 | 40.00 | 40.00 |", "2130301 | 行政运行 | 40.00 | 44.00 |", 1))
    assert "A00 表内加总" in rules(audit_documents([document]), Level.ERROR)
    softer = audit_documents([document], with_changes(AuditChange("A00 表内加总", "提示", says="{项目}请核对")))
    assert "A00 表内加总" in rules(softer, Level.HINT)
    assert "A00 表内加总" not in rules(softer, Level.ERROR)
    assert any(f.message.endswith("请核对") for f in softer.findings)
    off = audit_documents([document], with_changes(AuditChange("A00 表内加总", "不报")))
    assert "A00 表内加总" not in rules(off)
    assert "规则“A00 表内加总”按套表的设定不报" in off.unchecked


def test_a_line_of_the_form_whose_rules_are_all_off_is_not_checked(tmp_path):
    changes = [AuditChange(name, "不报") for name in ("S11 模板残留", "S11 没有写完", "S11 决算用语")]
    result = audit_documents([page(tmp_path, TEXT + "本年增（减）0万元。\n" + TABLES)], with_changes(*changes))
    entry = next(c for c in result.checks if c.name == "模板残留")
    assert (entry.state, entry.reason) == ("未检查", "这套表不查这一项")


def test_a_packs_own_changes_lie_over_those_of_the_pack_it_extends(tmp_path):
    folder = tmp_path / "某县-2024"
    folder.mkdir()
    (folder / "某县-2024.yaml").write_text("extends: zengdu-2023\nname: 某县\naudit:\n- {id: W14 占比, levels: 不报}\n- {id: S03 空表说明, levels: 错误}\n", encoding="utf-8")
    (folder / "某县-2024.xlsx").write_bytes((ROOT / "templates" / "xlsx" / "zengdu-2023.xlsx").read_bytes())
    rulebook = Rulebook(load_pack(str(folder)))
    assert rulebook.rules["W14 占比"].quiet
    assert rulebook.rules["S03 空表说明"].levels == {"存疑": "错误"}
    (folder / "某县-2024.yaml").write_text("extends: zengdu-2023\nname: 某县\naudit:\n- {id: 没有这条, levels: 不报}\n", encoding="utf-8")
    with pytest.raises(PackError, match=r"某县-2024\.yaml audit·没有这条"):
        load_pack(str(folder))
