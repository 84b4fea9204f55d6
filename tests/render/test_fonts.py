"""Fonts: a pack chooses them for tables and text, a missing one is named with what stands in."""

import re
import zipfile
from io import BytesIO

import openpyxl
import pytest

from generator import run
from generator.cli import main
from generator.model.problem import PackError
from generator.pack.pack import load_pack
from generator.render import fonts
from generator.render.word_look import LATIN, dressed, title_inset
from tests.support import ROOT, sample

CHOSEN = {"宋体": "方正书宋_GBK", "仿宋": "仿宋_GB2312", LATIN: "Times New Roman"}


@pytest.fixture
def chosen(tmp_path):
    """A pack of its own that chooses fonts."""
    folder = tmp_path / "own"
    assert main(["pack", "new", "--from", "zengdu-2023", "--id", "own", "-o", str(tmp_path)]) == 0
    yaml = folder / "own.yaml"
    yaml.write_text(yaml.read_text(encoding="utf-8") + "\nfonts: {宋体: 方正书宋_GBK, 仿宋: 仿宋_GB2312, 数字字母: Times New Roman}\n", encoding="utf-8")
    return folder


def test_a_pack_chooses_the_fonts_of_tables_and_text(chosen, tmp_path):
    done = run.build_set(sample("zengdu-2023"), tmp_path / "out", str(chosen))
    with zipfile.ZipFile(done.folder / "预算公开说明.docx") as z:
        xml = {name: z.read(name).decode() for name in z.namelist() if name.startswith("word/") and name.endswith(".xml")}
    east = set(re.findall(r'w:eastAsia="([^"]+)"', xml["word/document.xml"] + xml["word/styles.xml"])) - {"zh-CN"}
    assert "仿宋_GB2312" in east
    assert "方正书宋_GBK" in east
    assert "仿宋" not in east
    styles = re.sub(r'<w:style [^>]*w:styleId="YusuanCell[^"]*".*?</w:style>', "", xml["word/styles.xml"], flags=re.S)
    assert set(re.findall(r'w:ascii="([^"]+)"', styles)) == {"Times New Roman"}
    book = openpyxl.load_workbook(BytesIO((done.folder / "预算公开表.xlsx").read_bytes()))
    used = {cell.font.name for row in book["附表4-1"].iter_rows() for cell in row if cell.value}
    assert "方正书宋_GBK" in used
    assert "宋体" not in used


def test_a_chosen_font_takes_the_place_of_the_one_the_layout_names(chosen):
    before, after = load_pack("zengdu-2023"), load_pack(str(chosen))
    for old, new in zip(before.tables, after.tables, strict=True):
        assert len(new.layout.styles) == len(set(new.layout.styles)), "styles that became alike are one"
        for a, b in zip(old.layout.lines, new.layout.lines, strict=True):
            for x, y in zip(a.cells, b.cells, strict=True):
                was, now = old.layout.styles[x.style], new.layout.styles[y.style]
                assert now.font == CHOSEN.get(was.font, was.font)
                assert (now.size, now.bold, now.border) == (was.size, was.bold, was.border)


def test_a_font_that_nothing_names_is_a_mistake(chosen):
    yaml = chosen / "own.yaml"
    yaml.write_text(yaml.read_text(encoding="utf-8").replace("仿宋: 仿宋_GB2312", "仿送: 仿宋_GB2312"), encoding="utf-8")
    with pytest.raises(PackError, match=r"fonts·仿送 .*没有字体“仿送”；用到的字体：.*仿宋"):
        run.templates(load_pack(str(chosen)))


def test_missing_fonts_are_told_with_what_is_shown(monkeypatch):
    monkeypatch.setattr(fonts, "installed", lambda: frozenset({"simsun", "simhei", "fangsong", "kaiti"}))
    assert fonts.missing_fonts({"宋体", "黑体", "仿宋", "楷体"}) == {}, "known under their English names"
    missing = fonts.missing_fonts({"方正小标宋简体", "仿宋"})
    assert missing == {"方正小标宋简体": "SimSun"}
    assert "方正小标宋简体（显示成 宋体）" in fonts.said(missing)
    monkeypatch.setattr(fonts, "installed", frozenset)
    assert fonts.missing_fonts({"方正小标宋简体"}) == {}, "nothing is claimed where nothing is known"


def test_a_build_tells_missing_fonts(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(fonts, "installed", lambda: frozenset({"simsun"}))
    assert main(["build", str(sample("performance-2021")), "-o", str(tmp_path), "--fast"]) == 0
    assert "提示：这台电脑没有字体" in (told := capsys.readouterr().out)
    assert "黑体（显示成 别的字体）" in told or "黑体" in told


def test_every_template_says_its_fonts_for_chinese_and_latin_and_its_language():
    for path in sorted((ROOT / "templates" / "docx").glob("*/*.docx")):
        with zipfile.ZipFile(path) as z:
            styles = dressed({n: z.read(n) for n in z.namelist()}, {})["word/styles.xml"].decode()
        for run_fonts in re.findall(r"<w:rFonts [^>]*>", styles):
            assert all(f"w:{kind}=" in run_fonts for kind in ("ascii", "hAnsi", "eastAsia")), (path.parent.name, run_fonts)
        assert re.search(r'<w:lang w:val="en-US" w:eastAsia="zh-CN"', styles), path.parent.name


@pytest.mark.parametrize(
    ("title", "inset"),
    [
        ("第二部分　部门预算公开表格", False),
        ("第一部分　某某市某某区行政审批服务局2022年部门预算说明", True),
        ("甲" * 30, False),  # nowhere to break: left to Word
        ("甲" * 50, False),  # three lines
    ],
)
def test_titles_break_between_words(title, inset):
    assert bool(title_inset(title, 20.0)) is inset
