"""The set as PDF: one file a document, and one that binds them for publication.

The bound file is what is printed and put on the website. RULES 6 (附件 … 与正文一起装订) and DESIGN (the explanation with all
tables) give its order: the explanation with its tables first, then the other Word documents, then those tables that stand
in the workbook alone. A table is not printed twice: what a Word document holds is not taken from the workbook again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from generator.model.table import Table
from generator.render.docx import WordTemplate
from generator.render.office import Office
from generator.render.pdf import Part, bound, finished, fonts, outline, page_count, to_pdf


@dataclass(frozen=True, slots=True)
class Publication:
    """files: by name. report: for run.json. unembedded: fonts that their makers forbid to embed, by file."""

    files: dict[str, bytes]
    report: dict[str, object]
    unembedded: dict[str, tuple[str, ...]]


def publication(
    files: Mapping[str, bytes],
    templates: Mapping[str, WordTemplate],
    tables: Sequence[Table],
    office: Office,
    *,
    workbook: str,
    name: str,
    created: datetime,
) -> Publication:
    """Every document as PDF, and the bound one as `name`.pdf; no bound one when `name` is empty.

    files: the workbook (under the name `workbook`) and the documents (by template name). OfficeError when LibreOffice fails.
    """
    laid_out = to_pdf(files, office)
    titles = {sheet.name: f"{sheet.number} {sheet.title}" for table in tables for sheet in table.sheets}
    made: dict[str, bytes] = {}
    lacking: list[int] = []  # pages of the workbook with tables that no Word document holds
    for file in files:
        pdf = f"{Path(file).stem}.pdf"
        if file == workbook:
            lacking = _pages(laid_out[pdf], tables, templates)
        made[pdf] = finished(laid_out[pdf], created, titles if file == workbook else None)
    if name:
        order = sorted((f for f in files if f != workbook), key=lambda f: not templates[f].places_all)
        parts = [Part(Path(f).stem, made[f"{Path(f).stem}.pdf"]) for f in order]
        if lacking or not parts:
            stem = Path(workbook).stem
            parts.append(Part(stem, made[f"{stem}.pdf"], tuple(lacking) if parts else None))
        made[f"{name}.pdf"] = bound(parts, name, created)
    used = {pdf: fonts(data) for pdf, data in made.items()}
    unembedded = {pdf: tuple(f for f, there in found.items() if not there) for pdf, found in used.items() if not all(found.values())}
    report: dict[str, object] = {pdf: {"页数": page_count(made[pdf]), "字体": sorted(used[pdf])} for pdf in made}
    return Publication(made, report, unembedded)


def _pages(pdf: bytes, tables: Sequence[Table], templates: Mapping[str, WordTemplate]) -> list[int]:
    """The pages of the workbook's PDF that show tables no Word document holds. Each sheet is a bookmark as LibreOffice makes them."""
    if any(t.places_all for t in templates.values()):
        return []
    placed = {"".join(n.split()) for t in templates.values() for n in t.places}
    wanted = {sheet.name for table in tables if not placed & {"".join(table.number.split()), "".join(table.name.split())} for sheet in table.sheets}
    marks = outline(pdf)
    ends = [page for _, page in marks[1:]] + [page_count(pdf)]
    return [page for (sheet, first), end in zip(marks, ends, strict=True) if sheet in wanted for page in range(first, end)]
