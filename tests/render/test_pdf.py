"""PDF for publication: pages, bookmarks, fonts, properties, tags; and page numbers of the contents that are right."""

import json
import re
import zipfile
from datetime import datetime
from io import BytesIO

import pikepdf
import pytest

from generator import run
from generator.model.problem import UsageError
from generator.model.table import Table
from generator.render import office, pdf
from generator.render.office import Office
from generator.render.publication import publication
from tests.support import sample

NEEDS_OFFICE = pytest.mark.skipif(office.find_office() is None, reason="LibreOffice 没有装，排版的测试不跑")
WORKBOOK, EXPLANATION, BOUND = "预算公开表.pdf", "预算公开说明.pdf", "平江县行政审批服务局2022年部门预算公开.pdf"


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    if office.find_office() is None:
        pytest.skip("LibreOffice 没有装，排版的测试不跑")
    return run.build_set(sample(), tmp_path_factory.mktemp("pdf"), wanted=run.Wanted(paged=True, pdf=True))


def read(done: run.Done, name: str) -> bytes:
    return (done.folder / name).read_bytes()


def squeezed(text: str) -> str:
    return "".join(text.split())


# --- the set ----------------------------------------------------------------------------------------------------------


def test_the_contents_point_at_the_right_pages(done):
    with zipfile.ZipFile(BytesIO(read(done, "预算公开说明.docx"))) as z:
        xml = z.read("word/document.xml").decode()
    printed = {}
    for entry in re.finditer(r'<w:hyperlink w:anchor="(_Toc\d+)" w:history="1">(.*?)</w:hyperlink>', xml, re.S):
        texts = re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", entry[2])
        printed[squeezed("".join(texts[:-1]))] = int(texts[-1])
    marks = pdf.outline(read(done, EXPLANATION))
    first = marks[0][1]
    assert len(marks) > 50
    assert {squeezed(t): page - first + 1 for t, page in marks} == printed


def test_every_table_page_is_in_the_pdf_in_order(done):
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(read(done, WORKBOOK)))
    pages = [squeezed(p.extract_text()) for p in reader.pages]
    at = 1
    for table in done.checked.tables:
        hit = next((i for i in range(at, len(pages)) if squeezed(table.title) in pages[i]), None)
        assert hit is not None, table.number
        at = hit
    assert not [i for i, text in enumerate(pages) if "###" in text], "a figure too wide for its column"
    assert not [i for i, text in enumerate(pages) if not text], "an empty page"


@pytest.mark.parametrize("name", [WORKBOOK, EXPLANATION, BOUND])
def test_what_goes_out_is_tagged_archivable_and_says_nothing_of_us(done, name):
    data = read(done, name)
    assert all(pdf.fonts(data).values()), "a font that is not embedded"
    with pikepdf.open(BytesIO(data)) as document:
        assert "/StructTreeRoot" in document.Root
        assert bool(document.Root.MarkInfo.Marked)
        assert str(document.Root.Lang) == "zh-CN"
        assert "/OutputIntents" in document.Root
        assert set(document.docinfo.keys()) == {"/Title", "/Creator", "/Producer", "/CreationDate", "/ModDate"}
        assert str(document.docinfo["/Title"]).startswith("平江县行政审批服务局2022年部门预算公开")
        assert str(document.docinfo["/CreationDate"]) == f"D:{run.run_date(done.checked.master):%Y%m%d%H%M%S}Z"
        xmp = bytes(document.Root.Metadata.read_bytes()).decode()
    assert "<pdfaid:part>2</pdfaid:part>" in xmp
    assert "dc:creator" not in xmp
    assert b"/tmp/" not in data


def test_bookmarks_of_the_workbook_carry_numbers_and_titles(done):
    marks = pdf.outline(read(done, WORKBOOK))
    assert [text for text, _ in marks] == ["目录", *(f"{t.number} {t.title}" for t in done.checked.tables), "图"]


def test_the_bound_file_is_the_explanation_when_that_holds_every_table(done):
    assert pdf.outline(read(done, BOUND)) == pdf.outline(read(done, EXPLANATION))
    assert pdf.page_count(read(done, BOUND)) == pdf.page_count(read(done, EXPLANATION))


def test_run_json_knows_the_files_their_pages_and_fonts(done):
    told = json.loads(read(done, "run.json"))
    for name in (WORKBOOK, EXPLANATION, BOUND):
        assert name in told["输出"]
        assert told["PDF"][name]["页数"] == pdf.page_count(read(done, name))
        assert told["PDF"][name]["字体"]


@NEEDS_OFFICE
def test_same_input_same_bytes_whatever_the_office_did_before(tmp_path):
    with Office() as serving:
        one, two = (run.build_set(sample("performance-2021"), tmp_path / name, wanted=run.Wanted(pdf=True), office=serving) for name in "ab")
    assert [f for f in one.files if f.endswith(".pdf")] == ["预算公开表.pdf", "项目支出绩效目标申报表.pdf", "区行政审批服务局2021年部门预算公开.pdf"]
    for name in one.files:
        assert (one.folder / name).read_bytes() == (two.folder / name).read_bytes(), name


def test_an_office_that_fails_costs_the_page_numbers_and_nothing_else(tmp_path, monkeypatch):
    def fails(self, name, data, kind="pdf"):
        raise office.OfficeError("LibreOffice 没有把它转成 PDF。")

    monkeypatch.setattr(Office, "convert_bytes", fails)
    made = run.build_set(sample(), tmp_path, wanted=run.Wanted(paged=True), office=Office("/bin/true"))
    assert "目录的页码没有填上" in made.note
    assert (made.folder / "预算公开说明.docx").exists()
    with pytest.raises(office.OfficeError):
        run.build_set(sample(), tmp_path / "other", wanted=run.Wanted(pdf=True), office=Office("/bin/true"))
    assert not (tmp_path / "other").exists()


# --- binding ----------------------------------------------------------------------------------------------------------


def made_pdf(texts: list[str]) -> bytes:
    """A tagged PDF of a page a text, each with a bookmark and a tag."""
    document = pikepdf.new()
    root = document.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.StructTreeRoot, K=pikepdf.Array()))
    nums = pikepdf.Array()
    for n, _text in enumerate(texts):
        page = document.add_blank_page(page_size=(595, 842))
        page.obj.StructParents = n
        tag = document.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.StructElem, S=pikepdf.Name.P, P=root, Pg=page.obj, K=0))
        root.K.append(tag)
        nums.append(n)
        nums.append(pikepdf.Array([tag]))
    root.ParentTree = document.make_indirect(pikepdf.Dictionary(Nums=nums))
    document.Root.StructTreeRoot = root
    with document.open_outline() as outline:
        outline.root += [pikepdf.OutlineItem(text, n) for n, text in enumerate(texts)]
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def test_bound_parts_keep_bookmarks_and_tags():
    both = pdf.bound([pdf.Part("说明", made_pdf(["甲", "乙"])), pdf.Part("申报表", made_pdf(["丙", "丁", "戊"]))], "合订", datetime(2024, 3, 1))
    assert pdf.outline(both) == [("说明", 0), ("甲", 0), ("乙", 1), ("申报表", 2), ("丙", 2), ("丁", 3), ("戊", 4)]
    with pikepdf.open(BytesIO(both)) as document:
        numbers = dict(pdf._numbers(document.Root.StructTreeRoot.ParentTree))
        for page in document.pages:
            assert numbers[int(page.obj.StructParents)][0].Pg.objgen == page.obj.objgen, "a page's tags are those of another page"


def test_pages_of_a_part_bring_their_bookmarks_and_no_tags_of_other_pages():
    both = pdf.bound([pdf.Part("说明", made_pdf(["甲"])), pdf.Part("表", made_pdf(["丙", "丁", "戊"]), (2,))], "合订", datetime(2024, 3, 1))
    assert pdf.outline(both) == [("说明", 0), ("甲", 0), ("表", 1), ("戊", 1)]
    with pikepdf.open(BytesIO(both)) as document:
        assert "/StructParents" not in document.pages[1].obj


class _Laid:
    """An office that gives made PDFs."""

    def __init__(self, pages: dict[str, list[str]]) -> None:
        self.pages = pages

    def convert_bytes(self, name: str, data: bytes, kind: str = "pdf") -> bytes:
        return made_pdf(self.pages[name])


class _Template:
    def __init__(self, everything: bool, places: tuple[str, ...] = ()) -> None:
        self.places_all, self.places = everything, frozenset(places)


def table(number: str) -> Table:
    return Table(number, number, f"{number}的名称", "万元", (), ())


@pytest.mark.parametrize(
    ("templates", "bookmarks"),
    [
        ({"说明.docx": _Template(True)}, ["说明首页"]),
        ({"说明.docx": _Template(False, ("表1",))}, ["说明", "说明首页", "预算公开表", "表2 表2的名称"]),
        ({"申报.docx": _Template(False, ("表2",)), "说明.docx": _Template(True)}, ["说明", "说明首页", "申报", "申报首页"]),
    ],
    ids=["说明里有全部表", "说明里只有表1", "说明在前，申报表在后"],
)
def test_no_table_is_bound_twice_and_none_is_missing(templates, bookmarks):
    laid = _Laid({"预算公开表.xlsx": ["目录", "表1", "表2"], "说明.docx": ["说明首页"], "申报.docx": ["申报首页"]})
    files = {"预算公开表.xlsx": b"", **dict.fromkeys(templates, b"")}
    made = publication(files, templates, [table("表1"), table("表2")], laid, workbook="预算公开表.xlsx", name="甲局2024年部门预算公开", created=datetime(2024, 3, 1))
    assert [text for text, _ in pdf.outline(made.files["甲局2024年部门预算公开.pdf"])] == bookmarks
    assert "甲局2024年部门预算公开.pdf" not in publication(files, templates, [], laid, workbook="预算公开表.xlsx", name="", created=datetime(2024, 3, 1)).files


def test_a_font_that_is_not_embedded_is_found():
    document = pikepdf.open(BytesIO(made_pdf(["甲"])))
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.TrueType, BaseFont=pikepdf.Name("/ABCDEF+SimSun"), FontDescriptor=pikepdf.Dictionary())
    document.pages[0].obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=document.make_indirect(font)))
    buffer = BytesIO()
    document.save(buffer)
    assert pdf.fonts(buffer.getvalue()) == {"SimSun": False}


def test_type_1_fonts_lose_the_number_of_the_process_and_nothing_else():
    head = b"%!FontType1-1.0: Song\n/UniqueID 4100123 def\n"
    body = pdf._eexec(b"HDU dup /UniqueID 4100123 def /CharStrings 1 def", True)
    rest = b"0" * 20
    made = pdf._without_number(head + body + rest, len(head), len(body))
    assert made[: len(head)] == head.replace(b"4100123", b"4100000")
    assert pdf._eexec(made[len(head) : -20], False) == b"HDU dup /UniqueID 4100000 def /CharStrings 1 def"
    assert made.endswith(rest)


def test_a_missing_component_is_told(monkeypatch):
    import builtins

    real = builtins.__import__

    def without(name, *rest, **more):
        if name == "pikepdf":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(pdf, "needed_office", lambda: "soffice")
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UsageError, match="pikepdf"):
        pdf.needed_tools()


def test_page_numbers_start_at_the_first_heading():
    marks = [("b1", "一、总体"), ("b2", "没有的"), ("b3", "二、 表")]
    assert pdf.page_numbers(made_pdf(["封面", "一、总体", "二、表"]), marks) == {"b1": 1, "b3": 2}
