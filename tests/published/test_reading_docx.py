"""Word files as people make them: tracked changes, frames, text boxes, automatic numbers, tables within tables."""

import re

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from generator.published.audit import audit
from generator.published.extract import read_published
from generator.published.model import Grid
from generator.published.tables import read_tables

ROWS = [
    ("科目编码", "科目名称", "合计", "基本支出", "项目支出"),
    ("", "合计", "70.00", "50.00", "20.00"),
    ("213", "农林水支出", "60.00", "40.00", "20.00"),
    ("208", "社会保障和就业支出", "10.00", "10.00", ""),
]


def fill(table, rows=ROWS):
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            table.cell(r, c).text = text
    return table


def document_of(tmp_path, build):
    document = docx.Document()
    build(document)
    path = tmp_path / "某县水务局2023年部门预算公开.docx"
    document.save(path)
    return path


def head(document):
    document.add_paragraph("某县水务局2023年部门预算公开")
    document.add_paragraph("支出总表")
    document.add_paragraph("单位：万元")


def insert(tag, text):
    return parse_xml(f'<w:{tag} {nsdecls("w")} w:id="9" w:author="a"><w:r><w:{"delText" if tag == "del" else "t"}>{text}</w:{"delText" if tag == "del" else "t"}></w:r></w:{tag}>')


def test_tracked_changes_count_as_accepted(tmp_path):
    def build(document):
        head(document)
        table = fill(document.add_table(len(ROWS) + 1, 5), [*ROWS, ("205", "教育支出", "999.00", "999.00", "")])
        table.rows[-1]._tr.get_or_add_trPr().append(parse_xml(f'<w:del {nsdecls("w")} w:id="1" w:author="a"/>'))
        cell = table.cell(1, 2).paragraphs[0]
        cell.runs[0].text = "7"
        cell._p.append(insert("del", "9.99"))
        cell._p.append(insert("ins", "0.00"))

    path = document_of(tmp_path, build)
    (table,) = read_tables(read_published(path))
    assert [r.cells[2].text for r in table.rows] == ["70.00", "60.00", "10.00"]
    assert audit([path]).findings == []


def test_a_table_within_a_table_that_only_places_it(tmp_path):
    def build(document):
        head(document)
        outer = document.add_table(1, 1)
        fill(outer.cell(0, 0).add_table(len(ROWS), 5))

    (table,) = read_tables(read_published(document_of(tmp_path, build)))
    assert (table.title, len(table.rows), len(table.columns)) == ("支出总表", 3, 5)


def test_a_small_table_within_a_form_stays_its_text(tmp_path):
    def build(document):
        head(document)
        outer = fill(document.add_table(len(ROWS), 5))
        inner = outer.cell(2, 1).add_table(1, 2)
        inner.cell(0, 0).text = "其中"

    grids = [b for b in read_published(document_of(tmp_path, build)).blocks if isinstance(b, Grid)]
    assert len(grids) == 1
    assert "其中" in grids[0].rows[2][1].text


BOX = '<w:p {ns}><w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice Requires="wps">{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r></w:p>'


def test_a_text_box_is_read_once(tmp_path):
    def build(document):
        box = "<w:txbxContent><w:p><w:r><w:t>单位：万元</w:t></w:r></w:p></w:txbxContent>"
        document.add_paragraph("支出总表")
        document.element.body.insert(-1, parse_xml(BOX.format(ns=nsdecls("w"), box=box)))
        table = fill(document.add_table(len(ROWS), 5))
        table.cell(1, 1)._tc.append(parse_xml(BOX.format(ns=nsdecls("w"), box=box.replace("单位：万元", "（框）"))))

    document = read_published(document_of(tmp_path, build))
    assert [p.text for p in document.paragraphs] == ["支出总表", "单位：万元"]
    (table,) = read_tables(document)
    assert table.unit_printed
    assert table.rows[0].cells[1].text == "合计\n（框）"


NUMBERING = """<w:numbering {ns}>
<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="（%2）"/></w:lvl>
<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%3."/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num></w:numbering>"""


def numbered(document, text, level, number=1):
    paragraph = document.add_paragraph(text)
    paragraph._p.get_or_add_pPr().append(parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'))


def test_automatic_numbers_are_text_and_open_sections(tmp_path):
    def build(document):
        part = document.part.numbering_part
        part._element = parse_xml(NUMBERING.format(ns=nsdecls("w")))
        for text, level, number in [("部门职责", 0, 1), ("拟订规划", 1, 1), ("分工", 2, 1), ("编制年报", 1, 1), ("点", 0, 2), ("名词解释", 0, 1), ("基本支出", 1, 1)]:
            numbered(document, text, level, number)
        document.add_paragraph("指人员和运转的开支")

    document = read_published(document_of(tmp_path, build))
    assert [p.text for p in document.paragraphs] == ["一、部门职责", "（一）拟订规划", "1.分工", "（二）编制年报", "点", "二、名词解释", "（一）基本支出", "指人员和运转的开支"]
    assert document.blocks[-1].spot.part == "（一）基本支出"


def test_headers_footers_and_what_cannot_be_read(tmp_path):
    def build(document):
        head(document)
        fill(document.add_table(len(ROWS), 5))
        document.sections[0].header.paragraphs[0].text = "某县水务局2022年部门预算公开"
        document.sections[0].footer.paragraphs[0].text = "— 3 —"
        document.element.body.insert(
            -1, parse_xml(f'<w:p {nsdecls("w")}><w:r><w:object><o:OLEObject xmlns:o="urn:schemas-microsoft-com:office:office" ProgID="Excel.Sheet.12"/></w:object></w:r></w:p>')
        )

    path = document_of(tmp_path, build)
    result = audit([path])
    assert [p.text for p in result.documents[0].paragraphs if p.spot.part == "页眉页脚"] == ["某县水务局2022年部门预算公开"]
    assert any("1 个嵌入的对象" in t for t in result.unchecked)
    assert result.about.year == 2023


@pytest.mark.parametrize(("text", "value"), [("７０．００", "70.00"), ("　70.00", "70.00"), ("70,00", None), ("—", None), ("(3.00)", "-3.00"), ("70.00%", None), ("1,070.00", "1070.00")])
def test_how_people_write_numbers(tmp_path, text, value):
    def build(document):
        head(document)
        fill(document.add_table(len(ROWS), 5), [*ROWS[:3], ("208", "社会保障和就业支出", text, "", "")])

    path = document_of(tmp_path, build)
    (table,) = read_tables(read_published(path))
    cell = table.rows[2].cells[2]
    assert (str(cell.figure.value) if cell.figure else None) == value
    if value is None and re.search(r"\d", text):
        assert cell in table.faults


def test_content_controls_and_hyperlinks_are_looked_through(tmp_path):
    def build(document):
        head(document)
        table = fill(document.add_table(len(ROWS), 5))
        body = document.element.body
        tbl = table._tbl
        sdt = parse_xml(f"<w:sdt {nsdecls('w')}><w:sdtContent/></w:sdt>")
        body.replace(tbl, sdt)
        sdt.find(qn("w:sdtContent")).append(tbl)
        cell = table.cell(1, 2).paragraphs[0]._p
        run = cell.find(qn("w:r"))
        link = parse_xml(f"<w:hyperlink {nsdecls('w')}/>")
        cell.replace(run, link)
        link.append(run)

    (table,) = read_tables(read_published(document_of(tmp_path, build)))
    assert table.rows[0].cells[2].text == "70.00"
