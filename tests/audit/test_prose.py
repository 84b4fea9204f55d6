"""The proof of the sentences: whatever in the prose of a finished document is changed, the build stops and names the place."""

import random
import re
from dataclasses import replace
from functools import cache
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile

import pytest

from generator import run
from generator.audit import word
from generator.audit.claims import name_differences
from generator.audit.prose import prose_differences, read_paragraphs
from generator.audit.readback import ReadbackError, document_differences, word_grids
from generator.build.rounding import printed_names
from generator.model.prose import Paragraph
from generator.render.docx import render_docx
from generator.run import making
from tests.support import SAMPLES, sample

FIGURES = r"\d[\d,.]*"
CHANGES = {  # what is looked for in the prose → what it becomes
    "金额": (r"\d+\.\d\d(?=万元|元)", lambda m: swapped(m[0])),
    "百分数": (r"\d+\.\d\d(?=%)", lambda m: swapped(m[0])),
    "年份": (r"20\d\d(?=年)", lambda m: str(int(m[0]) - 1)),
    "数量": (r"\d+(?=[人名辆台个张批次项])", lambda m: str(int(m[0]) + 1)),
    "方向": ("增加|减少|增长|下降|持平", lambda m: {"增加": "减少", "减少": "增加", "增长": "下降", "下降": "增长", "持平": "增加"}[m[0]]),
    "没有": ("没有|未安排", lambda m: "安排了"),
    "单位": (r"(?<=\d)(万元|元|%|人|辆|台|名)", lambda m: "亿元" if "元" in m[0] else "个"),
    "任何数": (FIGURES, lambda m: swapped(m[0])),
    "加一个字": ("支出|收入", lambda m: m[0] + "的"),
}


def swapped(number: str) -> str:
    """Another number: its last digit changed."""
    return number[:-1] + ("7" if number[-1] != "7" else "1")


@cache
def made(name: str):
    """A sample's documents: (template, names, tables, checked, bytes) by file name."""
    checked = run.check(sample(name))
    names = printed_names(checked.selector, checked.printed, checked.tables, checked.pack.tables)
    return checked, names, {n: (t, render_docx(t, names, checked.tables, created=run.run_date(checked.master))) for n, t in run.templates(checked.pack).items()}


def differences(name: str, document: str, data: bytes) -> list[str]:
    checked, names, documents = made(name)
    template = documents[document][0]
    return list(document_differences(data, checked.tables, template.places_all, template.says(names, checked.tables)))


def texts_of(xml: str) -> list[tuple[int, int]]:
    """Where the texts outside of tables stand."""
    tables = [m.span() for m in re.finditer(r"<w:tbl>.*?</w:tbl>", xml, re.DOTALL)]
    found, at = [], 0
    for m in re.finditer(r"<w:t(?: [^>]*)?>([^<]+)</w:t>", xml):
        while at < len(tables) and tables[at][1] < m.start():
            at += 1
        if at >= len(tables) or m.start() < tables[at][0]:
            found.append(m.span(1))
    return found


def with_xml(data: bytes, xml: str, part: str = "word/document.xml") -> bytes:
    out = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(out, "w", ZIP_STORED) as new:
        for name in old.namelist():
            new.writestr(name, xml.encode() if name == part else old.read(name))
    return out.getvalue()


def xml_of(data: bytes) -> str:
    return ZipFile(BytesIO(data)).read("word/document.xml").decode()


@pytest.mark.parametrize("name", SAMPLES)
def test_what_the_samples_say_is_what_they_must_say(name):
    checked, names, documents = made(name)
    for document, (template, data) in documents.items():
        assert differences(name, document, data) == []
        assert list(name_differences(template.names(), names, checked.pack, checked.master, checked.printed.selector.master, checked.tables)) == []


@pytest.mark.parametrize("kind", CHANGES)
@pytest.mark.parametrize("name", SAMPLES)
def test_one_change_in_the_finished_document_is_named(name, kind):
    """Some changes of every kind, each in the bytes of the document; which ones is drawn once and for all."""
    _, _, documents = made(name)
    pattern, change = CHANGES[kind]
    tried = 0
    for document, (_, data) in documents.items():
        xml = xml_of(data)
        hits = [(a + m.start(), a + m.end(), change(m)) for a, b in texts_of(xml) for m in re.finditer(pattern, xml[a:b])]
        tried += len(hits)
        for start, end, new in random.Random(f"{name}/{kind}").sample(hits, min(12, len(hits))):
            changed = with_xml(data, xml[:start] + new + xml[end:])
            (said,) = differences(name, document, changed)
            assert "写出来是" in said
            assert new in said, said
    assert tried or (name, kind) in {("hetang-2022", "方向"), ("hetang-2022", "百分数"), ("hetang-2022", "没有")} or name == "performance-2021"


@pytest.mark.parametrize("name", SAMPLES)
def test_every_figure_of_every_paragraph_is_proven(name):
    """All of them, paragraph by paragraph: numbers, words of direction, units."""
    checked, names, documents = made(name)
    tried = 0
    for template, data in documents.values():
        wanted = template.says(names, checked.tables)["word/document.xml"]
        found = [p.text for p in wanted]
        assert prose_of(data) >= set(found)
        for n, text in enumerate(found):
            for m in re.finditer(rf"{FIGURES}|增加|减少|增长|下降|持平|万元|元|%|年|没有", text):
                changed = text[: m.start()] + "8" * (m[0] != "8") + "9" + text[m.end() :]
                assert len(list(prose_differences([*found[:n], changed, *found[n + 1 :]], wanted))) == 1
                tried += 1
    assert tried > (5 if name == "performance-2021" else 300)


def prose_of(data: bytes) -> set[str]:
    return set(read_paragraphs(xml_of(data)))


@pytest.mark.parametrize("name", [n for n in SAMPLES if n != "performance-2021"])
def test_paragraphs_lost_doubled_and_turned_round_are_named(name):
    _, _, documents = made(name)
    for document, (_, data) in documents.items():
        xml = xml_of(data)
        spans = texts_of(xml)
        start = xml.rfind("<w:p>", 0, spans[-20][0]) if "<w:p>" in xml else xml.rfind("<w:p ", 0, spans[-20][0])
        end = xml.index("</w:p>", spans[-20][1]) + 6
        assert any("少了一段" in d for d in differences(name, document, with_xml(data, xml[:start] + xml[end:])))
        assert any("多了一段" in d for d in differences(name, document, with_xml(data, xml[:end] + xml[start:end] + xml[end:])))


@pytest.mark.parametrize("name", SAMPLES)
def test_what_stands_above_a_table_and_in_the_contents_is_prose_too(name):
    """单位、年度、金额单位 above a grid; years and titles in the contents."""
    _, _, documents = made(name)
    for document, (_, data) in documents.items():
        xml = xml_of(data)
        found = 0
        for a, b in texts_of(xml):
            if re.match(r"单位：|单位名称：|（20\d\d年度）|部门/单位：|填报单位（盖章）：", xml[a:b]):
                assert len(differences(name, document, with_xml(data, xml[:b] + "错" + xml[b:]))) == 1
                found += 1
                if found > 4:
                    break
        assert found > 3
        entry = re.search(r'<w:hyperlink [^>]*>.*?<w:t xml:space="preserve">([^<]*)</w:t>', xml)
        if entry:
            assert len(differences(name, document, with_xml(data, xml[: entry.end(1)] + "错" + xml[entry.end(1) :]))) == 1


@pytest.mark.parametrize("name", SAMPLES)
def test_a_changed_cell_is_named_and_nothing_else(name):
    _, _, documents = made(name)
    for document, (_, data) in documents.items():
        xml = xml_of(data)
        body = list(re.finditer(r"<w:t>(\d+\.\d\d)</w:t>", xml))
        assert body
        for m in random.Random(name).sample(body, min(6, len(body))):
            said = differences(name, document, with_xml(data, xml[: m.start(1)] + swapped(m[1]) + xml[m.end(1) :]))
            assert len(said) == 1
            assert re.search("第.*格应为", said[0]), said


@pytest.mark.parametrize("name", SAMPLES)
def test_a_name_that_says_something_else_than_the_master_is_named(name):
    """The other half of the proof: the fault is in what the sentences are made from, not in the file."""
    checked, names, documents = made(name)

    def wrong(changed: dict, asked: set) -> list[str]:
        return list(name_differences(asked, changed, checked.pack, checked.master, checked.printed.selector.master, checked.tables))

    for template, _ in documents.values():
        for key in sorted(template.names()):
            for other in others(names[key]):
                said = wrong({**names, key: other}, {key})
                assert said, f"{key}：{names[key]!r} 换成 {other!r}"
                assert f"“{key}”" in said[0]


def others(value):
    """Values a fault could have put in place of this one."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, list):
        if value:
            yield [*value, *value[:1]]
            if not hasattr(value[0], "文字"):  # which terms are needed is not a figure
                yield value[1:]
            if hasattr(value[0], "万元"):
                yield [replace(value[0], 万元=swapped(value[0].万元)), *value[1:]]
                yield [replace(value[0], 元=swapped(value[0].元)), *value[1:]]
                yield [replace(value[0], 上年_万元=swapped(value[0].上年_万元)), *value[1:]]
    else:
        text = str(value)
        yield text + "9"
        if m := re.search(r"\d+\.\d\d", text):
            yield text[: m.start()] + swapped(m[0]) + text[m.end() :]
        for a, b in (("增加", "减少"), ("减少", "增加"), ("持平", "增加1.00万元"), ("万元", "元"), ("均未安排", "均有安排")):
            if a in text:
                yield text.replace(a, b, 1)
        if m := re.search(r"20\d\d", text):
            yield text[: m.start()] + "2011" + text[m.end() :]


def test_a_difference_stops_the_build_and_leaves_nothing(tmp_path, monkeypatch):
    def faulty(*args, **kwargs):
        data = render_docx(*args, **kwargs)
        xml = xml_of(data)
        return with_xml(data, xml.replace("比2021年减少1010.32万元", "比2021年增加1010.32万元", 1))

    monkeypatch.setattr(making, "render_docx", faulty)
    with pytest.raises(ReadbackError, match=r"“（一）收入预算”一节应为“.*减少1010\.32万元.*写出来是“.*增加1010\.32万元"):
        run.build_set(sample("pingjiang-2022"), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_wrong_fact_stops_the_build_too(tmp_path, monkeypatch):
    def faulty(*args):
        names = printed_names(*args)
        return names | {"收入总计_变化说明": str(names["收入总计_变化说明"]).replace("43.79", "43.78")}  # cut off, not rounded

    monkeypatch.setattr(making, "printed_names", faulty)
    with pytest.raises(ReadbackError, match=r"“收入总计_变化说明”写的是“.*43\.78%.*”，本年 1296\.69，上年 2307\.01"):
        run.build_set(sample("pingjiang-2022"), tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_message_names_section_and_sentence():
    wanted = [Paragraph("一、收入", 2), Paragraph("2022年收入12.00万元，比2021年减少3.00万元。"), Paragraph("二、支出", 2)]
    found = ["一、收入", "2022年收入12.00万元，比2021年减少8.00万元。", "二、支出"]
    assert list(prose_differences(found, wanted)) == ["“一、收入”一节应为“…收入12.00万元，比2021年减少3.00万元。”，写出来是“…收入12.00万元，比2021年减少8.00万元。”"]
    assert list(prose_differences(found[:1], wanted[:1], "页眉")) == []
    assert list(prose_differences(["别的"], wanted[:1], "页眉")) == ["页眉应为“一、收入”，写出来是“别的”"]
    assert list(prose_differences([], wanted[:1])) == ["“一、收入”一节少了一段“一、收入”"]


def test_texts_are_read_as_a_reader_sees_them():
    assert read_paragraphs('<w:p><w:r><w:t>a&amp;</w:t></w:r><w:r><w:t xml:space="preserve"> b</w:t><w:br/><w:t>c</w:t></w:r></w:p><w:p/><w:p><w:r><w:t/></w:r></w:p>') == ["a& b\vc"]
    xml = b"<w:body><w:tbl><w:tr><w:tc><w:p><w:r><w:t>a&lt;</w:t></w:r><w:r><w:t>b</w:t></w:r></w:p></w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl></w:body>"
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", xml)
    assert word_grids(out.getvalue()) == [[["a<b", ""]]]


def with_document(data: bytes, change) -> bytes:
    """The file with its document.xml changed."""
    out = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(out, "w", ZIP_STORED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name).decode()) if name == "word/document.xml" else old.read(name))
    return out.getvalue()


@pytest.mark.parametrize("piece", [1 << 20, 997])
def test_a_document_read_in_pieces_is_read_alike(piece, monkeypatch):
    """A department's document does not fit into memory at once; where a piece ends must not matter."""
    monkeypatch.setattr(word, "PIECE", piece)
    _, _, documents = made("pingjiang-2022")
    data = documents["预算公开说明.docx"][1]
    assert not differences("pingjiang-2022", "预算公开说明.docx", data)
    twice = with_document(data, lambda xml: re.sub(r"(<w:tbl>.*?</w:tbl>)", r"\1<w:p/>\1", xml, count=1, flags=re.DOTALL))
    assert differences("pingjiang-2022", "预算公开说明.docx", twice), "a table said twice is not lost sight of"
    less = with_document(data, lambda xml: re.sub(r"<w:tbl>.*?</w:tbl>", "", xml, count=1, flags=re.DOTALL))
    assert any("说明里没有" in d for d in differences("pingjiang-2022", "预算公开说明.docx", less))
