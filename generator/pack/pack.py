"""A pack: everything about one county's set, read, checked and compiled once, then shared by all units of a run."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path

import msgspec

from generator.model.amount import YUAN_PER_UNIT
from generator.model.problem import PackError, Place
from generator.model.table import LineKind, Page
from generator.pack import layout as layouts
from generator.pack import strict_yaml
from generator.pack.audit_rules import AuditChange, AuditFile, changed, read_audit_rules
from generator.pack.binding import JOINED, Binding, BindingError, Figure, Sum, Vocabulary, split_text
from generator.pack.charts import ChartSpec, chart_figures, wrong_charts
from generator.pack.codes import Code, CodeList, read_codes, read_mapping
from generator.pack.layout import Layout, LayoutBook, TableEntry
from generator.pack.library import Library, locate
from generator.pack.rounding import Rounding, wrong_rounding
from generator.pack.schema import Schema, load_schema
from generator.pack.strict_yaml import suggestion

UNITS = (*YUAN_PER_UNIT, "人")
NATURES = ("一般公共预算", "政府性基金", "国有资本经营", "财政专户", "单位资金", "结转")  # which budget a source belongs to
LINE_FIELDS = (  # what every line or title can print beside the fields of the records
    *("表号", "表名", "年度", "上年度", "金额单位", "序号", "名称", "编码", "类", "款", "项"),
    *("功能科目编码", "功能科目名称", "部门经济编码", "部门经济名称", "政府经济编码", "政府经济名称"),
    *("单位编码", "单位名称", "单位简称", "主管部门编码", "主管部门名称", "项目名称", "申报名称", "项目类别代码", "中文序号", "起止时间", "指标序号", "完整指标值", "单位联系电话"),
)
LEVEL_WORDS = ("合计", "归口", "主管部门", "单位", "功能类", "功能款", "功能项", "部门经济类", "部门经济款", "政府经济类", "政府经济款", "项目", "来源", "明细")


class Source(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An income source as this county names it. nature: which budget it belongs to, inherited downwards; group: a heading only, never typed."""

    name: str
    under: str = ""
    nature: str = ""
    aliases: list[str] = []
    group: bool = False


class Choice(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An allowed value of a drop-down. code: as some tables print it; kind: 行政参公 or 事业, for the mapping of economic items."""

    value: str
    code: str = ""
    kind: str = ""
    aliases: list[str] = []


CODE_KINDS = ("功能科目", "部门经济", "政府经济")


class CodeFiles(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Which edition of the code lists this year uses: files in templates/codes, later ones laid over earlier ones."""

    functional: list[str]
    department: str
    government: str
    mapping: str
    mapping_editions: list[str]


class ExtraCode(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A code a county adds or names its own way. list: 功能科目, 部门经济 or 政府经济."""

    kind: str = msgspec.field(name="list")
    code: str
    name: str


class FactSpec(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A figure the explanation speaks of. figure: a binding; unit: how it is printed; reason: the 事项 that explains its change; of: the fact it is a part of, for _占比.
    stock: what there is on a day (资产、负债), not what is spent: its change never speaks of 安排."""

    figure: str
    unit: str = "万元"
    reason: str = ""
    of: str = ""
    stock: bool = False


class ListingSpec(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A list the explanation runs through: the records of `figure` grouped `by` a level word (部门经济款, 项目, 功能项 …)."""

    figure: str
    by: str
    unit: str = "万元"


class TextSpec(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A text the clerk writes. hint: what to write; required: 总是, 有增减 (of the fact that names it as its reason) or empty."""

    name: str
    hint: str = ""
    required: str = ""


class Term(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An entry of 名词解释 and when it is needed."""

    name: str
    text: str
    when: list[str] = []


class Glossary(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """templates/packs/glossary.yaml."""

    terms: list[Term] = []


class RuleSpec(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One rule switched on: its id, the kind that knows how to check it, its level, basis and settings.

    instead_of: what the reader calls a doubt of its own (年度) that this rule tells with more evidence: at the same cell only the rule speaks.
    """

    id: str
    kind: str
    level: str = "错误"
    basis: str = ""
    params: dict[str, object] = {}
    instead_of: str = ""


class Licence(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Under what terms the open data may be used. name: an id of the Open Definition's list; path: where the terms can be read."""

    name: str = "notspecified"
    title: str = "依照《中华人民共和国政府信息公开条例》主动公开"
    path: str = ""


class PackFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """templates/packs/<pack>.yaml as written. A pack that extends another replaces whole items, key by key of these mappings.

    fonts: a font that layouts and Word templates name → the one to print instead; 数字字母: the text's figures and Latin letters.
    """

    name: str = ""
    extends: str = ""
    region: str = ""
    year: str = ""
    codes: CodeFiles | None = None
    code_additions: list[ExtraCode] = []
    complete_codes: list[str] = []  # lists that lack no code: 功能科目, 部门经济, 政府经济; a code they do not have is an error
    sources: list[Source] = []
    sub_items: dict[str, list[str]] = {}
    lists: dict[str, list[Choice]] = {}
    defaults: dict[str, str] = {}
    thresholds: dict[str, str] = {}
    sentences: dict[str, str] = {}
    facts: dict[str, FactSpec] = {}
    listings: dict[str, ListingSpec] = {}
    texts: list[TextSpec] = []
    rules: list[RuleSpec] = []
    terms: list[Term] = []
    folder: str = "{年度}{单位名称}"
    fonts: dict[str, str] = {}
    rounding: Rounding | None = None
    charts: dict[str, ChartSpec] = {}
    show_charts: str = ""
    licence: Licence | None = None
    audit: list[AuditChange] = []


@dataclass(frozen=True, slots=True, eq=False)  # as the pack
class TableSpec:
    """One table of the set, compiled. levels: the row dimensions from outside in, each one or more words."""

    number: str
    title: str
    kind: str
    dataset: str
    levels: tuple[tuple[str, ...], ...]
    filter: Figure
    unit: str
    zero: str
    zero_rows: bool
    empty_text: tuple[str | Binding, ...]
    empty_place: str
    empty_amount: str
    empty_topic: str
    each: str
    page: Page
    layout: Layout
    place: Place
    apart: bool = False  # 每份 项目分表: each form on a sheet of its own in Excel

    @property
    def name(self) -> str:
        """The sheet's name."""
        return self.number


@dataclass(frozen=True, eq=False)  # a pack is only itself, so that what is worked out from one can be kept by it
class Pack:
    """A set of tables ready to build. `file` is the merged YAML; `documents` are the Word templates;
    `files` everything the pack was read from, for hashes."""

    id: str
    library: Library
    file: PackFile
    schema: Schema
    tables: tuple[TableSpec, ...] = ()
    glossary: tuple[Term, ...] = ()
    facts: dict[str, Figure | Sum] = field(default_factory=dict)
    listings: dict[str, Figure] = field(default_factory=dict)
    documents: tuple[Path, ...] = ()
    files: tuple[Path, ...] = ()

    @cached_property
    def audit_rules(self) -> AuditFile:
        """What the audit holds documents against: the shipped rules with this pack's changes. PackError when a change is wrong."""
        return changed(read_audit_rules(self.library.root / "audit" / "rules.yaml"), self.file.audit, f"{self.id}.yaml")

    @property
    def rounding(self) -> Rounding:
        return self.file.rounding or Rounding()

    @cached_property
    def sources(self) -> dict[str, Source]:
        return {s.name: s for s in self.file.sources}

    @cached_property
    def below(self) -> dict[str, frozenset[str]]:
        """Each source with all that lie below it, itself included."""
        tree: dict[str, set[str]] = {name: {name} for name in self.sources}
        for name in self.sources:
            parent = self.sources[name].under
            while parent:
                tree[parent].add(name)
                parent = self.sources[parent].under
        return {name: frozenset(names) for name, names in tree.items()}

    def nature(self, source: str) -> str:
        """Which budget a source belongs to: 一般公共预算, 政府性基金, …; empty when nobody said."""
        while source:
            if self.sources[source].nature:
                return self.sources[source].nature
            source = self.sources[source].under
        return ""

    @cached_property
    def functional(self) -> CodeList:
        return self._codes("功能科目", self._files.functional)

    @cached_property
    def department(self) -> CodeList:
        return self._codes("部门经济", [self._files.department])

    @cached_property
    def government(self) -> CodeList:
        return self._codes("政府经济", [self._files.government])

    @cached_property
    def mapping(self) -> dict[tuple[str, str], str]:
        return read_mapping(self.library.codes(self._files.mapping), tuple(self._files.mapping_editions))

    @property
    def _files(self) -> CodeFiles:
        if self.file.codes is None:
            raise PackError(f"{self.id}.yaml 没有写 codes（用哪一年的科目表）")
        return self.file.codes

    def _codes(self, kind: str, names: list[str]) -> CodeList:
        extra = [Code(c.code, c.name) for c in self.file.code_additions if c.kind == kind]
        codes = read_codes(*(self.library.codes(n) for n in names))
        return codes.with_(extra) if extra else codes

    @cached_property
    def subject_names(self) -> frozenset[str]:
        """Every name that this year's code lists have."""
        return frozenset(n for codes in (self.functional, self.department, self.government) for c in codes.values() for n in (c.name, *c.aliases))

    def choices(self, name: str) -> list[Choice]:
        return self.file.lists.get(name, [])

    def choice(self, name: str, value: str) -> Choice | None:
        return next((c for c in self.choices(name) if value == c.value or value in c.aliases or value == c.code != ""), None)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        fields = {f for d in self.schema.datasets for f in self.schema.fields(d)} | {c.name for s in self.schema.sheets for c in s.lines}
        texts = {t.name for t in self.file.texts}
        choices = {c.name: tuple(x.value for x in self.choices(c.choice_list)) for s in self.schema.sheets for c in s.columns if c.choice_list}
        choices["资金性质"] = NATURES
        choices["子项"] = tuple(item for items in self.file.sub_items.values() for item in items)
        return Vocabulary(self.schema, tuple(self.sources), frozenset({*LINE_FIELDS, *fields, *texts}), choices, LEVEL_WORDS)

    @cached_property
    def chart_figures(self) -> dict[str, Figure]:
        """What the pictures that show parts of a whole are of."""
        return chart_figures(self.file.charts, self.vocabulary)

    def table(self, number: str) -> TableSpec | None:
        return next((t for t in self.tables if t.number == number), None)


def load_pack(pack: str, near: Path | None = None) -> Pack:
    """The pack (an id, a folder or a zip), checked whole: PackError lists everything that is wrong with it, before any unit's data is read."""
    pack_id, library = locate(pack, near)
    file = _merged(pack_id, library)
    schema = load_schema(library.shared("master.yaml"))
    bare = Pack(pack_id, library, file, schema)
    problems: list[str] = []
    _check_sources(bare, problems)
    _check_codes(bare, problems)
    if problems:
        raise PackError(*problems)
    family = [pack_id, *_ancestors(pack_id, library)]
    book: LayoutBook | None = None
    for member in family:  # layouts a pack does not have itself are those of the pack it extends
        if path := library.xlsx(member):
            opened = layouts.open_book(path)
            if book is None:
                book = opened
            else:
                book.sheets.update({name: sheet for name, sheet in opened.sheets.items() if name not in book.sheets})
    if book is None:
        raise PackError(f"套表“{pack_id}”没有表样工作簿 {pack_id}.xlsx")
    tables = tuple(t for entry in book.entries if (t := _table(bare, book, entry, problems)))
    _check_numbers(tables, problems)
    facts, listings = _facts(bare, problems)
    levels = [w for w in LEVEL_WORDS if w not in ("合计", "明细")]
    if file.audit:
        try:
            _ = bare.audit_rules
        except PackError as e:
            problems += e.messages
    problems += wrong_charts(f"{pack_id}.yaml", file.show_charts, file.charts, bare.vocabulary, facts, levels)
    problems += wrong_rounding(f"{pack_id}.yaml", bare.rounding, {**facts, **listings}, tables, schema)
    if problems:
        raise PackError(*problems)
    glossary = library.shared("glossary.yaml")
    terms = {t.name: t for t in (strict_yaml.load(glossary, Glossary).terms if glossary.exists() else [])} | {t.name: t for t in file.terms}
    documents = next((found for member in family if (found := library.documents(member))), [])
    return Pack(pack_id, library, file, schema, tables, tuple(terms.values()), facts, listings, tuple(documents), tuple(pack_files(pack, near)))


def pack_files(pack: str, near: Path | None = None) -> list[Path]:
    """Every file a pack is made of, for hashes: its own, those of the packs it extends, schema, glossary, code lists."""
    pack_id, library = locate(pack, near)
    found: list[Path] = [library.shared("master.yaml"), library.shared("glossary.yaml"), *sorted((library.root / "codes").glob("*.csv"))]
    if library.own is not None:
        found += sorted(library.own.glob("*.csv"))
    for member in (pack_id, *_ancestors(pack_id, library)):
        found += [p for p in (library.yaml(member), library.xlsx(member)) if p] + library.documents(member)
    return [p for p in found if p.is_file()]


def _ancestors(pack_id: str, library: Library) -> list[str]:
    """The packs it extends, nearest first. PackError when one is missing or they go round in a circle."""
    found: list[str] = []
    at, own = pack_id, library.yaml(pack_id)
    while own is not None:
        parent = _extends(own)
        if not parent:
            break
        if parent in (pack_id, *found):
            raise PackError(f"{pack_id}.yaml 的 extends 绕回了自己：{' → '.join((pack_id, *found, parent))}")
        own = library.yaml(parent)
        if own is None:
            raise PackError(f"{at}.yaml extends 的“{parent}”不存在")
        found.append(parent)
        at = parent
    return found


def _extends(path: Path) -> str:
    """The key `extends` alone: asked for at every build, so the file is not parsed whole for it."""
    try:
        found = re.search(r"^extends:[ \t]*['\"]?([^\s'\"#]+)", path.read_text(encoding="utf-8-sig", errors="replace"), re.M)
    except OSError:
        return ""
    return found[1] if found else ""


def _merged(pack_id: str, library: Library) -> PackFile:
    """The pack's YAML laid over those it extends: mappings key by key, texts and rules by name, all else whole."""
    chain = [pack_id, *_ancestors(pack_id, library)]
    files = [strict_yaml.load(path, PackFile) for member in chain if (path := library.yaml(member))]
    merged = files[-1]
    for file in reversed(files[:-1]):
        merged = _laid_over(file, merged)
    return merged


def _laid_over(file: PackFile, parent: PackFile) -> PackFile:
    merged: dict[str, object] = {}
    for name in PackFile.__struct_fields__:
        own, theirs = getattr(file, name), getattr(parent, name)
        if isinstance(own, dict):
            merged[name] = {**theirs, **own}
        elif name == "extends":
            merged[name] = own
        elif name in ("texts", "rules", "terms"):  # lists of named items: a same-named one is replaced, others are added
            key = "id" if name == "rules" else "name"
            merged[name] = list({getattr(item, key): item for item in [*theirs, *own]}.values())
        elif name == "audit":  # changes of shipped rules: the parent's first, then these over them
            merged[name] = [*theirs, *own]
        else:
            default = "{年度}{单位名称}" if name == "folder" else ""
            merged[name] = own if own not in (None, [], "", default) else theirs
    return PackFile(**merged)  # type: ignore[arg-type]  # field by field of the same struct


def _check_codes(pack: Pack, problems: list[str]) -> None:
    files = pack.file.codes
    for name in [*files.functional, files.department, files.government, files.mapping] if files else []:
        if not pack.library.codes(name).is_file():
            known = pack.library.code_lists()
            problems.append(f"{pack.id}.yaml codes 没有科目表“{name}”；可用：{'、'.join(known)}{suggestion(name, known)}")
    for name in pack.file.complete_codes:
        if name not in CODE_KINDS:
            problems.append(f"{pack.id}.yaml complete_codes 不认识“{name}”；可用：{'、'.join(CODE_KINDS)}{suggestion(name, list(CODE_KINDS))}")


def _check_sources(pack: Pack, problems: list[str]) -> None:
    names = [s.name for s in pack.file.sources]
    for source in pack.file.sources:
        if source.under and source.under not in names:
            problems.append(f"{pack.id}.yaml 资金来源“{source.name}”的上级“{source.under}”不存在{suggestion(source.under, names)}")
        if source.nature and source.nature not in NATURES:
            problems.append(f"{pack.id}.yaml 资金来源“{source.name}”的 nature“{source.nature}”不认识；可用：{'、'.join(NATURES)}{suggestion(source.nature, list(NATURES))}")
        if names.count(source.name) > 1:
            problems.append(f"{pack.id}.yaml 资金来源“{source.name}”写了两次")
    for source in pack.file.sources:
        chain, at = [source.name], source.under
        while at and not problems:
            if at in chain:
                problems.append(f"{pack.id}.yaml 资金来源“{source.name}”的上级绕回了自己")
                break
            chain.append(at)
            at = pack.sources[at].under


def _table(pack: Pack, book: LayoutBook, entry: TableEntry, problems: list[str]) -> TableSpec | None:
    before = len(problems)

    def wrong(key: str, message: str) -> None:
        problems.append(f"{entry.place(key)} {message}")

    number, title = entry["表号"], entry["表名"]
    if not number or not title:
        wrong("表号", "表号和表名都要写")
    if "【" in title:
        wrong("表名", "表名照印，里面的【】不会换成内容；年度写在表样的标题格里，例如【年度】年【表名】")
    dataset = entry["数据"] or "支出"
    if dataset not in pack.schema.datasets:
        wrong("数据", f"不认识数据“{dataset}”；可用：{'、'.join(pack.schema.datasets)}{suggestion(dataset, pack.schema.datasets)}")
        return None
    kind = entry["种类"] or "交叉表"
    if kind not in layouts.TABLE_KINDS:
        wrong("种类", f"不认识种类“{kind}”；可用：{'、'.join(layouts.TABLE_KINDS)}{suggestion(kind, list(layouts.TABLE_KINDS))}")
    unit = entry["金额单位"] or "万元"
    if unit not in UNITS:
        wrong("金额单位", f"不认识金额单位“{unit}”；可用：{'、'.join(UNITS)}")
    zero = entry["零值"] or "空白"
    if zero not in layouts.ZERO:
        wrong("零值", f"不认识零值写法“{zero}”；可用：{'、'.join(layouts.ZERO)}")
    place = entry["无数据位置"] or "名称列"
    if place not in layouts.EMPTY_PLACES:
        wrong("无数据位置", f"不认识“{place}”；可用：{'、'.join(layouts.EMPTY_PLACES)}")
    levels = tuple(tuple(level.split()) for level in entry["行"].replace("／", "/").split("/") if level.strip())
    allowed = [*LEVEL_WORDS, *pack.schema.fields(dataset), *JOINED]
    for word in (w for level in levels for w in level):
        if word not in allowed:
            wrong("行", f"不认识行“{word}”；可用：{'、'.join(LEVEL_WORDS)}，或字段名{suggestion(word, allowed)}")
    chosen = Figure()
    if entry["范围"]:
        try:
            binding = pack.vocabulary.parse(entry["范围"], dataset)
            if isinstance(binding, Figure):
                chosen = binding
            else:
                wrong("范围", f"“{entry['范围']}”不能作范围；范围写口径，例如“类型 基本支出 且 部门经济 301”")
        except BindingError as e:
            wrong("范围", str(e))
    said: tuple[str | Binding, ...] = ()
    try:
        said = split_text(entry["无数据时"], lambda words: pack.vocabulary.parse(words, dataset))
    except BindingError as e:
        wrong("无数据时", str(e))
    sheet = entry["工作表"] or number
    if sheet not in book.sheets:
        wrong("工作表", f"没有工作表“{sheet}”；现有：{'、'.join(book.sheets)}{suggestion(sheet, list(book.sheets))}")
        return None
    each, apart = entry["每份"].removesuffix("分表"), entry["每份"].endswith("分表")
    if each not in ("", "单位", "项目") or (apart and not each):
        wrong("每份", f"不认识“{entry['每份']}”；可用：单位、项目，各印一张工作表写 单位分表、项目分表")
    layout = layouts.read_layout(book, sheet, dataset, pack.vocabulary, problems, pack.file.fonts)
    _check_layout(pack, layout, kind, levels, book.file, problems)
    if len(problems) > before:
        return None
    page = layout.page
    if paper := entry["纸张"]:
        if paper not in ("A4横", "A4纵", "A3横", "A3纵"):
            wrong("纸张", f"不认识纸张“{paper}”；可用：A4横、A4纵、A3横、A3纵")
            return None
        page = Page(paper[:2], paper[2] == "横", page.margins)
    return TableSpec(
        number=number,
        title=title,
        kind=kind,
        dataset=dataset,
        levels=levels,
        filter=chosen,
        unit=unit,
        zero=zero,
        zero_rows=entry["零行"] == "印",
        empty_text=said,
        empty_place=place,
        empty_amount=entry["无数据金额"],
        empty_topic=entry["空表事项"],
        each=each,
        page=page,
        layout=layout,
        place=entry.place("表号"),
        apart=apart,
    )


def _check_layout(pack: Pack, layout: Layout, kind: str, levels: tuple[tuple[str, ...], ...], file: str, problems: list[str]) -> None:
    words = [line.word for line in layout.lines]
    if kind in ("交叉表", "清单表"):
        if words.count(LineKind.BODY) != 1:
            problems.append(f"{Place(file, layout.name)} {kind}要有且只有一行“正文”，现在有 {words.count(LineKind.BODY)} 行")
        elif not levels:
            problems.append(f"{Place(file, layout.name)} {kind}要在“套表”里写“行”，例如“合计 / 单位 / 功能项”")
    elif not any(w in (layouts.FIXED, layouts.REPEAT) for w in words):
        problems.append(f"{Place(file, layout.name)} {kind}至少要有一行“固定行”")
    body = next((i for i, w in enumerate(words) if w in (LineKind.BODY, layouts.FIXED, layouts.TOTALS, layouts.REPEAT)), len(words))
    for top, left, rows, _columns in layout.merges:
        if top < body < top + rows and words[top] in (LineKind.HEADING, LineKind.NUMBERS, LineKind.LEAD):
            problems.append(f"{layout.lines[top].cells[left].place} 合并单元格从表头跨进了正文")


def _check_numbers(tables: tuple[TableSpec, ...], problems: list[str]) -> None:
    seen: dict[str, Place] = {}
    for table in tables:
        if table.number in seen:
            problems.append(f"{table.place} 表号“{table.number}”重复，{seen[table.number].cell} 已有")
        seen[table.number] = table.place
        if len(table.number) > (26 if table.apart else 31) or any(c in table.number for c in r"[]:*?/\'"):
            problems.append(f"{table.place} 表号“{table.number}”不能作工作表名（最多 31 字，不含 [ ] : * ? / \\ '）")


def _facts(pack: Pack, problems: list[str]) -> tuple[dict[str, Figure | Sum], dict[str, Figure]]:
    facts: dict[str, Figure | Sum] = {}
    listings: dict[str, Figure] = {}
    for kind, specs in (("facts", pack.file.facts), ("listings", pack.file.listings)):
        for name, spec in specs.items():
            if not spec.figure:  # a pack that has no use for an inherited one drops it so
                continue
            try:
                binding = pack.vocabulary.parse(spec.figure, "支出")
            except BindingError as e:
                problems.append(f"{pack.id}.yaml {kind}·{name} {e}")
                continue
            if isinstance(binding, Figure) and kind == "listings":
                listings[name] = binding
            elif isinstance(binding, (Figure, Sum)) and kind == "facts":
                facts[name] = binding
            else:
                problems.append(f"{pack.id}.yaml {kind}·{name} “{spec.figure}”不是一个数")
    for name, spec in pack.file.facts.items():
        if spec.of and spec.of not in pack.file.facts:
            problems.append(f"{pack.id}.yaml facts·{name} 的 of“{spec.of}”不是一个数{suggestion(spec.of, list(pack.file.facts))}")
    for name, value in pack.file.thresholds.items():
        try:
            Decimal(value)
        except InvalidOperation:
            problems.append(f"{pack.id}.yaml thresholds·{name} “{value}”不是数")
    return facts, listings
