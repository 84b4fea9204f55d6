"""The explanation as a .docx: prose and tables from a template, sections, contents, properties; and what a template must not do."""

from __future__ import annotations

import os
import posixpath
import re
import shutil
import subprocess
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import docx
import pytest
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from generator.model.problem import PackError
from generator.model.table import Border, Cell, Column, Line, LineKind, Merge, Page, Style, Table
from generator.pack.library import templates_folder
from generator.render.docx import headings, open_template, render_docx

WHEN = datetime(2022, 2, 10, 8, 0)
BOX = Border("thin", "thin", "thin", "thin")
STYLES = (Style("黑体", 16, horizontal="center"), Style(border=BOX), Style(border=BOX, number_format="0.00"), Style(horizontal="right"))


@dataclass(frozen=True)
class Item:
    名称: str
    万元: str = "0.00"


def a_table(number: str, title: str, page: Page, rows: int = 3, text: str = "行政运行") -> Table:
    lines = [
        Line(LineKind.LEAD, (Cell(title), Cell())),
        Line(LineKind.LEAD, (Cell(), Cell("单位：万元", style=3))),
        Line(LineKind.HEADING, (Cell("项目", style=1), Cell("金额", style=1))),
        *(Line(LineKind.BODY, (Cell(text, style=1), Cell(None, Decimal(n * 10000), Decimal(n), 2))) for n in range(rows)),
    ]
    return Table(number, number, title, "万元", tuple(lines), (Column(("项目",), False, 30), Column(("金额",), True, 12)), (Merge(0, 0, 1, 2),), STYLES, page)


A4, A3, PORTRAIT = Page("A4", True), Page("A3", True), Page("A4", False)
SET = [a_table("预算01表", "部门收支总体情况表", A4), a_table("预算02表", "部门收入总体情况表", A4), a_table("预算08表", "基本支出明细表", A3), a_table("预算33表", "三公经费支出表", PORTRAIT)]


def template(tmp_path: Path, *paragraphs: str, pieces: int = 0, section_after: int = -1) -> Path:
    """A template as an officer would save it. pieces: every paragraph split into runs of so many characters, as Word does."""
    made = docx.Document()
    for i, text in enumerate(paragraphs):
        style, _, rest = text.partition("|") if text.startswith("#") else ("", "", text)
        paragraph = made.add_paragraph(style=f"Heading {len(style)}" if style else None)
        for part in [rest[k : k + pieces] for k in range(0, len(rest), pieces)] if pieces else [rest]:
            paragraph.add_run(part)
        if i == section_after:
            made.add_section(WD_SECTION.NEW_PAGE)
    path = tmp_path / "说明.docx"
    made.save(str(path))
    return path


def rendered(path: Path, tables: Sequence[Table] = SET, /, **context: object) -> bytes:
    return render_docx(open_template(path), context, tables, created=WHEN)


def opened(data: bytes) -> docx.document.Document:
    return docx.Document(BytesIO(data))


def part(data: bytes, name: str = "word/document.xml") -> str:
    return zipfile.ZipFile(BytesIO(data)).read(name).decode()


def lines_of(data: bytes) -> list[str]:
    return [p.text for p in opened(data).paragraphs if p.text]


# --- prose ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pieces", [0, 1, 3])
def test_prose_is_filled_however_word_splits_it(tmp_path: Path, pieces: int) -> None:
    path = template(
        tmp_path,
        "{{ 年度 }}年收入{{ 收入_万元 }}万元{% if 有 %}，{{ 变化 }}{% endif %}。",
        "{%p for 项 in 清单 %}",
        "{{ loop.index }}.{{ 项.名称 }}{{ 项.万元 }}万元",
        "{%p endfor %}",
        "{%p if not 有 %}",
        "不印",
        "{%p endif %}",
        pieces=pieces,
    )
    data = rendered(path, (), 年度="2022", 收入_万元="1296.69", 有=True, 变化="与2021年持平", 清单=[Item("甲", "1.00"), Item("乙", "2.00")])
    assert lines_of(data) == ["2022年收入1296.69万元，与2021年持平。", "1.甲1.00万元", "2.乙2.00万元"]


def test_facts_stand_as_they_are(tmp_path: Path) -> None:
    odd = "甲<b>&“乙”{{ 7*7 }} {% endif %} <?yusuan all?>\x07"
    data = rendered(template(tmp_path, "前{{ a }}后", "{{ b }}"), a=odd, b="一\n二")
    assert lines_of(data) == ["前" + odd.removesuffix("\x07") + "后", "一\n二"]


def test_cells_stand_as_they_are_and_swallow_nothing(tmp_path: Path) -> None:
    odd = "a<w:p> & {{ 7*7 }} {%p if x %} <?yusuan contents?>"
    data = rendered(template(tmp_path, "前", "{{p 全套表格 }}", "后"), [a_table("预算01表", "表题<一>&{{ 1 }}", A4, text=odd)])
    assert lines_of(data)[:2] == ["前", "预算01表 表题<一>&{{ 1 }}"]
    assert lines_of(data)[-1] == "后"
    assert opened(data).tables[0].cell(1, 0).text == odd


def test_text_beside_a_tag_that_takes_its_paragraph_away_is_refused(tmp_path: Path) -> None:
    """Word users write “{%p if 有 %}本年……”; the paragraph, and the text with it, would never be printed."""
    with pytest.raises(PackError, match=re.escape("说明.docx 里的“本年没有安排。”印不出来：{%p %}、{{p }} 要单独成段")):
        open_template(template(tmp_path, "前", "{%p if not 有 %}本年没有安排。", "后", "{%p endif %}"))
    open_template(template(tmp_path, "{% if a < 3 %}甲{% else %}<乙>{% endif %}", "{%p if b %}", "丙&{{ c }}", "{%p endif %}", pieces=2))


@pytest.mark.parametrize("words", ["收入{{ 收入总计_元 }}万元", "收入{{ 收入总计_万元 }}元", "增长{{ 收入总计_幅度 }}。", "占{{ 采购_占比 }}万元", "{{ 项.元 }}万元"])
def test_a_figure_with_another_unit_than_its_own_is_refused(tmp_path: Path, words: str) -> None:
    with pytest.raises(PackError, match="单位不对"):
        open_template(template(tmp_path, words, pieces=4))


def test_a_figure_with_its_own_unit_is_fine(tmp_path: Path) -> None:
    open_template(template(tmp_path, "{{ a_万元 }}万元、{{ a_元 }}元、{{ a_元 }}、{{ a_幅度 }}%、{{ a_占比 }}个百分点、{{ 编制数 }}名", "{% if a_上年_万元 != '0.00' %}万{% endif %}"))


def test_what_a_template_says_is_known_without_word(tmp_path: Path) -> None:
    path = template(tmp_path, "#|{{ 年度 }}年", "{{p 目录 }}", "{%p for 项 in 清单 %}", "{{ loop.index }}.{{ 项.名称 }}", "{%p endfor %}", '{{p 表格("预算01表") }}', "末<&", pieces=3)
    context = {"年度": "2022", "清单": [Item("甲\n乙"), Item("\x02contents{{ 7 }}")]}
    said = open_template(path).says(context, SET, {"_Toc100001": 1, "_Toc100002": 3})["word/document.xml"]
    assert [(p.level, p.text) for p in said] == [
        *((1, "2022年"), (0, "2022年\t1"), (0, "预算01表 部门收支总体情况表\t3"), (0, "1.甲\v乙"), (0, "2.contents{{ 7 }}")),
        *((2, "预算01表 部门收支总体情况表"), (0, "单位：万元"), (0, "末<&")),
    ]


def test_headers_and_footers_are_filled_too(tmp_path: Path) -> None:
    made = docx.Document()
    made.sections[0].header.paragraphs[0].text = "{{ 单位名称 }}"
    made.add_paragraph("正文")
    made.save(str(tmp_path / "t.docx"))
    data = rendered(tmp_path / "t.docx", 单位名称="某局<A>")
    assert opened(data).sections[0].header.paragraphs[0].text == "某局<A>"
    with pytest.raises(PackError, match=re.escape("t.docx 页眉 “{{ 单位名称 }}” 里的“单位名称”没有这个数；是不是“单位简称”？")):
        rendered(tmp_path / "t.docx", 单位简称="x")


# --- names ------------------------------------------------------------------------------------------------------------


def test_names_are_known_before_anything_is_rendered(tmp_path: Path) -> None:
    path = template(tmp_path, "{{ 三公经费_万 }}和{{ 年度 }}", "{%p for 段 in 职责_段 %}", "{{ 段 }}{{ loop.index }}", "{%p endfor %}", "{{p 目录 }}", "{{p 全套表格 }}", '{{p 表格("预算01表") }}')
    made = open_template(path)
    assert made.names() == {"三公经费_万", "年度", "职责_段"}
    made.check_names({"三公经费_万", "年度", "职责_段"})
    with pytest.raises(PackError) as e:
        made.check_names({"三公经费_万元", "年度"})
    assert e.value.messages == (
        "说明.docx “{{ 三公经费_万 }}和{{ 年度 }}” 里的“三公经费_万”没有这个数；是不是“三公经费_万元”？",
        "说明.docx “{% for 段 in 职责_段 %}” 里的“职责_段”没有这个数",
    )


def test_a_template_is_compiled_once(tmp_path: Path) -> None:
    path = template(tmp_path, "{{ a }}")
    assert open_template(path) is open_template(path)


# --- attacks and mistakes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "says"),
    [
        ("{{ ''.__class__.__mro__ }}", "不能用程序内部的东西"),
        ("{{ a['__class__'] }}", "不能用程序内部的东西"),
        ("{{ l[0].__init__.__globals__ }}", "不能用程序内部的东西"),
        ("{{ l | map(attribute='__class__') | join }}", "不能用程序内部的东西"),
        ("{{ a | attr('__class__') }}", "不认识“|attr”"),
        ("{{ a.format(1) }}", "只能调用"),
        ("{{ cycler(1) }}", "只能调用"),
        ("{{ self }}", "不认识“self”"),
        ("{{ _steps }}", "不认识“_steps”"),
        ("{% for i in range(10**9) %}{% endfor %}", "模板里不能用 **"),
        ("{% for i in range(1000000000) %}{% endfor %}", "range 最多 1000 个"),
        ("{% for i in range(999) %}{% for j in range(999) %}{% for k in range(999) %}{% endfor %}{% endfor %}{% endfor %}", "循环超过"),
        ("{% for i in l %}{% for i in l %}{% for i in l %}{% for i in l %}{% for i in l %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}", "套得太深"),
        ("{{ 'a' * 1000000000 }}", "模板里不能用 *"),
        ("{{ a ~ a }}", "模板里不能用 ~"),
        ("{{ a + a }}", "只能用在数上"),
        ("{{ a | center(1000000000) }}", "不认识“|center”"),
        ("{{ '%1000000000d' % 1 }}", "模板里不能用 %"),
        ("{% set x = 1 %}", "模板里不能用 {% set %}"),
        ("{% include '/etc/passwd' %}", "模板里不能用 {% include %}"),
        ("{% import 'os' as os %}", "模板里不能用 {% import %}"),
        ("{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}", "套得太深"),
        ("{{ l[0].缺 }}", "没有“缺”"),
        ("{{ l }}", "不能直接印"),
        ("{% for c in a %}{{ c }}{% endfor %}", "不能写一段文字"),
        ("{% if a %}甲", "没有配对的"),
        ("{% iff a %}", "不认识的标记“iff”"),
        ("{{ 表格（'x'） }}", "要用半角"),
        ("{{p 表格('预算80表') }}", "没有表“预算80表”；是不是“预算08表”？"),
        ("{{ 全套表格 }}", "要在正文里单独成段，写作 {{p 全套表格 }}"),
        ("甲{{ 目录 }}", "要在正文里单独成段"),
    ],
)
def test_what_a_template_must_not_do(tmp_path: Path, tag: str, says: str) -> None:
    path = template(tmp_path, "开头", tag, "结尾")
    start = time.monotonic()
    with pytest.raises(PackError) as e:
        rendered(path, a="字", l=[Item("甲")])
    assert time.monotonic() - start < 5
    assert says in str(e.value)
    assert str(e.value).startswith("说明.docx")
    if "单独成段" not in says and len(tag) < 60:
        assert re.sub(r"\{([{%])p ", r"{\1 ", tag) in str(e.value)  # the paragraph is named


def test_a_huge_result_is_refused(tmp_path: Path) -> None:
    path = template(tmp_path, "{% for i in range(1000) %}{% for j in range(40) %}" + "长" * 600 + "{% endfor %}{% endfor %}")
    with pytest.raises(PackError, match="印出来的内容太多"):
        rendered(path)


def test_all_mistakes_of_a_template_in_one_go(tmp_path: Path) -> None:
    with pytest.raises(PackError) as e:
        open_template(template(tmp_path, "{{ a | upper }}", "{% set x = 1 %}", "{{ b | lower }}"))
    assert len(e.value.messages) == 3


def test_paragraph_tags_that_cut_through_the_document_are_named(tmp_path: Path) -> None:
    made = docx.Document()
    cell = made.add_table(1, 1).cell(0, 0)
    cell.text = "{%p if 有 %}"
    made.add_paragraph("{%p endif %}")
    made.save(str(tmp_path / "t.docx"))
    with pytest.raises(PackError, match="不是合法的 Word 文档"):
        rendered(tmp_path / "t.docx", 有=False)


def edited(tmp_path: Path, change: dict[str, tuple[str, str]], extra: dict[str, str] | None = None) -> Path:
    """A template with parts changed by hand."""
    source = template(tmp_path, "{{ a }}")
    target = tmp_path / "改过.docx"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name in change:
                data = data.replace(change[name][0].encode(), change[name][1].encode(), 1)
            new.writestr(name, data)
        for name, text in (extra or {}).items():
            new.writestr(name, text)
    return target


@pytest.mark.parametrize(
    ("change", "extra", "says"),
    [
        ({"word/document.xml": ("<w:r>", '<w:ins w:id="1" w:author="张三"><w:r/></w:ins><w:r>')}, {}, "里还有修订"),
        ({}, {"word/comments.xml": "<w:comments><w:comment w:id='1'/></w:comments>"}, "里还有批注"),
        ({}, {"word/vbaProject.bin": "x"}, "有宏或控件"),
        ({"word/styles.xml": ("?>", '?><!DOCTYPE a [<!ENTITY b "c">]>')}, {}, "带有 DTD"),
        (
            {"word/_rels/document.xml.rels": ("</Relationships>", '<Relationship Id="x" Type="t/image" Target="http://evil/a.png" TargetMode="External"/></Relationships>')},
            {},
            "引用了外部文件（http://evil/a.png）",
        ),
        ({"word/document.xml": ("<w:r>", '<w:r><w:instrText> TOC \\o "1-3" </w:instrText></w:r><w:r>')}, {}, "Word 自己插入的目录"),
        ({"word/document.xml": ("<w:r>", "<?yusuan table 99?><w:r>")}, {}, "不是用 Word 做的文档"),
    ],
)
def test_templates_that_cannot_be_published(tmp_path: Path, change: dict[str, tuple[str, str]], extra: dict[str, str], says: str) -> None:
    with pytest.raises(PackError, match=re.escape(says)):
        open_template(edited(tmp_path, change, extra))


def test_files_that_are_no_templates(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(b"\xd0\xcf\x11\xe0 old .doc")
    with zipfile.ZipFile(tmp_path / "b.docx", "w") as z:
        z.writestr("x", "y")
    with zipfile.ZipFile(tmp_path / "c.docx", "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("word/document.xml", b"0" * 50_000_000)
    for name, says in (("a.docx", "打不开：不是 .docx"), ("b.docx", "不是 Word 文档"), ("c.docx", "解压后太大"), ("d.docx", "没有模板")):
        with pytest.raises(PackError, match=re.escape(says)):
            open_template(tmp_path / name)


# --- sections ---------------------------------------------------------------------------------------------------------


def pages_of(data: bytes) -> list[tuple[str, str]]:
    names = {(210, 297): "A4纵", (297, 210): "A4横", (420, 297): "A3横"}
    return [(names[round(s.page_width.mm), round(s.page_height.mm)], str(s.orientation).split()[0]) for s in opened(data).sections]  # type: ignore[union-attr]


def with_footer(path: Path, *, start: int = 1) -> Path:
    made = docx.Document(str(path))
    section = made.sections[-1]
    section.page_width, section.page_height = docx.shared.Mm(210), docx.shared.Mm(297)
    made.settings.odd_and_even_pages_header_footer = True
    section.footer.paragraphs[0].text, section.even_page_footer.paragraphs[0].text = "单", "双"
    number = OxmlElement("w:pgNumType")
    number.set(qn("w:start"), str(start))
    section._sectPr.append(number)
    made.save(str(path))
    return path


def test_tables_come_in_sections_of_their_paper(tmp_path: Path) -> None:
    path = with_footer(template(tmp_path, "第二部分", "{{p 全套表格 }}"))
    data = rendered(path)
    assert pages_of(data) == [("A4纵", "PORTRAIT"), ("A4横", "LANDSCAPE"), ("A3横", "LANDSCAPE"), ("A4纵", "PORTRAIT")]
    sections = opened(data).sections
    assert [s.footer.paragraphs[0].text for s in sections] == ["单"] * 4
    assert [s.even_page_footer.paragraphs[0].text for s in sections] == ["双"] * 4
    starts = [s._sectPr.find(qn("w:pgNumType")) for s in sections]
    assert [None if n is None else n.get(qn("w:start")) for n in starts] == ["1", None, None, None]  # numbering goes on
    assert all(s.orientation == (WD_ORIENT.LANDSCAPE if s.page_width > s.page_height else WD_ORIENT.PORTRAIT) for s in sections)  # type: ignore[operator]
    for table, width in zip(opened(data).tables, [s.page_width - s.left_margin - s.right_margin for i, s in enumerate(sections) for _ in range((0, 2, 1, 1)[i])], strict=True):  # type: ignore[operator]
        assert table._tbl.tblPr.find(qn("w:tblW")).get(qn("w:w")) == str(round(width / 635))


def test_text_after_the_tables_goes_on_in_its_own_section(tmp_path: Path) -> None:
    path = with_footer(template(tmp_path, "前", "{{p 全套表格 }}", "后"))
    data = rendered(path, SET[:1])
    assert pages_of(data) == [("A4纵", "PORTRAIT"), ("A4横", "LANDSCAPE"), ("A4纵", "PORTRAIT")]
    assert lines_of(data)[-1] == "后"
    assert opened(data).sections[2]._sectPr.find(qn("w:pgNumType")).get(qn("w:start")) is None


def test_tables_at_the_start_of_a_section_leave_no_empty_page(tmp_path: Path) -> None:
    path = with_footer(template(tmp_path, "封面", "{{p 全套表格 }}", section_after=0), start=5)
    data = rendered(path, SET[:1])
    assert [s.orientation for s in opened(data).sections] == [WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE]
    assert opened(data).sections[1]._sectPr.find(qn("w:pgNumType")).get(qn("w:start")) == "5"


def test_a_section_break_in_the_paragraph_of_a_tag_survives(tmp_path: Path) -> None:
    """Word keeps a section's properties in its last paragraph, which here is the tag's and goes away with it."""
    made = docx.Document()
    made.add_paragraph("甲")
    last = made.add_paragraph("{{p 目录 }}")
    made.add_section(WD_SECTION.NEW_PAGE)
    holder = last._p.getnext()
    last._p.get_or_add_pPr().append(holder.pPr.find(qn("w:sectPr")))
    made.element.body.remove(holder)
    made.add_paragraph("乙")
    made.save(str(tmp_path / "t.docx"))
    assert len(docx.Document(str(tmp_path / "t.docx")).sections) == 2
    assert len(opened(rendered(tmp_path / "t.docx")).sections) == 2


def test_one_table_in_the_text(tmp_path: Path) -> None:
    path = template(tmp_path, "如下：", "{{p 表格(“预算33表”) }}")  # Word makes such quotes by itself
    data = rendered(path)
    body = [e.tag.split("}")[1] for e in opened(data).element.body]
    assert body == ["p", "p", "p", "tbl", "p", "sectPr"]
    assert len(opened(data).sections) == 1
    width = opened(data).sections[0]
    assert opened(data).tables[0]._tbl.tblPr.find(qn("w:tblW")).get(qn("w:w")) == str(round((width.page_width - width.left_margin - width.right_margin) / 635))  # type: ignore[operator]


def test_a_table_too_wide_for_the_text_gets_pages_of_its_own(tmp_path: Path) -> None:
    """In a portrait section its type would be under 7 pt; the text before and after stays portrait."""
    wide = replace(SET[0], page=Page("A4", True), columns=tuple(replace(c, width=80.0) for c in SET[0].columns))
    path = template(tmp_path, "如下：", f'{{{{p 表格("{wide.number}") }}}}', "以上。")
    data = render_docx(open_template(path), {}, [wide], created=WHEN)
    sections = opened(data).sections
    assert [s.page_width > s.page_height for s in sections] == [False, True, False]  # type: ignore[operator]
    text = [p.text for p in opened(data).paragraphs]
    assert text.index("如下：") < text.index("以上。")


def test_no_tables_no_sections(tmp_path: Path) -> None:
    data = rendered(template(tmp_path, "前", "{{p 全套表格 }}"), ())
    assert lines_of(data) == ["前"]
    assert len(opened(data).sections) == 1


# --- contents ---------------------------------------------------------------------------------------------------------


def contents_template(tmp_path: Path) -> Path:
    return template(tmp_path, "{{p 目录 }}", "#|第一部分 {{ 单位名称 }}", "##|一、概况", "正文", "####|太深", "#|第二部分", "{{p 全套表格 }}")


def test_contents_link_to_every_heading_and_table(tmp_path: Path) -> None:
    data = rendered(contents_template(tmp_path), 单位名称="甲&乙局")
    found = headings(data)
    assert [h.text for h in found] == ["第一部分 甲&乙局", "一、概况", "第二部分", *(f"{t.number} {t.title}" for t in SET)]
    xml = part(data)
    for heading in found:
        assert len(re.findall(f'<w:bookmarkStart [^>]*w:name="{heading.bookmark}"', xml)) == 1
        assert f'w:anchor="{heading.bookmark}"' in xml
        assert f" PAGEREF {heading.bookmark} \\h " in xml
    ids = re.findall(r'<w:bookmarkStart [^>]*w:id="(\d+)"', xml)
    assert len(ids) == len(set(ids)) == len(re.findall("<w:bookmarkEnd ", xml))
    assert xml.count('w:fldCharType="begin"') == xml.count('w:fldCharType="separate"') == xml.count('w:fldCharType="end"') == len(found) + 1
    headed = {p.text: p.style.name for p in opened(data).paragraphs if p.style is not None and p.style.name.startswith("Heading")}
    assert {f"{t.number} {t.title}": "Heading 2" for t in SET}.items() <= headed.items()


def test_page_numbers_are_filled_in_or_asked_for(tmp_path: Path) -> None:
    path = contents_template(tmp_path)
    without = rendered(path, 单位名称="x")
    assert part(without).count('w:dirty="true"') == 1
    assert "updateFields" not in part(without, "word/settings.xml")
    pages = {h.bookmark: 10 + i for i, h in enumerate(headings(without))}
    filled = render_docx(open_template(path), {"单位名称": "x"}, SET, created=WHEN, pages=pages)
    assert 'w:dirty="true"' not in part(filled)
    assert re.findall(r"PAGEREF (\w+) .*?separate\"/></w:r><w:r><w:t>(\d+)</w:t>", part(filled)) == [(k, str(v)) for k, v in pages.items()]


# --- the file ---------------------------------------------------------------------------------------------------------


def test_same_input_same_bytes(tmp_path: Path) -> None:
    path = contents_template(tmp_path)
    first = rendered(path, 单位名称="x")
    time.sleep(0.01)
    assert rendered(path, 单位名称="x") == first
    other = tmp_path / "副本"
    other.mkdir()
    shutil.copy(path, other / path.name)
    assert rendered(other / path.name, 单位名称="x") == first
    for info in zipfile.ZipFile(BytesIO(first)).infolist():
        assert info.date_time == (1980, 1, 1, 0, 0, 0)
        assert info.create_system == 0


def test_properties_name_no_person(tmp_path: Path) -> None:
    made = docx.Document(str(template(tmp_path, "甲")))
    made.core_properties.author = made.core_properties.last_modified_by = "张三"
    made.save(str(tmp_path / "t.docx"))
    data = rendered(tmp_path / "t.docx", 单位名称="某<局>", 年度="2022")
    core = opened(data).core_properties
    assert (core.title, core.author, core.last_modified_by, core.language) == ("某<局>2022年部门预算公开", "", "", "zh-CN")
    assert core.created == core.modified
    assert (core.created.year, core.created.month, core.created.day) == (2022, 2, 10)
    assert "张三" not in "".join(zipfile.ZipFile(BytesIO(data)).read(n).decode("utf-8", "replace") for n in zipfile.ZipFile(BytesIO(data)).namelist())


def test_parts_are_well_formed_and_declared(tmp_path: Path) -> None:
    data = rendered(contents_template(tmp_path), 单位名称="x")
    with zipfile.ZipFile(BytesIO(data)) as archive:
        names = set(archive.namelist())
        assert archive.namelist()[:2] == ["[Content_Types].xml", "_rels/.rels"]
        declared = set(re.findall(r'PartName="/([^"]+)"', archive.read("[Content_Types].xml").decode()))
        assert declared <= names
        for rels in (n for n in names if n.endswith(".rels")):
            base = rels.split("_rels/")[0]
            for target in re.findall(r'Target="([^"]+)"(?![^>]*External)', archive.read(rels).decode()):
                whole = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(base, target))
                assert whole in names, (rels, target)
        assert not any("thumbnail" in n or "comments" in n for n in names)


def test_a_draft_says_so_on_every_page(tmp_path: Path) -> None:
    path = with_footer(template(tmp_path, "第二部分", "{{p 全套表格 }}"))
    data = render_docx(open_template(path), {}, SET, created=WHEN, watermark="草稿")
    assert 'string="草稿"' in part(data, "word/header_watermark.xml")
    for section in opened(data).sections:
        assert "草稿" in section.header._element.xml
        assert "草稿" in section.even_page_header._element.xml
    assert "草稿" not in "".join(part(rendered(path), n) for n in zipfile.ZipFile(BytesIO(rendered(path))).namelist() if n.endswith("xml"))


# --- the county's template, and how it prints -------------------------------------------------------------------------

PINGJIANG = templates_folder() / "docx" / "pingjiang-2022" / "预算公开说明.docx"


class Everything(dict[str, object]):
    """A context for any template: the names it asks for, filled by their kind. zero: a unit with no money at all."""

    def __init__(self, names: set[str], zero: bool, empty: Sequence[Table]) -> None:
        super().__init__()
        for name in names:
            if name.endswith(("_有", "_有变化")) or name == "有机关运行经费":
                self[name] = not zero
            elif name in ("空表", "套表"):
                self[name] = [Item(t.title) for t in (empty if name == "空表" else SET)]
            elif name.endswith("_段"):
                self[name] = [] if zero else [f"{name}一", f"{name}二"]
            elif name == "名词解释":
                self[name] = [type("Term", (), {"名称": "基本支出", "文字": "指……"})()]
            elif f"{name}_列举" in names or name.endswith(("清单", "分项")):
                self[name] = [] if zero else [Item("甲", "1.00")]
            else:
                self[name] = {"年度": "2022", "上年度": "2021", "单位名称": "平江县某局"}.get(name, "0.00" if name.endswith(("万元", "元")) else "" if zero else f"〔{name}〕")


def test_the_county_template_uses_only_names_the_facts_have() -> None:
    facts = pytest.importorskip("generator.build.facts")
    packs = pytest.importorskip("generator.pack.pack")
    try:
        pack = packs.load_pack("pingjiang-2022")
    except PackError as e:
        pytest.skip(f"套表包还读不了：{e}")
    open_template(PINGJIANG).check_names(facts.known_names(pack))


@pytest.mark.parametrize("zero", [False, True])
def test_the_county_template_prints_whole_sentences(zero: bool) -> None:
    made = open_template(PINGJIANG)
    data = render_docx(made, Everything(made.names(), zero, [] if zero else SET[:1]), SET, created=WHEN)
    text = "\n".join(lines_of(data))
    for wrong in ("{{", "{%", "增（减）", "XX", "待填", "，。", "。。", "，，", "、。", "None", "True", "False"):
        assert wrong not in text, wrong
    for heading in ("一、部门基本概况", "（一）职能职责", "（二）机构设置", "二、部门预算单位构成", "三、部门收支总体情况", "（一）收入预算", "（二）支出预算", "四、一般公共预算拨款支出预算"):
        assert heading in text
    for heading in ("（1）机关运行经费", "（2）“三公”经费预算", "（3）一般性支出情况", "（4）政府采购情况", "（5）国有资产占有使用情况", "（7）政府性基金情况说明", "六、名词解释"):
        assert heading in text
    assert ("没有安排政府采购预算" in text) is zero
    assert ("不属于机关运行经费的统计范围" in text) is zero
    assert ("均按空表公开" in text) is not zero


def test_the_county_template_keeps_the_official_page(tmp_path: Path) -> None:
    first = docx.Document(str(PINGJIANG))
    section = first.sections[-1]
    assert [round(x.mm) for x in (section.page_width, section.page_height, section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)] == [210, 297, 37, 35, 28, 26]  # type: ignore[union-attr]
    assert first.settings.odd_and_even_pages_header_footer
    normal = first.styles["Normal"]
    assert normal.element.rPr.rFonts.get(qn("w:eastAsia")) == "仿宋"
    assert normal.font.size.pt == 16
    assert normal.paragraph_format.line_spacing.pt == pytest.approx(28.95, abs=0.01)
    assert [s.footer.is_linked_to_previous for s in first.sections] == [True, True, False]  # no number on cover and contents


@pytest.mark.skipif(shutil.which("soffice") is None or shutil.which("pdftotext") is None, reason="没有 LibreOffice 或 pdftotext，不能看印出来的样子")
def test_every_table_is_printed_in_order(tmp_path: Path) -> None:
    tables = [*SET, replace(a_table("预算09表", "跨页的表", A4, rows=90), name="预算09表")]
    made = open_template(PINGJIANG)
    context = Everything(made.names(), False, tables[:1])
    (tmp_path / "t.docx").write_bytes(render_docx(made, context, tables, created=WHEN, pages={}))
    home = f"-env:UserInstallation=file://{tmp_path}/profile"
    subprocess.run(
        ["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(tmp_path / "t.docx")],
        check=True,
        capture_output=True,
        timeout=300,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    text = subprocess.run(["pdftotext", "-layout", str(tmp_path / "t.pdf"), "-"], check=True, capture_output=True, text=True, timeout=60).stdout
    pages = [re.sub(r"\s+", "", page) for page in text.split("\f")]
    where = [next(i for i, page in enumerate(pages) if page.startswith(f"{t.number}{t.title}")) for t in tables]  # each at the head of a page
    assert where == sorted(where)
    assert len(set(where)) == len(tables)
    listing = "".join(pages[1 : where[0]])
    assert [t.number for t in sorted(tables, key=lambda t: listing.index(t.number + t.title))] == [t.number for t in tables]  # and in the contents
    assert "项目金额" in pages[where[-1] + 1]  # the heading repeats on the second page
    numbers = [int(m[1]) for page in pages if (m := re.search(r"—(\d+)—$", page))]
    assert numbers == list(range(1, len(numbers) + 1))
    assert not any(page == "" or re.fullmatch(r"—\d+—", page) for page in pages[:-1])  # no blank pages
