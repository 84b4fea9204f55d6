"""Pictures in the workbook and in Word: native, sharp, black and white, with words for those who do not see, and proven."""

import re
import zipfile
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from io import BytesIO

import pytest

from generator import run
from generator.audit.charts import emf_texts, picture_differences, workbook_chart_differences
from generator.audit.clean import unclean
from generator.audit.word import apart
from generator.build.charts import charts
from generator.build.rounding import printed_names
from generator.model.chart import Chart, Point
from generator.model.problem import PackError
from generator.read.finished import Finished
from generator.render.docx import headings, open_template, render_docx
from generator.render.emf import Picture
from generator.render.picture import WIDTH, picture, wrapped
from generator.render.xlsx import workbook
from tests.support import sample

WHEN = datetime(2022, 1, 1)


def document_chart_differences(data: bytes, drawn) -> list[str]:
    document = Finished(data)
    return list(picture_differences(document, [piece for is_table, piece in apart(document) if not is_table], drawn))


def point(label: str, *values: str) -> Point:
    return Point(label, tuple(Decimal(v) for v in values))


ODD = (
    Chart("一片", "只有一项", ("2024年预算数",), (point("经费拨款", "444.40"),)),
    Chart(
        "多",
        "名称很长的",
        ("2024年预算数",),
        (point("资源勘探工业信息等支出（含战略性新兴产业发展专项和中小企业发展专项资金安排的支出）", "123456.78"), *(point(f"科目{n}", f"{n}.00") for n in range(9))),
    ),
    Chart("负", "有负数", ("2024年预算数",), (point("收入", "100.25"), point("冲减", "-40.50"), point("零", "0.00"))),
    Chart("比", "两年对比", ("2024年预算数", "2023年预算数"), (point("收入", "123456.78", "123456.78"), point("调减", "-3000.00", "200.00"), point("公务接待费", "0.00", "0.00"))),
    Chart("空", "都小", ("2024年预算数", "2023年预算数"), (point("甲", "0.01", "0.00"),)),
)


@pytest.fixture(scope="module")
def checked():
    return run.check(sample())


@pytest.fixture(scope="module")
def drawn(checked):
    return charts(checked.printed, everything=True)


def document(checked, drawn, template=None) -> bytes:
    names = printed_names(checked.selector, checked.printed, checked.tables, checked.pack.tables)
    return render_docx(template or open_template(checked.pack.documents[0]), names, checked.tables[:2], created=WHEN, charts={**dict.fromkeys(checked.pack.file.charts), **{chart.name: chart for chart in drawn}})


def records(data: bytes) -> list[tuple[int, bytes]]:
    found, at = [], 0
    while at < len(data):
        kind, size = (int.from_bytes(data[at + n : at + n + 4], "little") for n in (0, 4))
        found.append((kind, data[at + 8 : at + size]))
        at += size
    return found


# --- the picture ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chart", ODD, ids=lambda chart: chart.name)
def test_bars_are_as_long_as_their_figures_and_all_stays_inside(chart):
    shown = picture(chart)
    assert shown.width == WIDTH
    boxes = []
    for kind, body in records(shown.data):
        if kind in (43, 27, 54):  # rectangle, move to, line to
            numbers = [int.from_bytes(body[n : n + 4], "little", signed=True) for n in range(0, len(body), 4)]
            assert all(0 <= x <= shown.width for x in numbers[::2])
            assert all(0 <= y <= shown.height for y in numbers[1::2])
            if kind == 43:
                boxes.append(numbers)
    values = [value for p in chart.points for value in p.values if value]
    bars = boxes[len(chart.series) :] if chart.compared else boxes  # the legend comes first
    lengths = [(b - t) if chart.compared else (r - left) for left, t, r, b in bars]
    assert len(lengths) == len(values)
    longest, most = max(lengths), max(map(abs, values))
    for length, value in zip(lengths, values, strict=True):
        assert length == pytest.approx(max(float(abs(value) / most) * longest, 15), abs=2)


def test_a_picture_is_the_same_every_time_and_knows_its_own_length():
    assert picture(ODD[1]).data == picture(ODD[1]).data
    data = picture(ODD[1]).data
    kinds = [kind for kind, _ in records(data)]
    assert kinds[0] == 1
    assert kinds[-1] == 14
    assert int.from_bytes(data[52:56], "little") == len(kinds)
    handles = sum(kind in (38, 39, 82) for kind in kinds)
    assert int.from_bytes(data[56:58], "little") == handles + 1


def test_nothing_is_told_by_colour():
    for chart in ODD:
        for kind, body in records(picture(chart).data):
            if kind == 39:
                assert body[8:9] == body[9:10] == body[10:11], "a brush that is not grey"


def test_text_outside_the_first_plane_and_a_broken_file():
    one = Picture(1000, 1000)
    one.text(0, 0, "𠮷合计", "宋体", 9)
    assert list(emf_texts(one.data())) == ["𠮷合计"]
    with pytest.raises(ValueError, match="EMF"):
        list(emf_texts(one.data()[:-4]))


def test_long_names_are_broken_and_none_is_lost():
    name = "资源勘探工业信息等支出abc"
    lines = wrapped(name, 2000, 9)
    assert len(lines) > 1
    assert "".join(lines) == name


# --- Word -------------------------------------------------------------------------------------------------------------


def test_pictures_stand_behind_the_sentences_about_them_with_caption_and_words(checked, drawn):
    data = document(checked, drawn)
    assert not list(document_chart_differences(data, drawn))
    assert not list(unclean("预算公开说明.docx", data))
    with zipfile.ZipFile(BytesIO(data)) as z:
        xml, types = z.read("word/document.xml").decode(), z.read("[Content_Types].xml").decode()
        assert len([n for n in z.namelist() if n.startswith("word/media/chart")]) == len(drawn)
    assert types.count('ContentType="image/x-emf"') == len(drawn)
    ids = re.findall(r'<wp:docPr id="(\d+)"', xml)
    assert len(ids) == len(set(ids)) == len(drawn)
    for n, chart in enumerate(drawn, 1):
        assert f"图{n}　{chart.title}" in xml
    places = [xml.rindex(words) for words in ("（二）支出预算", "图1　", "图2　", "图3　", "四、一般公共预算拨款支出预算", "（2）“三公”经费预算", "图4　", "（3）一般性支出情况")]
    assert places == sorted(places)
    assert "预算图示" not in [h.text for h in headings(data)]
    widths = [int(w) for w in re.findall(r'<wp:extent cx="(\d+)"', xml)]
    assert all(w <= 156 * 36000 for w in widths), "wider than the text of a page"


def test_a_document_without_pictures_is_as_it_was(checked):
    assert document(checked, ()) == document(checked, ())
    with zipfile.ZipFile(BytesIO(document(checked, ()))) as z:
        assert "预算图示" not in z.read("word/document.xml").decode()
        assert not [n for n in z.namelist() if n.endswith(".emf")]


def own_template(tmp_path, *paragraphs: str):
    import docx

    made = docx.Document()
    for words in paragraphs:
        made.add_paragraph(words)
    path = tmp_path / "自己的.docx"
    made.save(str(path))
    return open_template(path)


def test_a_template_places_a_picture_where_it_wants(checked, drawn, tmp_path):
    data = document(checked, drawn, own_template(tmp_path, "前面", '{{p 图("三公经费") }}', "后面", "{{p 全套表格 }}"))
    with zipfile.ZipFile(BytesIO(data)) as z:
        xml = z.read("word/document.xml").decode()
    assert xml.index("前面") < xml.index("图1　2022年与2021年“三公”经费预算对比") < xml.index("后面") < xml.index("图2　")
    assert xml.count("<w:drawing>") == len(drawn)
    assert not list(document_chart_differences(data, drawn))


def test_a_place_for_a_picture_that_has_nothing_to_show_leaves_no_trace(checked, tmp_path):
    template = own_template(tmp_path, "前面", '{{p 图("三公经费") }}', "后面")
    names = printed_names(checked.selector, checked.printed, checked.tables, checked.pack.tables)
    data = render_docx(template, names, checked.tables[:1], created=WHEN, charts={"三公经费": None})
    with zipfile.ZipFile(BytesIO(data)) as z:
        assert "<w:drawing>" not in z.read("word/document.xml").decode()
    with pytest.raises(PackError, match="没有图“三公”；可用：三公经费"):
        render_docx(own_template(tmp_path, '{{p 图("三公") }}'), names, checked.tables[:1], created=WHEN, charts={"三公经费": None})


def test_a_place_for_a_picture_there_is_not_is_told_when_the_pack_is_checked(tmp_path):
    template = own_template(tmp_path, "前面", '{{p 图("三公") }}')
    with pytest.raises(PackError, match=r"自己的\.docx .*没有图“三公”；可用：收入来源、三公经费；是不是“三公经费”？"):
        template.check_pictures(["收入来源", "三公经费"])
    own_template(tmp_path, '{{p 图("三公经费") }}').check_pictures(["三公经费"])


def test_a_changed_figure_in_a_picture_is_found(checked, drawn):
    changed = list(drawn)
    first = changed[0].points[0]
    changed[0] = replace(changed[0], points=(replace(first, values=(first.values[0] + Decimal("0.01"),)), *changed[0].points[1:]))
    assert list(document_chart_differences(document(checked, drawn), changed))
    lying = picture(changed[0]).data
    data = BytesIO()
    with zipfile.ZipFile(BytesIO(document(checked, drawn))) as old, zipfile.ZipFile(data, "w") as new:
        for name in old.namelist():
            new.writestr(name, lying if name == "word/media/chart1.emf" else old.read(name))
    assert [d for d in document_chart_differences(data.getvalue(), drawn) if "画出来是" in d]


# --- workbook ---------------------------------------------------------------------------------------------------------


def test_charts_of_the_workbook_are_native_and_proven(checked, drawn):
    data = workbook(checked.tables, "标题", WHEN, drawn)
    assert not list(workbook_chart_differences(data, drawn))
    assert not list(unclean("预算公开表.xlsx", data))
    assert data == workbook(checked.tables, "标题", WHEN, drawn)
    with zipfile.ZipFile(BytesIO(data)) as z:
        parts = [n for n in z.namelist() if re.fullmatch(r"xl/charts/chart\d+\.xml", n)]
        assert len(parts) == len(drawn)
        drawing = z.read("xl/drawings/drawing1.xml").decode()
        chart = z.read("xl/charts/chart4.xml").decode()
    assert drawing.count("descr=") >= len(drawn)
    assert "2022年支出预算（按功能分类）" in drawing
    assert 'prst="wdUpDiag"' in chart, "last year is not told apart in black and white"


@pytest.mark.parametrize("chart", ODD, ids=lambda chart: chart.name)
def test_odd_charts_go_through(checked, chart):
    assert not list(workbook_chart_differences(workbook(checked.tables[:1], "标题", WHEN, [chart]), [chart]))
    assert not list(document_chart_differences(document(checked, [chart]), [chart]))


def test_a_bar_leaves_room_for_its_figure(checked):
    with zipfile.ZipFile(BytesIO(workbook(checked.tables[:1], "标题", WHEN, [ODD[0]]))) as z:
        ends = re.findall(r'<c:(max|min) val="([^"]*)"', z.read("xl/charts/chart1.xml").decode())
    assert dict(ends)["min"] == "0"
    assert float(dict(ends)["max"]) > 444.40 * 1.2


def test_the_sheet_prints_on_portrait_pages_and_is_in_the_contents(checked, drawn):
    import openpyxl

    book = openpyxl.load_workbook(BytesIO(workbook(checked.tables, "标题", WHEN, drawn)))
    sheet = book.worksheets[-1]
    assert sheet.title == "图"
    assert sheet.page_setup.orientation == "portrait"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.fitToHeight == 0
    assert sheet.row_breaks.brk, "five charts on one page"
    assert "图" in [cell.value for cell in book["目录"]["B"]]
    links = [cell.hyperlink.location for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    assert "'预算33表'!" in "".join(links)


def test_differences_of_the_workbook_are_found(checked, drawn):
    data = workbook(checked.tables, "标题", WHEN, drawn)
    first = drawn[0]
    more = replace(first, points=(replace(first.points[0], values=(Decimal("1.00"),)), *first.points[1:]))
    told = list(workbook_chart_differences(data, [more, *drawn[1:]]))
    assert [d for d in told if "图上应为" in d]
    assert [d for d in told if "!B4起应为" in d]
    assert [d for d in told if "预算01表!" in d], "the table says something else"
    assert list(workbook_chart_differences(workbook(checked.tables, "标题", WHEN), drawn)) == [f"缺图“{c.title}”" for c in drawn]


def test_a_table_called_like_the_sheet_is_not_in_the_way():
    from generator.render.chart_sheet import sheet_name

    assert sheet_name(["目录", "预算01表"]) == "图"
    assert sheet_name(["图"]) == "图示"


def test_the_whole_set_with_pictures_is_built_and_proven(tmp_path):
    done = run.build_set(sample("zengdu-2023"), tmp_path)
    with zipfile.ZipFile(done.folder / "预算公开说明.docx") as z:
        assert len([n for n in z.namelist() if n.endswith(".emf")]) == 4
    with zipfile.ZipFile(done.folder / "预算公开表.xlsx") as z:
        assert len([n for n in z.namelist() if re.fullmatch(r"xl/charts/chart\d+\.xml", n)]) == 4
