"""What a cell of a layout asks for (取数口径), in the officer's words from a short closed list.

    合计                                   all that the other columns of the same heading hold; at the top, all of the line
    部门经济 30101                         one item; a class (301) takes everything below it
    部门经济 31013 30913                   either
    类型 项目支出 且 部门经济 302          both
    部门经济 30239 不含 子项 公务交通补贴  without
    上年 类型 基本支出                     another figure of the same records (上年, 编制数, 数量 …)
    收入 来源 经费拨款                     another sheet of the master than the table's own (收入, 人员, 采购 …)
    单位名称                               a field of the line
    支出 合计 加 收入 结转下年             a sum or a difference (减) of figures
    勾选 项目属性 新增项目                 ☑ when the field says so, else □
    逐项 功能类                            in a label cell of a 固定行: from here down, one line per class that has money
    列举 指标 三级指标 完整指标值 且 二级指标 数量指标   texts of other records of the same unit or project, one a line

Grammar, for whoever writes a parser again:

    binding   := "合计" | "逐项" [dataset] level | "勾选" field value+ | "列举" dataset field+ ["且" condition …] | field | figure (("加" | "减") figure)*
    figure    := [dataset] [measure] [condition ("且" condition)*]      (at least one of the three)
    condition := dimension value+ ["不含" dimension value+]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from generator.pack.schema import Schema
from generator.pack.strict_yaml import suggestion

SHORT = {
    "功能": "功能科目编码",
    "部门经济": "部门经济编码",
    "政府经济": "政府经济编码",
    "来源": "资金来源",
    "类型": "支出类型",
    "性质": "单位性质",
    "单位": "单位编码",
    "项目": "项目名称",
    "类别": "项目类别",
}
CODED = {"功能科目编码", "部门经济编码", "政府经济编码"}  # match by beginning
JOINED = ("支出类型", "资金性质", "单位性质", "主管部门编码", "归口", "项目类别", "项目属性", "政府经济编码", "子项", "资金级次", "拨款方式")  # known on every record, from other sheets


class BindingError(ValueError):
    """The words of a binding are not understood; says what and what is allowed, not where."""


@dataclass(frozen=True, slots=True)
class Condition:
    """field is one of values (codes: begins with one; sources: is or lies below one); `exclude` turns it round."""

    field: str
    values: tuple[str, ...]
    exclude: bool = False

    def __str__(self) -> str:
        return f"{'不含 ' if self.exclude else ''}{self.field} {' '.join(self.values)}"


@dataclass(frozen=True, slots=True)
class Figure:
    """A sum over the records of a dataset. Empty dataset: the table's own; empty measure: the dataset's default."""

    dataset: str = ""
    measure: str = ""
    conditions: tuple[Condition, ...] = ()

    def __str__(self) -> str:
        text = "".join(f"{' ' if c.exclude else ' 且 '}{c}" for c in self.conditions).removeprefix(" 且 ")
        return " ".join(part for part in (self.dataset, self.measure, text) if part) or "合计"


@dataclass(frozen=True, slots=True)
class Total:
    """合计: what the other columns under the same heading hold, each record once; without a heading above, all of the line."""

    def __str__(self) -> str:
        return "合计"


@dataclass(frozen=True, slots=True)
class Label:
    """A field of the line, printed as it is."""

    field: str

    def __str__(self) -> str:
        return self.field


@dataclass(frozen=True, slots=True)
class Tick:
    """☑ when `field` has one of `values`, else □."""

    field: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"勾选 {self.field} {' '.join(self.values)}"


@dataclass(frozen=True, slots=True)
class Sum:
    """Figures added (加) or taken away (减): pairs of sign and figure."""

    parts: tuple[tuple[int, Figure], ...]

    def __str__(self) -> str:
        return "".join(f"{' 加 ' if sign > 0 else ' 减 '}{figure}" for sign, figure in self.parts).removeprefix(" 加 ")


@dataclass(frozen=True, slots=True)
class Listed:
    """Texts of the records of `dataset` that belong to the line's unit or project and meet the conditions, one a line."""

    dataset: str
    fields: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()

    def __str__(self) -> str:
        return " ".join(("列举", self.dataset, *self.fields)) + "".join(f" 且 {c}" for c in self.conditions)


@dataclass(frozen=True, slots=True)
class Each:
    """The list of a statement goes on by itself: one line per group of `level` that has money. Empty dataset: the table's own."""

    dataset: str
    level: str

    def __str__(self) -> str:
        return " ".join(filter(None, ("逐项", self.dataset, self.level)))


Binding = Figure | Sum | Total | Label | Tick | Listed | Each


@dataclass(frozen=True)
class Vocabulary:
    """The words a pack's bindings may use. `sources` are the pack's income sources; `labels` what a line can print."""

    schema: Schema
    sources: Collection[str]
    labels: Collection[str]
    choices: Mapping[str, Collection[str]] = field(default_factory=dict)  # field → its allowed values
    levels: Collection[str] = ()  # the words for row dimensions

    @cached_property
    def datasets(self) -> list[str]:
        return self.schema.datasets

    def dimensions(self, dataset: str) -> set[str]:
        fields = set(self.schema.fields(dataset)) if dataset else {f for d in self.datasets for f in self.schema.fields(d)}
        if dataset == "收入" or not dataset:
            fields.add("资金来源")
        return fields | set(JOINED)

    def parse(self, text: str, dataset: str) -> Binding:
        """`text` as a binding for a table whose own dataset is `dataset`. BindingError says what is not understood."""
        words = text.replace("　", " ").replace("&", " 且 ").replace("、", " ").split()
        if not words:
            raise BindingError("取数口径是空的")
        if words == ["合计"]:
            return Total()
        if words[0] == "勾选":
            if len(words) < 3:
                raise BindingError("勾选后面要写字段和值，例如“勾选 项目属性 新增项目”")
            return Tick(SHORT.get(words[1], words[1]), tuple(words[2:]))
        if words[0] == "逐项":
            return self._each(words)
        if words[0] == "列举":
            return self._listed(words)
        if len(words) == 1 and (words[0] in self.labels or SHORT.get(words[0]) in self.labels):
            return Label(words[0] if words[0] in self.labels else SHORT[words[0]])
        if "加" in words or "减" in words:
            return self._sum(words, dataset)
        return self._figure(words, dataset)

    def _each(self, words: list[str]) -> Each:
        named = words[1] if len(words) == 3 and words[1] in self.datasets else ""
        if len(words) != (3 if named else 2) or words[-1] not in self.levels:
            raise BindingError(f"逐项后面写按什么逐项，例如“逐项 功能类”或“逐项 收入 来源”；可用：{'、'.join(self.levels)}{suggestion(words[-1], list(self.levels))}")
        return Each(named, words[-1])

    def _listed(self, words: list[str]) -> Listed:
        if len(words) < 3 or words[1] not in self.datasets:
            raise BindingError(f"列举后面要写数据和字段，例如“列举 指标 三级指标 指标值 且 二级指标 数量指标”；数据可用：{'、'.join(self.datasets)}")
        end = words.index("且") if "且" in words else len(words)
        fields = words[2:end]
        known = {*self.schema.fields(words[1]), "完整指标值", "序号"}
        for name in fields:
            if name not in known:
                raise BindingError(f"“{words[1]}”没有字段“{name}”；可用：{'、'.join(sorted(known))}{suggestion(name, list(known))}")
        conditions = self._figure(words[end + 1 :], words[1]).conditions if end < len(words) else ()
        return Listed(words[1], tuple(fields), conditions)

    def conditions(self, words: list[str], dataset: str) -> tuple[Condition, ...]:
        """Words like `二级指标 数量指标` as conditions on `dataset`."""
        return self._figure(words, dataset).conditions

    def _sum(self, words: list[str], own: str) -> Sum:
        parts: list[tuple[int, Figure]] = []
        sign = 1
        run: list[str] = []
        for word in [*words, "加"]:
            if word in ("加", "减"):
                if not run:
                    raise BindingError(f"“{' '.join(words)}”里“加”“减”的两边都要写口径")
                parts.append((sign, self._figure(run, own)))
                sign, run = (1 if word == "加" else -1), []
            else:
                run.append(word)
        return Sum(tuple(parts))

    def _figure(self, words: list[str], own: str) -> Figure:
        rest = list(words)
        dataset = rest.pop(0) if rest[0] in self.datasets and (len(rest) == 1 or not self._is_dimension(rest[0], rest[1], own)) else ""
        measures = self.schema.measures(dataset or own)
        measure = rest.pop(0) if rest and rest[0] in measures else ""
        if rest == ["合计"]:
            return Figure(dataset, measure)
        conditions: list[Condition] = []
        allowed = self.dimensions(dataset or own)
        while rest:
            word = rest.pop(0)
            if word == "且" and conditions and rest:
                word = rest.pop(0)
            exclude = word == "不含"
            if exclude:
                if not rest:
                    raise BindingError("“不含”后面要写口径")
                word = rest.pop(0)
            name = SHORT.get(word, word)
            if name not in allowed:
                known = sorted({*SHORT, *allowed, *measures, *self.datasets, "合计"})
                raise BindingError(f"不认识“{' '.join(words)}”里的“{word}”；可用：{'、'.join([*SHORT, *measures, '合计'])}，或字段名{suggestion(word, known)}")
            values: list[str] = []
            while rest and rest[0] not in ("且", "不含"):
                values.append(rest.pop(0))
            if not values:
                raise BindingError(f"“{word}”后面要写编码或名称")
            self._check(name, values)
            conditions.append(Condition(name, tuple(values), exclude))
        return Figure(dataset, measure, tuple(conditions))

    def _is_dimension(self, word: str, following: str, own: str) -> bool:
        """“项目 X” in a 支出 table is the field 项目名称, “项目 年度目标” the dataset; the word after decides."""
        return SHORT.get(word) in self.dimensions(own) and following not in self.schema.measures(word) and SHORT.get(following, following) not in self.dimensions(word)

    def _check(self, name: str, values: list[str]) -> None:
        if name == "资金来源":
            for value in values:
                if value not in self.sources:
                    raise BindingError(f"没有资金来源“{value}”；可用：{'、'.join(self.sources)}{suggestion(value, list(self.sources))}")
        elif name in self.choices:
            for value in values:
                if value not in self.choices[name]:
                    allowed = list(self.choices[name])
                    raise BindingError(f"{name}没有“{value}”；可用：{'、'.join(allowed)}{suggestion(value, allowed)}")
        elif name in CODED:
            for value in values:
                if not re.fullmatch(r"\d{3}(\d\d){0,4}", value):
                    raise BindingError(f"“{value}”不是科目编码（类 3 位、款 5 位、项 7 位）")


_BRACKETS = re.compile(r"[【\[]([^【】\[\]]*)[】\]]")


def split_text(text: str, parse: Callable[[str], Binding]) -> tuple[str | Binding, ...]:
    """A layout text as literal parts and bindings: `编制单位：【单位名称】` gives ("编制单位：", Label("单位名称")).

    Full-width 【】 and half-width [] are the same. What stands between them must be a binding.
    """
    parts: list[str | Binding] = []
    at = 0
    for found in _BRACKETS.finditer(text):
        if found.start() > at:
            parts.append(text[at : found.start()])
        parts.append(parse(found[1]))
        at = found.end()
    if at < len(text):
        parts.append(text[at:])
    return tuple(parts)
