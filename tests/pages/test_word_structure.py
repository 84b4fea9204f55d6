"""The structure of every finished explanation as Word and WPS read it: styles, sections, fields, tables. Needs no office."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

import pytest
from lxml import etree

from generator import run
from generator.render.docx import headings
from tests.pages.stress import stress_pack, stress_workbook
from tests.support import SAMPLES, sample

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
MM = 1440 / 25.4


@pytest.fixture(scope="module", params=[*SAMPLES, "stress"])
def parts(request, tmp_path_factory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp(request.param)
    stress = request.param == "stress"
    checked = run.check(stress_workbook(folder / "大单位.xlsx") if stress else sample(request.param), str(stress_pack(folder)) if stress else "")
    data = next(data for name, data in run.documents(checked, False).items() if name.endswith(".docx"))
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()} | {"": data}


@pytest.fixture(scope="module")
def body(parts) -> etree._Element:
    return etree.fromstring(parts["word/document.xml"]).find(f"{W}body")


def number(element: etree._Element, path: str, name: str) -> int:
    found = element.find("/".join(W + step for step in path.split("/")))
    assert found is not None, path
    return int(found.get(W + name))


def styles(parts) -> dict[str, etree._Element]:
    """By the name Word knows them by, whatever its language."""
    return {s.find(f"{W}name").get(f"{W}val"): s for s in etree.fromstring(parts["word/styles.xml"]).iter(f"{W}style")}


def look(parts, name: str) -> tuple[str, float]:
    """Font and size of a style."""
    style = styles(parts)[name]
    return style.find(f"{W}rPr/{W}rFonts").get(f"{W}eastAsia"), number(style, "rPr/sz", "val") / 2


def test_levels_are_words_own_headings_in_official_type(parts, body):
    assert look(parts, "heading 1") == ("方正小标宋简体", 22)
    assert look(parts, "heading 2") == ("黑体", 16)
    assert look(parts, "heading 3") == ("楷体", 16)
    assert look(parts, "Normal") == ("仿宋", 16)
    used = {p.find(f"{W}pPr/{W}pStyle").get(f"{W}val") for p in body.iter(f"{W}p") if p.find(f"{W}pPr/{W}pStyle") is not None}
    for level in (1, 2):
        style = styles(parts)[f"heading {level}"]
        assert number(style, "pPr/outlineLvl", "val") == level - 1
        assert style.get(f"{W}styleId") in used, "the headings of the text are real headings"


def test_lines_have_a_fixed_height_and_22_fill_the_page(parts, body):
    normal = styles(parts)["Normal"]
    spacing = normal.find(f"{W}pPr/{W}spacing")
    assert (spacing.get(f"{W}line"), spacing.get(f"{W}lineRule")) == ("579", "exact")
    for section in text_sections(body):
        size, margins = section.find(f"{W}pgSz"), section.find(f"{W}pgMar")
        across = int(size.get(f"{W}w")) - sum(int(margins.get(f"{W}{side}")) for side in ("left", "right"))
        down = int(size.get(f"{W}h")) - sum(int(margins.get(f"{W}{side}")) for side in ("top", "bottom"))
        assert abs(across - 156 * MM) < 3
        assert abs(down - 225 * MM) < 3
        assert number(section, "docGrid", "linePitch") == 579
        assert down // 579 == 22
        spacing = int(normal.find(f"{W}rPr/{W}spacing").get(f"{W}val"))
        assert across // (320 + spacing) == 28, "28 characters of 16 pt a line"


def text_sections(body) -> list[etree._Element]:
    """The sections that came from the template: they have a document grid."""
    return [s for s in body.iter(f"{W}sectPr") if s.find(f"{W}docGrid") is not None]


def test_sections_of_tables_lie_as_their_paper_and_page_numbers_go_on(parts, body):
    sections = list(body.iter(f"{W}sectPr"))
    numbered = [s for s in sections if s.find(f"{W}footerReference") is not None]
    starts = [s for s in sections if s.find(f"{W}pgNumType") is not None and s.find(f"{W}pgNumType").get(f"{W}start")]
    assert len(starts) == 1, "numbers begin once"
    assert starts[0] is numbered[0]
    assert not [s for s in sections[: sections.index(numbered[0])] if s.find(f"{W}footerReference") is not None], "cover and contents carry none"
    for section in numbered:
        assert {f.get(f"{W}type") for f in section.findall(f"{W}footerReference")} >= {"default", "even"}, "outer side"
        size = section.find(f"{W}pgSz")
        across, down = (int(size.get(f"{W}{k}")) for k in "wh")
        assert (across > down) == (size.get(f"{W}orient") == "landscape")
        assert {across, down} in ({11906, 16838}, {16838, 23811})
    assert b"<w:evenAndOddHeaders" in parts["word/settings.xml"]
    footers = [parts[n].decode() for n in parts if re.fullmatch(r"word/footer\d+\.xml", n)]
    assert sum(" PAGE " in f for f in footers) >= 2
    assert all("— " in f and " —" in f for f in footers if " PAGE " in f)


def test_contents_are_a_field_whose_entries_lead_to_headings(parts, body):
    listed = headings(parts[""])
    xml = parts["word/document.xml"].decode()
    if not listed:
        assert "TOC" not in xml
        return
    assert xml.count(' TOC \\o "1-3" \\h \\z \\u ') == 1
    names = {b.get(f"{W}name") for b in body.iter(f"{W}bookmarkStart")}
    assert {h.bookmark for h in listed} <= names
    assert [xml.count(f" PAGEREF {h.bookmark} \\h ") for h in listed] == [1] * len(listed)
    opened, closed = (xml.count(f'w:fldCharType="{kind}"') for kind in ("begin", "end"))
    assert opened == closed


def test_tables_are_such_as_word_and_wps_lay_out_alike(body):
    assert not list(body.iterfind(f".//{W}tbl//{W}tbl")), "no table in a table"
    for table in body.iter(f"{W}tbl"):
        properties = table.find(f"{W}tblPr")
        assert properties.find(f"{W}tblLayout").get(f"{W}type") == "fixed"
        grid = [int(c.get(f"{W}w")) for c in table.find(f"{W}tblGrid")]
        assert sum(grid) == number(table, "tblPr/tblW", "w")
        assert properties.find(f"{W}tblCaption").get(f"{W}val"), "a screen reader's name for it"
        for row in table.findall(f"{W}tr"):
            assert row.find(f"{W}trPr/{W}cantSplit") is not None
            at = 0
            for cell in row.findall(f"{W}tc"):
                span = cell.find(f"{W}tcPr/{W}gridSpan")
                columns = int(span.get(f"{W}val")) if span is not None else 1
                assert number(cell, "tcPr/tcW", "w") == sum(grid[at : at + columns])
                at += columns
            assert at == len(grid)


def test_headings_of_tables_repeat_and_keep_with_their_first_line(body):
    seen = 0
    for table in body.iter(f"{W}tbl"):
        rows = table.findall(f"{W}tr")
        heads = [row for row in rows if row.find(f"{W}trPr/{W}tblHeader") is not None]
        assert heads == rows[: len(heads)], "only the first rows"
        for row in heads if len(heads) < len(rows) else []:
            assert all(p.find(f"{W}pPr/{W}keepNext") is not None for p in row.iter(f"{W}p"))
        seen += bool(heads)
        above = table.getprevious()
        while above is not None and above.tag == f"{W}p" and above.find(f"{W}pPr/{W}keepNext") is not None:
            above = above.getprevious()
        assert table.getprevious().find(f"{W}pPr/{W}keepNext") is not None, "what stands above stays with it"
    assert seen or len(list(body.iter(f"{W}tbl"))) <= 7, "all but the forms have headings"


def test_text_is_chinese_and_the_document_has_a_title(parts):
    lang = etree.fromstring(parts["word/styles.xml"]).find(f"{W}docDefaults/{W}rPrDefault/{W}rPr/{W}lang")
    assert (lang.get(f"{W}val"), lang.get(f"{W}eastAsia")) == ("en-US", "zh-CN")
    core = parts["docProps/core.xml"].decode()
    assert re.search("<dc:title>[^<]*部门预算公开</dc:title>", core)
    assert "<dc:language>zh-CN</dc:language>" in core


def test_every_run_names_its_font_for_chinese_and_latin(parts, body):
    for fonts in body.iter(f"{W}rFonts"):
        assert all(fonts.get(f"{W}{kind}") for kind in ("ascii", "hAnsi", "eastAsia"))
