"""docs/页面.md: one page of every kind, as LibreOffice prints it. `make gallery` makes it anew; look at the pictures before keeping them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from generator import run
from generator.render.office import Office, find_office
from generator.render.pdf import outline, to_pdf
from tests.pages.stress import stress_pack, stress_workbook
from tests.support import ROOT, sample

FOLDER = ROOT / "docs" / "图" / "页面"
PAGE = ROOT / "docs" / "页面.md"
RESOLUTION = 64  # dots per inch
STRESS = "stress"


@dataclass(frozen=True)
class Picture:
    """unit and kind (docx, xlsx) of the document; at: the bookmark (or its beginning) the page has, empty for the first page; on: pages after it."""

    unit: str
    kind: str
    at: str
    caption: str
    on: int = 0


PICTURES = (
    Picture("pingjiang-2022", "docx", "", "封面"),
    Picture("pingjiang-2022", "docx", "", "目录：页码已填好，点一下就到", 1),
    Picture("pingjiang-2022", "docx", "第一部分", "正文：每面 22 行、每行 28 字，题目在词意完整处回行"),
    Picture("pingjiang-2022", "docx", "第一部分", "双页：页码在外侧", 1),
    Picture("pingjiang-2022", "docx", "（二）支出预算", "图跟在讲它的那一段后面，黑白也分得清"),
    Picture("pingjiang-2022", "docx", "预算01表", "收支表，A4 横，一页"),
    Picture("pingjiang-2022", "docx", "预算10表", "三十二栏，A3 横；页码接着排"),
    Picture("pingjiang-2022", "docx", "部门(单位)整体", "申报表，略长就收紧，不留半页"),
    Picture("zengdu-2023", "docx", "附表4-3", "纵向的表，表下有注"),
    Picture(STRESS, "docx", "预算30表", "压力样例：300 行采购、60 字的名称，加宽名称栏，字号不小于 7 磅", 1),
    Picture(STRESS, "docx", "预算40表", "压力样例：四十栏，A3 也放不下，分两段，左边的科目栏重印"),
    Picture(STRESS, "docx", "预算40表", "第二段：表名后加“（续）”，单位照印", 2),
    Picture("pingjiang-2022", "xlsx", "目录", "工作簿的目录"),
    Picture("pingjiang-2022", "xlsx", "预算08表", "工作簿的表：A3 横，一页宽，居中，第几页共几页"),
    Picture("pingjiang-2022", "xlsx", "绩效-项目", "工作簿的申报表：一份一页"),
    Picture("pingjiang-2022", "xlsx", "图", "工作簿的图：Excel 自己的图，连着下面的数"),
    Picture(STRESS, "xlsx", "预算14表", "压力样例：80 个项目，每页重印表头", 1),
    Picture(STRESS, "xlsx", "预算40表", "压力样例：四十栏的后一段，标题、单位、科目栏都在", 1),
)


def main() -> int:
    """Writes the pictures and the page; 2 when a tool is missing."""
    if find_office() is None or shutil.which("pdftoppm") is None:
        print("要先装 LibreOffice 和 poppler-utils（pdftoppm）", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="yusuan-gallery-") as name:
        pdfs = _pdfs(Path(name))
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        for n, picture in enumerate(PICTURES, 1):
            _draw(pdfs[picture.unit, picture.kind], picture, FOLDER / f"{n:02}.png", Path(name))
    lines = [
        "# 页面",
        "",
        "每种页面一张，LibreOffice 排版（缺的字体用 Noto 代替，装了方正小标宋、仿宋、楷体、黑体的电脑上就是那些字体）。",
        "`make gallery` 重做；排版的规矩由 `tests/pages` 逐页核对。压力样例是编造的：60 个功能科目、80 个项目、300 行采购、60 字的名称、四十栏的表。",
        "",
    ]
    for n, picture in enumerate(PICTURES, 1):
        lines += [f"## {n} {picture.caption}", "", f"![{picture.caption}](图/页面/{n:02}.png)", ""]
    PAGE.write_text("\n".join(lines), encoding="utf-8")
    size = sum(p.stat().st_size for p in FOLDER.iterdir())
    print(f"{len(PICTURES)} 张，共 {size / 1e6:.1f} MB：{PAGE}")
    return 0


def _pdfs(folder: Path) -> dict[tuple[str, str], bytes]:
    """Every document the pictures need, with page numbers in its contents."""
    pdfs: dict[tuple[str, str], bytes] = {}
    with Office() as office:
        for unit in dict.fromkeys(p.unit for p in PICTURES):
            workbook = stress_workbook(folder / "大单位.xlsx") if unit == STRESS else sample(unit)
            checked = run.check(workbook, str(stress_pack(folder)) if unit == STRESS else "")
            files = run.documents(checked, False, office=office)
            for name, data in files.items():
                kind = Path(name).suffix[1:]
                if any((p.unit, p.kind) == (unit, kind) for p in PICTURES):
                    pdfs[unit, kind] = to_pdf({name: data}, office)[f"{Path(name).stem}.pdf"]
    return pdfs


def _draw(pdf: bytes, picture: Picture, target: Path, folder: Path) -> None:
    page = next(page for text, page in outline(pdf) if text.startswith(picture.at)) if picture.at else 0
    number = str(page + picture.on + 1)
    (folder / "a.pdf").write_bytes(pdf)
    command = ["pdftoppm", "-r", str(RESOLUTION), "-gray", "-png", "-singlefile", "-f", number, "-l", number, str(folder / "a.pdf"), str(target.with_suffix(""))]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


if __name__ == "__main__":
    raise SystemExit(main())
