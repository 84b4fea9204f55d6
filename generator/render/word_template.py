"""A Word template: what an officer wrote in Word, compiled once and filled for every unit.

docxtpl's patch_xml gives the Jinja source (it joins tags that Word splits over runs and lifts {%p %}, {%tr %} and {{p }} out of their
paragraphs and rows). Everything else is ours: the sandbox, the closed vocabulary, and messages that name the paragraph.

Templates are untrusted. What they may do is listed (nodes, filters, tests below); loops, ranges and the size of the result are limited.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, UndefinedError, meta, nodes, pass_context
from jinja2.exceptions import SecurityError, TemplateRuntimeError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml import etree
from markupsafe import Markup

from generator.model.chart import Chart
from generator.model.problem import PackError
from generator.model.prose import Paragraph
from generator.model.table import Table
from generator.pack.strict_yaml import suggestion
from generator.render.word_cell_style import add_cell_style
from generator.render.word_look import TITLE, centred_styles, dressed, style_sizes
from generator.render.word_package import parsed, read_parts
from generator.render.word_picture import Charts
from generator.render.word_says import MARK, paragraphs, plain_source, wrong_units
from generator.render.word_text import escaped, plain

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DOCUMENT = "word/document.xml"
CONTENTS, ALL_TABLES, ONE_TABLE, ONE_CHART = "目录", "全套表格", "表格", "图"
PROVIDED = frozenset({CONTENTS, ALL_TABLES, ONE_TABLE, ONE_CHART})

LARGEST_SOURCE = 5_000_000  # characters of a part
LARGEST_RESULT = 20_000_000  # characters of a part, tables not counted
MOST_STEPS = 50_000  # turns of all loops of a part together
MOST_RANGE = 1_000
DEEPEST = 4  # loops within loops
LONGEST_JOIN = 200_000  # characters

NODES = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.CondExpr, nodes.For),
    *(nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Neg),
    *(nodes.Filter, nodes.Test, nodes.Call, nodes.Keyword, nodes.List, nodes.Tuple, nodes.Add, nodes.Sub),
)
FILTERS = ("default", "d", "first", "join", "last", "length", "count", "list", "map", "reject", "rejectattr", "select", "selectattr", "trim")
TESTS = ("defined", "undefined", "none", "odd", "even", "string", "number", "eq", "ne", "equalto", "in", "divisibleby")
WRITTEN: dict[type[nodes.Node], str] = {  # how a node that is not allowed looks in a template
    nodes.Assign: "{% set %}",
    nodes.AssignBlock: "{% set %}",
    nodes.Macro: "{% macro %}",
    nodes.CallBlock: "{% call %}",
    nodes.FilterBlock: "{% filter %}",
    nodes.Include: "{% include %}",
    nodes.Import: "{% import %}",
    nodes.FromImport: "{% from %}",
    nodes.Extends: "{% extends %}",
    nodes.Block: "{% block %}",
    nodes.With: "{% with %}",
    nodes.Concat: "~",
    nodes.Mul: "*",
    nodes.Div: "/",
    nodes.FloorDiv: "//",
    nodes.Mod: "%",
    nodes.Pow: "**",
    nodes.Dict: "{…}",
}
ALLOWED_WORDS = "{{ 名称 }}、{% if %}、{% elif %}、{% else %}、{% for %}、比较、and/or/not，以及 | " + "、".join(FILTERS)


# --- the sandbox ------------------------------------------------------------------------------------------------------


class _Missing(StrictUndefined):
    """A name or field that is not there, said in Chinese."""

    @property
    def _undefined_message(self) -> str:
        if self._undefined_hint:
            return self._undefined_hint
        return f"没有“{self._undefined_name}”"


class _Steps:
    """How many turns the loops of one rendering may still take."""

    def __init__(self) -> None:
        self.left = MOST_STEPS

    def take(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise TemplateRuntimeError(f"循环超过 {MOST_STEPS} 次")


@pass_context
def _counted(context: Context, items: Iterable[Any]) -> Iterator[Any]:
    """Wrapped round every loop's list when the template is compiled."""
    steps: _Steps = context["_steps"]
    if isinstance(items, str):  # a forgotten _段: looping over text would print it character by character
        raise TemplateRuntimeError("{% for %} 后面要写一列东西，不能写一段文字；分段的文字写 名称_段")
    for item in items:
        steps.take()
        yield item


def _range(*numbers: int) -> range:
    """range(), never long."""
    made = range(*numbers)
    if len(made) > MOST_RANGE:
        raise TemplateRuntimeError(f"range 最多 {MOST_RANGE} 个")
    return made


def _join(items: Iterable[Any], between: str = "") -> str:
    """The filter join, never long."""
    texts, length = [], 0
    for item in items:
        if not isinstance(item, (str, int, Decimal, StrictUndefined)):
            raise TemplateRuntimeError("join 只能连接文字；先用 map 取出字段，例如 | map(attribute='名称') | join('、')")
        text = str(item)
        texts.append(text)
        length += len(text) + len(between)
        if length > LONGEST_JOIN:
            raise TemplateRuntimeError("join 的结果太长")
    return str(between).join(texts)


def _plain(value: Any) -> Any:
    """What {{ }} prints when a template is filled as plain text (word_says)."""
    if isinstance(value, Markup):
        return f"{MARK}{str(value)[9:-2]}\n"
    made = _printable(value)
    return plain(str(value)) if isinstance(made, Markup) else made


def _printable(value: Any) -> Any:
    """What {{ }} prints: text escaped here, line breaks kept; a list is a mistake of the template."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if value is None:
        return ""
    if isinstance(value, (str, int, Decimal, StrictUndefined)):
        return Markup(escaped(str(value)))
    raise TemplateRuntimeError("{{ }} 里是一列东西，不能直接印；请用 {% for %} 逐个印，或用 名称_列举")


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja with the vocabulary above and nothing else."""

    intercepted_binops = frozenset(["+", "-"])

    def __init__(self, marked_up: bool = True) -> None:
        super().__init__(autoescape=marked_up, undefined=_Missing, finalize=_printable if marked_up else _plain, keep_trailing_newline=True, cache_size=0)
        self.filters = {**{name: self.filters[name] for name in FILTERS}, "join": _join, "_counted": _counted}
        self.tests = {name: self.tests[name] for name in TESTS}
        self.globals = {"range": _range}

    def is_safe_callable(self, obj: Any) -> bool:
        return obj is _range or isinstance(obj, (Tables, Charts))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if not all(isinstance(v, (int, Decimal)) and not isinstance(v, bool) for v in (left, right)):
            raise TemplateRuntimeError(f"“{operator}”只能用在数上，例如 loop.index + 1")
        return super().call_binop(context, operator, left, right)


ENVIRONMENT = _Environment()
PLAIN = _Environment(marked_up=False)


class Tables:
    """The function 表格("预算08表") of a template: leaves a mark where the table will stand."""

    def __init__(self, places: Mapping[str, int]) -> None:
        self.places = places

    @classmethod
    def of(cls, tables: Sequence[Table]) -> Tables:
        """The tables of a set by name and number."""
        return cls({"".join(name.split()): i for i, table in enumerate(tables) for name in (table.name, table.number) if name})

    def __call__(self, number: object) -> Markup:
        key = "".join(str(number).split())
        if key not in self.places:
            raise TemplateRuntimeError(f"没有表“{number}”{suggestion(key, list(self.places))}")
        return mark(f"table {self.places[key]}")


def mark(what: str) -> Markup:
    """A processing instruction that keeps a place for what is put in after rendering; text of a cell or fact can never be one."""
    return Markup(f"<?yusuan {what}?>")


# --- one part ---------------------------------------------------------------------------------------------------------


@dataclass
class _Program:
    """One part of the template, compiled. lines: its source, a paragraph a line, to say where something is wrong."""

    file: str
    part: str
    lines: list[str]
    template: Template
    names: dict[str, int]  # what it asks for, with the line of the first use
    provided: frozenset[str]  # what it uses of what the program itself provides
    placed: frozenset[str] = frozenset()  # the tables it places one by one
    pictured: Mapping[str, int] = field(default_factory=dict)  # the pictures it places, with the line of their last use
    plain: Template | None = None  # the same as plain text, compiled when first asked for

    def where(self, line: int) -> str:
        return _where(self.file, self.part, self.lines, line)

    def says(self, variables: Mapping[str, object], headings: Mapping[str, int]) -> str:
        """The part filled as plain text, a paragraph a line (see word_says)."""
        if self.plain is None:
            name = f"{self.file}!{self.part}"
            tree = PLAIN.parse(plain_source("\n".join(self.lines), headings, PROVIDED), name, name)
            if problems := [what for _, what in _forbidden(tree)]:
                raise PackError(*(f"{self.file}：{what}" for what in dict.fromkeys(problems)))
            self.plain = _loadable(PLAIN, tree, name)
        return self._filled(self.plain, variables)

    def render(self, variables: Mapping[str, object]) -> str:
        """The part filled. PackError names the paragraph."""
        return self._filled(self.template, variables)

    def _filled(self, template: Template, variables: Mapping[str, object]) -> str:
        chunks, size = [], 0
        try:
            for chunk in template.generate({**variables, "_steps": _Steps()}):
                chunks.append(chunk)
                size += len(chunk)
                if size > LARGEST_RESULT:
                    raise TemplateRuntimeError("印出来的内容太多，请检查循环")
        except (TemplateError, TypeError, ValueError, KeyError, AttributeError, RecursionError) as e:
            line = _line_of(e.__traceback__, template.filename)
            raise PackError(f"{self.where(line)}：{_explained(e)}") from None
        return "".join(chunks)


def _where(file: str, part: str, lines: list[str], line: int) -> str:
    """The paragraph a line of the source is, cut short: 预算公开说明.docx “三、部门收支总体情况”."""
    at = "页眉" if "header" in part else "页脚" if "footer" in part else ""
    text = ""
    for i in range(min(max(line - 1, 0), len(lines) - 1), -1, -1):
        text = " ".join(html.unescape(re.sub(r"<[^<>]+>", "", lines[i])).split())
        if text or line <= 0:
            break
    shown = f"“{text if len(text) <= 60 else text[:60] + '…'}”" if text else ""
    return " ".join(part for part in (file, at, shown) if part)


def _line_of(traceback: TracebackType | None, filename: str | None) -> int:
    found = 0
    while traceback:
        if traceback.tb_frame.f_code.co_filename == filename:
            found = traceback.tb_lineno
        traceback = traceback.tb_next
    return found


def _explained(e: Exception) -> str:
    """Jinja's complaint in the officer's words."""
    text = str(e)
    if isinstance(e, UndefinedError):
        return text
    if isinstance(e, SecurityError):
        return "模板里不能用程序内部的东西"
    for pattern, meaning in (
        (r"Encountered unknown tag '(\w+)'\. (?:Jinja was looking for|You probably).*", r"不认识的标记“\1”，或者少了 {% endif %}、{% endfor %}"),
        (r"Encountered unknown tag '(\w+)'.*", r"不认识的标记“\1”"),
        (r"Unexpected end of template.*", "{% if %} 或 {% for %} 没有配对的 {% endif %}、{% endfor %}"),
        (r"unexpected char (.+?) at.*", r"标记里有不认识的字符 \1；标记里的括号、引号、逗号要用半角"),
        (r"unexpected '(.+)'", r"标记写得不对，多了“\1”"),
        (r"expected token '(.+)', got '(.+)'", r"标记写得不对，“\2”处应为“\1”"),
        (r"No filter named '(.+)'.*", rf"不认识“|\1”；可用：{'、'.join(FILTERS)}"),
        (r"No test named '(.+)'.*", rf"不认识“is \1”；可用：{'、'.join(TESTS)}"),
    ):
        if re.match(pattern, text, re.DOTALL):
            return re.sub(pattern, meaning, text, flags=re.DOTALL)
    if isinstance(e, TemplateSyntaxError):
        return f"标记写得不对（{text}）"
    if isinstance(e, RecursionError):
        return "标记套得太深"
    return text if isinstance(e, TemplateRuntimeError) else f"这里算不出来（{text}）"


def _source(xml: str) -> str:
    """The Jinja source of a part, a paragraph a line."""
    xml = re.sub(r"<w:(?:proofErr|lastRenderedPageBreak)\b[^>]*/>", "", _sections_apart(xml))
    xml = re.sub(r'<w:bookmarkStart\b[^>]*w:name="_GoBack"[^>]*/>', "", xml)
    xml = re.sub(r' w(?:14)?:(?:rsid\w*|paraId|textId)="[^"]*"', "", xml)  # loops would repeat ids that must be unique
    xml = DocxTemplate("").patch_xml(re.sub(r"<w:p(?=[ >])", "\n<w:p", xml.replace("\n", " ")))
    return re.sub(r"\{\{.*?\}\}|\{%.*?%\}", lambda m: html.unescape(m[0]), xml, flags=re.DOTALL)


def _sections_apart(xml: str) -> str:
    """Section breaks moved out of paragraphs that hold only a {%p %} or {{p }} tag: such a paragraph goes, and the break would go with it."""
    root = parsed(xml)
    for paragraph in list(root.iter(f"{W}p")):
        section = paragraph.find(f"{W}pPr/{W}sectPr")
        if section is not None and re.search(r"\{[{%]p\s", "".join(t.text or "" for t in paragraph.iter(f"{W}t"))):
            holder = etree.Element(f"{W}p")
            etree.SubElement(holder, f"{W}pPr").append(section)
            paragraph.addnext(holder)
    return etree.tostring(root, encoding="unicode")


def _compiled(file: str, part: str, xml: str) -> _Program:
    """A part with tags in it. PackError lists everything in it that is not allowed."""
    source = _source(xml)
    lines = source.split("\n")
    name = f"{file}!{part}"
    try:
        tree = ENVIRONMENT.parse(source, name, name)
    except TemplateSyntaxError as e:
        raise PackError(f"{_where(file, part, lines, e.lineno)}：{_explained(e)}") from None
    except RecursionError as e:
        raise PackError(f"{file}：{_explained(e)}") from None
    if problems := [f"{_where(file, part, lines, line)}：{what}" for line, what in _forbidden(tree)]:
        raise PackError(*dict.fromkeys(problems))
    if units := wrong_units(plain_source(source, {}, PROVIDED)):
        raise PackError(*(f"{file} 里的“{words}”单位不对：_万元 后面写“万元”，_元 后面写“元”，_幅度、_占比 后面写“%”" for words in units))
    if lost := _lost(xml, source):
        raise PackError(f"{file}{' 页眉或页脚' if part != DOCUMENT else ''} 里的“{lost}”印不出来：{{%p %}}、{{{{p }}}} 要单独成段，同一段里不能有别的文字")
    asked = meta.find_undeclared_variables(tree)
    undeclared = asked - PROVIDED
    names: dict[str, int] = {}
    for used in tree.find_all(nodes.Name):
        if used.name in undeclared:
            names.setdefault(used.name, used.lineno)
    calls = [c for c in tree.find_all(nodes.Call) if isinstance(c.node, nodes.Name) and c.node.name == ONE_TABLE]
    placed = frozenset(str(a.value) for c in calls for a in c.args if isinstance(a, nodes.Const))
    drawings = [c for c in tree.find_all(nodes.Call) if isinstance(c.node, nodes.Name) and c.node.name == ONE_CHART]
    pictured = {str(a.value): c.lineno for c in drawings for a in c.args if isinstance(a, nodes.Const)}
    try:
        made = _loadable(ENVIRONMENT, tree, name)
    except TemplateError as e:
        raise PackError(f"{_where(file, part, lines, getattr(e, 'lineno', 0) or 0)}：{_explained(e)}") from None
    return _Program(file, part, lines, made, names, PROVIDED & asked, placed, pictured)


def _lost(xml: str, source: str) -> str:
    """The first words of a part that are not in its Jinja source any more: a {%p %} takes its whole paragraph with it."""

    tags = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)

    def lines(text: str) -> list[str]:
        words = "".join("\n" if end else found for found, end in re.findall(r"<w:t(?: [^<>]*)?(?<!/)>([^<]*)|(</w:p>)", text))
        return ["".join(line.split()) for line in tags.sub("", words).split("\n")]

    kept = "".join(lines(tags.sub("", source)))
    at = 0
    for line in lines(xml):
        if not kept.startswith(line, at):
            return html.unescape(line[:60])
        at += len(line)
    return ""


def _loadable(environment: _Environment, tree: nodes.Template, name: str) -> Template:
    """A parsed template compiled, its loops counted."""
    for loop in list(tree.find_all(nodes.For)):
        loop.iter = nodes.Filter(loop.iter, "_counted", [], [], None, None, lineno=loop.lineno)
    tree.set_environment(environment)
    code = environment.compile(tree, name, name)
    return Template.from_code(environment, code, environment.make_globals(None))


def _forbidden(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    """What a template must not use: line and words."""

    def walk(node: nodes.Node, depth: int) -> Iterator[tuple[int, str]]:
        line = node.lineno
        if type(node) not in NODES:
            yield line, f"模板里不能用 {WRITTEN.get(type(node), type(node).__name__)}；可用：{ALLOWED_WORDS}"
            return
        if isinstance(node, nodes.Name) and (node.name.startswith("_") or node.name in ("self", "super", "caller", "varargs", "kwargs")):
            yield line, f"不认识“{node.name}”"
        elif isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
            yield line, f"模板里不能用程序内部的东西（{node.attr}）"
        elif isinstance(node, nodes.Filter) and node.name not in FILTERS:
            yield line, f"不认识“|{node.name}”；可用：{'、'.join(FILTERS)}{suggestion(node.name, list(FILTERS))}"
        elif isinstance(node, nodes.Test) and node.name not in TESTS:
            yield line, f"不认识“is {node.name}”；可用：{'、'.join(TESTS)}"
        elif isinstance(node, nodes.Call) and not (isinstance(node.node, nodes.Name) and node.node.name in (ONE_TABLE, ONE_CHART, "range")):
            yield line, f'只能调用 {ONE_TABLE}("表号")、{ONE_CHART}("名称") 和 range(n)'
        elif isinstance(node, nodes.For):
            depth += 1
            if depth > DEEPEST or node.recursive:
                yield line, f"{{% for %}} 套得太深，最多 {DEEPEST} 层"
        for child in node.iter_child_nodes():
            yield from walk(child, depth)

    yield from walk(tree, 0)


# --- the template -----------------------------------------------------------------------------------------------------


class WordTemplate:
    """A .docx template, read, checked and compiled. PackError when it cannot be used, with every mistake found.

    parts: the package without the parts that carry tags. headings: paragraph style id → heading level (1 for 标题 1).
    contents_styles: level → id of 目录 1 …; heading_2: the id of 标题 2, empty when the template has none.
    titles: the centred paragraph styles of large type, with their size in pt.
    """

    def __init__(self, path: Path, fonts: Mapping[str, str] | None = None) -> None:
        self.file = path.name
        self.parts = dressed(read_parts(path), fonts or {})
        self._programs: dict[str, _Program] = {}
        problems: list[str] = []
        for part in sorted(self.parts):
            if not re.fullmatch(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml", part):
                continue
            xml = re.sub(r"^<\?xml[^>]*\?>", "", self.parts[part].decode("utf-8-sig", "replace"))
            if len(xml) > LARGEST_SOURCE:
                raise PackError(f"{self.file} 太长，不像是说明模板")
            if "<?yusuan" in xml:  # our own marks: a document that carries them was not made in Word
                raise PackError(f"{self.file} 不是用 Word 做的文档；请在 Word 里另存为一个新的 .docx")
            if part == DOCUMENT and re.search(r"<w:instrText[^>]*>[^<]*\bTOC\b", xml):
                problems.append(f"{self.file} 里有 Word 自己插入的目录，页码和条目不会跟着变；请删掉它，在原处写一段 {{{{p {CONTENTS} }}}}")
            if part != DOCUMENT and not re.search(r"\{(<[^>]*>)*[{%]", xml):
                continue
            try:
                self._programs[part] = _compiled(self.file, part, xml)
            except PackError as e:
                problems += e.messages
        if problems:
            raise PackError(*problems)
        self.headings, self.contents_styles = style_ids(self.parts.get("word/styles.xml", b""))
        styles = self.parts.get("word/styles.xml", b"")
        sizes = style_sizes(styles)
        self.titles = {style: sizes[style] for style in centred_styles(styles) if sizes[style] >= TITLE}
        self.heading_2 = next((style for style, level in self.headings.items() if level == 2), "")
        add_cell_style(self.parts)
        self.even_and_odd = b"<w:evenAndOddHeaders" in self.parts.get("word/settings.xml", b"")

    def names(self) -> set[str]:
        """The names the template asks for, those the program itself provides (目录, 全套表格, 表格) left out."""
        return {name for program in self._programs.values() for name in program.names}

    @property
    def places_all(self) -> bool:
        """Whether the template places the whole set (全套表格)."""
        return ALL_TABLES in self._programs[DOCUMENT].provided

    @property
    def is_explanation(self) -> bool:
        """Whether it is a document to be read, with contents or the whole set, and not a form to be filled."""
        return not self._programs[DOCUMENT].provided.isdisjoint((CONTENTS, ALL_TABLES))

    @property
    def places(self) -> frozenset[str]:
        """The tables placed one by one: 表格("预算08表")."""
        return frozenset(name for program in self._programs.values() for name in program.placed)

    def check_names(self, known: Iterable[str]) -> None:
        """PackError lists every name the template asks for and `known` does not have, with its paragraph and the nearest known one."""
        allowed = set(known)
        wrong = [
            f"{program.where(line)} 里的“{name}”没有这个数{suggestion(name, sorted(allowed))}"
            for program in self._programs.values()
            for name, line in sorted(program.names.items(), key=lambda item: item[1])
            if name not in allowed
        ]
        if wrong:
            raise PackError(*wrong)

    def check_pictures(self, known: Iterable[str]) -> None:
        """PackError lists every picture the template places and the pack does not have."""
        names = list(known)
        wrong = [
            f"{program.where(line)} 里没有图“{name}”；可用：{'、'.join(names) or '（这套表没有图）'}{suggestion(name, names)}"
            for program in self._programs.values()
            for name, line in program.pictured.items()
            if name.strip() not in names
        ]
        if wrong:
            raise PackError(*wrong)

    def filled(self, context: Mapping[str, object], tables: Callable[[object], Markup], charts: Callable[[object], Markup]) -> dict[str, str]:
        """The parts with tags, filled; marks stand where contents, tables and pictures go. PackError names the paragraph that fails."""
        self.check_names(context)
        variables = {**context, CONTENTS: mark("contents"), ALL_TABLES: mark("all"), ONE_TABLE: tables, ONE_CHART: charts}
        return {part: program.render(variables) for part, program in self._programs.items()}

    def says(self, context: Mapping[str, object], tables: Sequence[Table], pages: Mapping[str, int] | None = None, charts: Mapping[str, Chart | None] | None = None) -> dict[str, list[Paragraph]]:
        """What the parts with tags must say for a unit, without the grids of the set's tables: what the finished file is held against."""
        variables = {**context, CONTENTS: mark("contents"), ALL_TABLES: mark("all"), ONE_TABLE: Tables.of(tables), ONE_CHART: Charts(charts)}
        said = {part: program.says(variables, self.headings) for part, program in self._programs.items()}
        drawn = [chart for chart in (charts or {}).values() if chart is not None and (self.is_explanation or f"{MARK}chart " in said[DOCUMENT])]
        return {part: paragraphs(text, tables, pages, drawn if part == DOCUMENT else (), 2 if self.heading_2 else 0) for part, text in said.items()}

    def where(self, part: str, line: int) -> str:
        """The paragraph at a line of a filled part, for a message. Lines of result and source differ once loops ran; the text is near."""
        return self._programs[part].where(line)


def style_ids(styles: bytes) -> tuple[dict[str, int], dict[int, str]]:
    """Heading styles with their levels, and the styles of the contents' levels, by the names Word gives them whatever its language."""
    headings: dict[str, int] = {}
    contents: dict[int, str] = {}
    for style in parsed(styles).iter(f"{W}style") if styles else ():
        name = style.find(f"{W}name")
        known = re.fullmatch(r"(heading|标题|toc|目录) ([1-9])", (name.get(f"{W}val") or "").strip().lower() if name is not None else "")
        if known and style.get(f"{W}type") == "paragraph":
            if known[1] in ("heading", "标题"):
                headings[style.get(f"{W}styleId", "")] = int(known[2])
            else:
                contents[int(known[2])] = style.get(f"{W}styleId", "")
    return headings, contents


@lru_cache(maxsize=64)
def _template(path: Path, stamp: tuple[int, int], fonts: tuple[tuple[str, str], ...]) -> WordTemplate:
    return WordTemplate(path, dict(fonts))


def open_template(path: Path, fonts: Mapping[str, str] | None = None) -> WordTemplate:
    """The template, compiled once in a process as long as the file stays the same. PackError as WordTemplate.

    fonts: what a pack puts in the place of the fonts the template names.
    """
    try:
        stat = path.stat()
    except OSError:
        raise PackError(f"没有模板 {path}") from None
    return _template(path.resolve(), (stat.st_mtime_ns, stat.st_size), tuple((fonts or {}).items()))
