"""The rules of the audit as data: templates/audit/rules.yaml, with what a pack changes under `audit:` laid over it.

A rule says how it is worded and how heavy it is; the check in generator/published/checks knows when it is broken, how surely, and
with which values. A bureau changes levels and words, not arithmetic.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path

import msgspec

from generator.model.problem import Level, PackError
from generator.pack import strict_yaml
from generator.pack.strict_yaml import suggestion

FILE = "rules.yaml"
QUIET = "不报"
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class Sure(StrEnum):
    """How surely a check knows."""

    PROVED = "确定"  # no rounding and no other reading explains it
    UNSURE = "存疑"  # it may be our reading, or a local way
    ROUNDING = "尾差"  # rounding explains it


class AuditGroup(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A line of 检查表. what: what is checked; unless: why it was not; tail: the rule that tells, once, how many differences rounding explains."""

    name: str
    what: str
    unless: str
    tail: str = ""


class AuditRule(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One rule. levels: how heavy, by how surely it is known (错误, 警告, 提示, 不报); values: the words in {} that `says` and `hint` may use."""

    id: str
    group: str
    levels: dict[Sure, str]
    values: list[str]
    says: str
    hint: str = ""
    basis: str = ""

    @property
    def quiet(self) -> bool:
        return all(level == QUIET for level in self.levels.values())

    def level(self, sure: Sure) -> Level | None:
        """None: this finding is not reported."""
        return None if self.levels[sure] == QUIET else Level(self.levels[sure])


class AuditChange(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a pack changes of one rule; what it does not name stays. levels: one level for all, or by how surely it is known."""

    id: str
    levels: str | dict[str, str] = {}
    says: str = ""
    hint: str = ""
    basis: str = ""


class AuditFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """templates/audit/rules.yaml."""

    groups: list[AuditGroup]
    rules: list[AuditRule]


def read_audit_rules(path: Path) -> AuditFile:
    """The rules as shipped. PackError names every rule whose level, group or placeholder is not known."""
    file = strict_yaml.load(path, AuditFile)
    wrong = list(_wrong(path.name, file))
    if wrong:
        raise PackError(*wrong)
    return file


def _wrong(name: str, file: AuditFile) -> Iterator[str]:
    groups, ids = [g.name for g in file.groups], [r.id for r in file.rules]
    for group in file.groups:
        if group.tail and group.tail not in ids:
            yield f"{name} groups·{group.name} 没有规则“{group.tail}”{suggestion(group.tail, ids)}"
    for rule in file.rules:
        where = f"{name} rules·{rule.id}"
        if ids.count(rule.id) > 1:
            yield f"{where} 写了两次"
        if rule.group not in groups:
            yield f"{where} 没有检查事项“{rule.group}”；可用：{'、'.join(groups)}{suggestion(rule.group, groups)}"
        if not rule.levels:
            yield f"{where} 没有级别"
        yield from _wrong_words(where, rule)


def _wrong_words(where: str, rule: AuditRule) -> Iterator[str]:
    allowed = [*Level, QUIET]
    for level in rule.levels.values():
        if level not in allowed:
            yield f"{where} 不认识级别“{level}”；可用：{'、'.join(allowed)}{suggestion(level, list(allowed))}"
    for text in (rule.says, rule.hint):
        for word in _PLACEHOLDER.findall(text):
            if word not in rule.values:
                yield f"{where} 不认识{{{word}}}；可用：{'、'.join(f'{{{v}}}' for v in rule.values) or '没有'}{suggestion(word, rule.values)}"
        if re.search(r"[{}]", _PLACEHOLDER.sub("", text)):
            yield f"{where} 花括号没有成对：{text}"


def changed(file: AuditFile, changes: Iterable[AuditChange], where: str) -> AuditFile:
    """The rules with a pack's changes, later ones over earlier ones. PackError names what the changes cannot mean; where: the pack's file."""
    rules = {rule.id: rule for rule in file.rules}
    wrong: list[str] = []
    for change in changes:
        own = f"{where} audit·{change.id}"
        rule = rules.get(change.id)
        if rule is None:
            wrong.append(f"{own} 没有这条审核规则；全部规则用 yusuan audit --rules 列出{suggestion(change.id, list(rules))}")
            continue
        given = change.levels if isinstance(change.levels, dict) else dict.fromkeys(map(str, rule.levels), change.levels)
        for sure in given:
            if sure not in list(rule.levels):
                wrong.append(f"{own} 这条规则没有“{sure}”；可用：{'、'.join(rule.levels)}{suggestion(sure, list(map(str, rule.levels)))}")
        levels = {sure: given.get(sure, level) for sure, level in rule.levels.items()}
        new = msgspec.structs.replace(rule, levels=levels, says=change.says or rule.says, hint=change.hint or rule.hint, basis=change.basis or rule.basis)
        wrong += _wrong_words(own, new)
        rules[change.id] = new
    if wrong:
        raise PackError(*wrong)
    return AuditFile(file.groups, list(rules.values()))


def worded(text: str, values: Mapping[str, str]) -> str:
    """A template with its placeholders filled.

    >>> worded("{项目}应为{应为}", {"项目": "合计", "应为": "3.00万元"})
    '合计应为3.00万元'
    """
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)
