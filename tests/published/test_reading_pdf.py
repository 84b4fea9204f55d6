"""PDF without lines around its cells, across the page, with running heads; the same columns kept with spaces in text."""

import shutil
import subprocess

import docx
import pytest
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from pypdf import PdfReader, PdfWriter

from generator.model.problem import Level
from generator.published.audit import audit
from generator.published.extract import read_published
from generator.published.extract.aligned import Word, regions, table_of
from generator.published.tables import read_tables
from tests.published.strangers import Riverside

needs_office = pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice makes the PDF")


def words(text):
    """Lines of words where two spaces part columns; a Chinese character is two wide."""
    lines = []
    for n, line in enumerate(text.strip("\n").splitlines()):
        found, at = [], 0
        for piece in line.split("  "):
            width = sum(2 if ord(c) > 255 else 1 for c in piece)
            lead = len(piece) - len(piece.lstrip())
            if piece.strip():
                found.append(Word(piece.strip(), at + lead, at + width, n * 10.0, n * 10.0 + 8))
            at += width + 2
        lines.append(found)
    return lines


PLAIN = """
支出总表
单位：万元
科目编码    科目名称              合计      2023年预算数
                                            基本支出    项目支出
            合计                  70.00     50.00       20.00
213         农林水支出            60.00     40.00       20.00
208         社会保障和就业支出    10.00     10.00
"""


def table(text, **more):
    lines = words(text)
    (region,) = regions(lines)
    return table_of(lines, region, "a.pdf", 1, **more)


def test_columns_by_the_room_between_them():
    found = table(PLAIN)
    assert [[c.text for c in row] for row in found.rows] == [
        ["科目编码", "科目名称", "合计", "2023年预算数", "2023年预算数"],
        ["科目编码", "科目名称", "合计", "基本支出", "项目支出"],
        ["", "合计", "70.00", "50.00", "20.00"],
        ["213", "农林水支出", "60.00", "40.00", "20.00"],
        ["208", "社会保障和就业支出", "10.00", "10.00", ""],
    ]
    assert [c.covered for c in found.rows[0]] == ["", "", "", "", "left"]
    assert [c.covered for c in found.rows[1]] == ["above", "above", "above", "", ""]


def test_a_label_on_two_lines_is_one():
    found = table(PLAIN.replace("208         社会保障和就业支出    10.00", "208         社会保障和就业      10.00").rstrip() + "\n            支出\n")
    assert found.rows[-1][1].text == "社会保障和就业 支出"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("合计      2023年预算数", "某某      2023年预算数"),  # fine without 合计: other headings are recognised
        ("科目编码    科目名称              合计      2023年预算数\n                                            基本支出    项目支出\n", ""),
        ("213         农林水支出            60.00", "213         农林水和其他许多事务的支出  60.00"),
        ("60.00     40.00       20.00", "60.0      40.00       20.00\n                                  0         0           0"),
    ],
)
def test_what_is_not_certain_is_not_read(old, new):
    found = table(PLAIN.replace(old, new))
    assert (found is None) == ("某某" not in new)


def test_a_table_goes_on_over_the_page():
    first = table(PLAIN)
    rest = PLAIN.split("\n")[6:]
    lines = words("\n".join(["205         教育支出              5.00      5.00", *rest]))
    (region,) = regions(lines)
    assert table_of(lines, region, "a.pdf", 2) is None
    found = table_of(lines, region, "a.pdf", 2, before=first)
    assert found.heading == 0
    assert [len(row) for row in found.rows] == [5] * 3


def test_prose_with_figures_is_no_table():
    text = "2023年收入70.00万元，  比上年增加3.00万元。\n其中基本支出  50.00万元，项目支出20.00万元。\n比上年增加  1.00万元，增长2.00%。"
    assert list(regions(words(text))) == []


def as_pdf(path, folder):
    subprocess.run(["soffice", f"-env:UserInstallation=file://{folder}/lo", "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(path)], check=True, capture_output=True, timeout=120)
    return folder / f"{path.stem}.pdf"


def unruled(folder):
    """Riverside on wide paper, its tables without any line, with a running head."""
    document = docx.Document(str(Riverside().document(folder)))
    section = document.sections[0]
    section.orientation, section.page_width, section.page_height = WD_ORIENT.LANDSCAPE, Cm(42), Cm(29.7)
    section.header.paragraphs[0].text = "临河县文化广电局2024年预算公开"
    for table in document.tables:
        table.autofit = False
        properties = table._tbl.find(qn("w:tblPr"))
        properties.remove(properties.find(qn("w:tblStyle")))
        for cell in {cell._tc: cell for row in table.rows for cell in row.cells}.values():
            cell.width = Cm(34 / len(table.columns))
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.space_after = Pt(4)
                for run in paragraph.runs:
                    run.font.size = Pt(9)
    path = folder / "无框线.docx"
    document.save(str(path))
    return path


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pdf")
    path = unruled(folder)
    return path, as_pdf(path, folder)


@needs_office
def test_tables_without_lines_are_those_of_the_word_file(pages):
    path, pdf = pages
    result = audit([pdf])
    word = read_tables(read_published(path))
    assert [(t.number, t.title, t.unit) for t in result.tables] == [(t.number, t.title, t.unit) for t in word[:-1]]  # an empty table is its heading only
    for one, other in zip(result.tables, word, strict=False):
        assert [c.figure.value for r in one.rows for c in r.cells if c.figure] == [c.figure.value for r in other.rows for c in r.cells if c.figure]
    assert [f for f in result.findings if f.level is not Level.HINT] == []
    assert len([p for p in result.documents[0].paragraphs if p.text == "临河县文化广电局2024年预算公开"]) == 1  # the running head, once


@needs_office
def test_a_page_set_across_is_read(pages, tmp_path):
    """The same pages, their text running upwards on upright paper."""
    reader, writer = PdfReader(pages[1]), PdfWriter()
    for page in reader.pages:
        writer.add_page(page)
        writer.pages[-1].rotate(90)
        writer.pages[-1].transfer_rotation_to_content()
    path = tmp_path / "横排.pdf"
    with path.open("wb") as file:
        writer.write(file)
    straight, turned = read_published(pages[1]), read_published(path)
    assert turned.unread == straight.unread
    assert [(t.title, len(t.rows), len(t.columns)) for t in read_tables(turned)] == [(t.title, len(t.rows), len(t.columns)) for t in read_tables(straight)]
