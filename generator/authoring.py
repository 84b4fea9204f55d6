"""A bureau's own pack: made from another, previewed with sample data, exported as one zip."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import openpyxl
from openpyxl.cell.cell import MergedCell

from generator import run
from generator.bind.bind import bind
from generator.build.paper import on_paper
from generator.build.select import Selector
from generator.build.specimen import specimen
from generator.build.table import build
from generator.model.problem import Problem, Problems, UsageError
from generator.pack.layout import CATALOG
from generator.pack.library import locate, zipped
from generator.pack.pack import Pack, load_pack
from generator.read import read_workbook
from generator.render.office import find_office
from generator.render.pdf import to_images, to_pdf


def new_pack(source: str, pack_id: str, parent: Path) -> Path:
    """A folder <parent>/<pack_id> with the source's layouts and templates as the officer's own, and its whole YAML to change.

    UsageError for an id that will not do; an existing folder is never touched.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{1,40}", pack_id):
        raise UsageError(f"编号“{pack_id}”不行：用 2 到 41 个字母、数字、横杠，例如 mycounty-2024")
    old = load_pack(source)
    _, library = locate(source)
    if library.own is None and library.yaml(pack_id):
        raise UsageError(f"已经有套表“{pack_id}”，换一个编号")
    folder = parent / pack_id
    if folder.exists():
        raise UsageError(f"{folder} 已经有了，不覆盖；换一个编号或先移走它")
    layouts = library.xlsx(old.id)
    assert layouts is not None  # load_pack has read it
    book = openpyxl.load_workbook(layouts)
    for row in book[CATALOG].iter_rows(max_row=12):
        label = next((c for c in row if str(c.value or "").rstrip("：:") == "套表编号"), None)
        beside = next((c for c in row[row.index(label) + 1 :] if not isinstance(c, MergedCell)), None) if label is not None else None
        if beside is not None:
            beside.value = pack_id
    data = BytesIO()
    book.save(data)
    text = library.yaml(old.id)
    assert text is not None
    yaml = re.sub(r"(?m)^name:.*$", lambda _: f"name: {pack_id}", re.sub(r"\A#.*\n", "", text.read_text(encoding="utf-8-sig")), count=1)
    yaml = f"# 套表 {pack_id}，照 {old.id} 新建。名称、地区、年度、收入来源、文字事项在这里改；表样在 {pack_id}.xlsx，说明的文字在 .docx。\n{yaml}"
    run.write_folder(folder, {f"{pack_id}.xlsx": data.getvalue(), f"{pack_id}.yaml": yaml.encode(), **{p.name: p.read_bytes() for p in old.documents}})
    load_pack(str(folder.resolve()))
    return folder


def exported(pack: Pack) -> bytes:
    """The pack as one zip: what is its own. What it extends is built into the program of whoever gets it."""
    library = pack.library
    own = [p for p in (library.yaml(pack.id), library.xlsx(pack.id)) if p] + list(pack.documents)
    if library.own is not None:
        own += sorted(library.own.glob("*.csv"))
    return zipped({p.name: p.read_bytes() for p in own})


def preview(pack: Pack, out: Path, master: Path | None, say: run.Say) -> tuple[list[Path], list[Problem]]:
    """Every table and document with sample data (or a master's), under out/<套表>预览; pages as PDF and PNG where LibreOffice is.

    Returns what was written, and what the tables could not show (money without a line or column).
    """
    problems = Problems()
    if master is not None:
        filled = bind(read_workbook(master), pack, problems)
    else:
        filled = specimen(pack)
    selector = Selector(filled, pack)
    built = [build(selector, spec) for spec in pack.tables]
    tables = [on_paper(b.table) for b in built]
    problems.extend(p for b in built for p in b.problems)
    files = run.documents(run.Checked(pack, filled, selector, tables, problems), False, say)
    if find_office():
        say("生成 PDF 和图片")
        made = to_pdf(files)
        files |= made
        for name, data in made.items():
            files |= {f"图片/{Path(name).stem}-{n:03}.png": image for n, image in enumerate(to_images(data), 1)}
    folder = out / f"{pack.id}预览"
    note = run.write_folder(folder, files)
    made_in = Path(note) if note else folder
    return [made_in / name for name in dict.fromkeys(name.partition("/")[0] for name in files)], problems.sorted()
