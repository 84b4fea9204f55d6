"""What the checks may find, and how it is told: the rules of templates/audit/rules.yaml with a pack's changes laid over them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from generator.model.problem import PackError
from generator.pack.audit_rules import AuditGroup, AuditRule, Sure, read_audit_rules, worded
from generator.pack.library import templates_folder
from generator.pack.pack import Pack
from generator.published.model import Finding, Spot


class Rule(StrEnum):
    """The rules the checks know to apply, by their ids in rules.yaml."""

    ADDS_UP = "A00 表内加总"
    ROW_LOST = "A00 疑似少行"
    TABLE_UNREAD = "A00 整表对不上"
    TAILS_INSIDE = "A00 尾差"
    LEVELS = "A01 科目层次"
    STATEMENT_ITEMS = "A07 收支表分项"
    STATEMENT_BALANCES = "A06 收支表平衡"
    SAME_FIGURE = "X00 表间相等"
    SAME_IN_BOTH_FILES = "X00 两个文件相同"
    TAILS_BETWEEN = "X00 尾差"
    PART_WITHIN_WHOLE = "X12 部分不大于全部"
    INCOME_IS_EXPENDITURE = "A06 收支相等"
    TEXT_AS_TABLE = "W01 文字与表一致"
    OPPOSITE_WAYS = "W02 方向相反"
    WAY = "W02 增减方向"
    CHANGE = "W02 增减额"
    PERCENT = "W03 增减百分比"
    PERCENT_TAIL = "W03 百分比尾差"
    PERCENT_OF_THIS_YEAR = "W04 误用本年作分母"
    PERCENT_CUT = "W04 百分比截尾"
    FALL_OVER_100 = "W05 减幅超过100%"
    RISE_FROM_NOTHING = "W06 上年为零"
    SHARE = "W14 占比"
    PARTS_OF_TEXT = "W10 分项之和"
    LIST_OF_TEXT = "W11 列举之和"
    SAID_TWICE = "W15 前后一致"
    SAID_ABSENT = "W21 说没有就没有"
    YEAR_OF_FIGURE = "S08 数的年度"
    YEAR_COMPARED = "S08 比较的年度"
    YEAR = "S08 预算年度"
    OTHER_UNIT = "S07 其他单位名称"
    SUBJECT_NAME = "M01 科目名称"
    TEMPLATE_LEFT = "S11 模板残留"
    UNFINISHED = "S11 没有写完"
    FINAL_ACCOUNTS = "S11 决算用语"
    EMPTY_UNSAID = "S03 空表说明"
    EMPTY_LIST = "S04 空表清单"
    REQUIRED_TABLE = "S01 法定表"
    REQUIRED_TEXT = "S09 必备文字"
    QUANTITY_TIMES_PRICE = "A19 采购数量单价金额"
    SMALL_WITHIN = "A19 小微中小采购"
    COLUMN_NUMBERS = "A21 栏次连续"
    TABLE_OF_SET = "S01 套表的表"
    HEADINGS = "S02 表头与表样"
    UNIT = "S06 金额单位"
    PROJECT_FORM = "X22 项目绩效与项目表"
    OVERALL_FORM = "X21 整体绩效与预算表"
    FORM_ADDS_UP = "P01 资金合计"
    INDICATOR_VALUE = "P05 指标有值"
    PRIVATE = "F01 个人信息"
    MAYBE_PRIVATE = "F03 疑似个人信息"


class Rulebook:
    """The rules in force. PackError when rules.yaml and the checks do not name the same rules."""

    def __init__(self, pack: Pack | None = None) -> None:
        file = pack.audit_rules if pack is not None else read_audit_rules(templates_folder() / "audit" / "rules.yaml")
        self.groups: dict[str, AuditGroup] = {g.name: g for g in file.groups}
        self.rules: dict[str, AuditRule] = {r.id: r for r in file.rules}
        wrong = [f"rules.yaml rules·{name} 没有哪一项检查用它" for name in self.rules if name not in list(Rule)]
        wrong += [f"rules.yaml 缺规则“{name}”" for name in Rule if name not in self.rules]
        if wrong:
            raise PackError(*wrong)

    def finding(self, rule: Rule, sure: Sure, spot: Spot, values: Mapping[str, str], other: Spot | None = None, quote: str = "") -> Finding | None:
        """The finding in the rule's words; None where the rule is not to be reported. values: all that the rule names, no more."""
        own = self.rules[rule]
        assert set(values) == set(own.values), f"{rule} 要的是 {own.values}，给的是 {list(values)}"
        level = own.level(sure)
        if level is None:
            return None
        return Finding(rule, level, spot, worded(own.says, values), worded(own.hint, values), other, quote, own.group)

    def basis(self, rule: str) -> str:
        """The law or practice a rule rests on; empty where it is only arithmetic."""
        return self.rules[rule].basis

    def quiet(self, group: str) -> bool:
        """Every rule of a line of 检查表 is turned off."""
        return all(r.quiet for r in self.rules.values() if r.group == group)


def rules_page(book: Rulebook) -> str:
    """The rules in force as a page of Markdown: docs/审核规则.md is this, of the rules as shipped."""
    lines = ["# 审核规则", "", "由 `yusuan audit --rules` 列出，不用手改；加 `--pack 套表` 是这套表改过以后的。怎样改，见[审核](审核.md)。"]
    for group in book.groups.values():
        lines += ["", f"## {group.name}", "", f"{group.what}。", "", "| 规则 | 级别 | 怎样说 | 改法 | 依据 |", "| --- | --- | --- | --- | --- |"]
        for rule in (r for r in book.rules.values() if r.group == group.name):
            levels = "、".join(f"{sure}：{level}" for sure, level in rule.levels.items())
            lines.append(f"| {rule.id} | {levels} | {rule.says} | {rule.hint} | {rule.basis} |")
    return "\n".join(lines) + "\n"
