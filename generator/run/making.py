"""The documents of a checked unit as bytes, each read back and held against its tables and sentences before anyone sees it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from generator.audit.charts import workbook_chart_differences
from generator.audit.claims import name_differences
from generator.audit.clean import allowed_by, unclean
from generator.audit.open_data import open_data_differences
from generator.audit.readback import document_differences, prove, workbook_differences
from generator.build.charts import charts as draw
from generator.build.facts import known_names
from generator.build.open_data import resources
from generator.build.rounding import printed_names
from generator.model.master import Master
from generator.model.problem import DataError, PackError
from generator.pack.pack import Pack
from generator.render.data_package import FOLDER, data_package
from generator.render.docx import WordTemplate, headings, open_template, render_docx
from generator.render.fonts import fonts_of
from generator.render.office import Office, OfficeError
from generator.render.pdf import page_numbers, to_pdf
from generator.render.word_look import LATIN
from generator.render.xlsx import workbook
from generator.run.checking import Checked, Say

TABLES_FILE = "预算公开表.xlsx"


def templates(pack: Pack) -> dict[str, WordTemplate]:
    """The pack's Word templates by output name, names held against what the pack knows."""
    found = {}
    for path in pack.documents:
        template = open_template(path, pack.file.fonts)
        template.check_names(known_names(pack))
        template.check_pictures(pack.file.charts)
        found[path.name] = template
    if not found:
        raise PackError(f"套表“{pack.id}”没有说明模板（.docx）")
    if pack.file.fonts:
        used = {style.font for spec in pack.tables for style in spec.layout.styles}.union(*(fonts_of(template.parts, ()) for template in found.values()))
        if idle := [name for name, instead in pack.file.fonts.items() if name != LATIN and instead not in used]:
            raise PackError(*(f"{pack.id}.yaml fonts·{name} 表样和说明模板里都没有字体“{name}”；用到的字体：{'、'.join(sorted(used))}" for name in idle))
    return found


def fonts(checked: Checked) -> set[str]:
    """The fonts that a unit's tables and explanation name."""
    return set().union(*(fonts_of(template.parts, checked.tables) for template in templates(checked.pack).values()))


def documents(checked: Checked, draft: bool, say: Say = lambda text: None, office: Office | None = None, notes: list[str] | None = None, charts: bool = False) -> dict[str, bytes]:
    """The workbook and the Word documents of a checked unit, each read back and held against the tables and against what its sentences must say.

    office: lays them out, for the page numbers of the contents; when it fails, Word fills them in, and `notes` says so.
    charts: with the pack's pictures, though the pack has them switched off.
    """
    pack, master, tables = checked.pack, checked.master, checked.tables
    when = run_date(master)
    say("写预算公开表")
    drawn = draw(checked.printed, charts) if checked.printed is not None else ()
    files = {TABLES_FILE: workbook(tables, f"{master.main.text('单位名称')}{master.year}年部门预算公开表", when, drawn)}
    prove(TABLES_FILE, workbook_differences(files[TABLES_FILE], tables))
    names = printed_names(checked.selector, checked.printed, tables, pack.tables)
    made = templates(pack)
    pictures = {name: next((chart for chart in drawn if chart.name == name), None) for name in pack.file.charts}
    watermark = "草稿" if draft else ""
    for name, template in made.items():
        say(f"写{Path(name).stem}")
        files[name] = render_docx(template, names, tables, created=when, watermark=watermark, charts=pictures)
    numbers: dict[str, dict[str, int]] = {}
    if office is not None:
        say("排版，填目录页码")
        for name, template in made.items():
            marks = [(h.bookmark, h.text) for h in headings(files[name])]
            pages = _page_numbers(office, name, files[name], marks, notes) if marks else {}
            if marks and len(pages) == len(marks):
                numbers[name] = pages
                files[name] = render_docx(template, names, tables, created=when, watermark=watermark, pages=pages, charts=pictures)
    for name, template in made.items():
        prove(name, document_differences(files[name], tables, template.places_all, template.says(names, tables, numbers.get(name), pictures), drawn))
        said = checked.printed.selector.master if checked.printed else master
        prove(name, name_differences(template.names(), names, pack, master, said, tables))
    if drawn:
        prove(TABLES_FILE, workbook_chart_differences(files[TABLES_FILE], drawn))
    return files


def _page_numbers(office: Office, name: str, data: bytes, marks: list[tuple[str, str]], notes: list[str] | None) -> dict[str, int]:
    """Page numbers by bookmark; none when the office cannot tell: the document is as good without, Word fills them in."""
    try:
        laid_out = to_pdf({name: data}, office, "pages")
    except OfficeError as e:
        if notes is not None:
            notes.append(f"{name} 目录的页码没有填上，由 Word、WPS 打开时自己填（{str(e).split('。')[0]}）")
        return {}
    return page_numbers(laid_out[f"{Path(name).stem}.pdf"], marks)


def open_data(checked: Checked) -> dict[str, bytes]:
    """数据/: the open-data twin, read back and held against the tables and the master."""
    assert checked.printed is not None  # check_raw has built the tables
    printed, selector = checked.printed, checked.selector
    files = data_package(resources(selector, printed), checked.pack, checked.master, run_date(checked.master))
    prove(FOLDER, open_data_differences(files, FOLDER, selector, printed.exact, checked.tables))
    return files


def hold_clean(files: Mapping[str, bytes], pack: Pack) -> None:
    """DataError when a file that is to be published holds what must not be: persons' data, secrecy marks, comments, hidden sheets …"""
    allowed = allowed_by(pack)
    dirty = [problem for name, data in files.items() for problem in unclean(name, data, allowed)]
    if dirty:
        raise DataError(*dirty)


def run_date(master: Master) -> datetime:
    """The date in the files: publication, else approval, else New Year of the budget year. Never the clock: same input, same bytes."""
    for name in ("公开日期", "批复日期"):
        value = master.lines.get(name)
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day)
    return datetime(master.year if 1980 <= master.year <= 9999 else 2000, 1, 1)
