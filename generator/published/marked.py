"""A copy of the audited document with the findings in it: Word comments, notes and colours in Excel, highlights in PDF."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from docx import Document as open_word
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph as WordParagraph
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Highlight, Text
from pypdf.generic import ArrayObject, FloatObject, NameObject, TextStringObject

from generator.model.problem import Level, Place, Problem
from generator.published.model import Finding
from generator.render import marked as excel

_COLOURS = {Level.ERROR: "ff9999", Level.WARNING: "ffe680", Level.HINT: "b3d9ff"}
MOST = 500  # marks in one document


def note(finding: Finding) -> str:
    """What a comment says."""
    other = f"\n对照：{finding.other}" if finding.other else ""
    hint = f"\n改法：{finding.hint}" if finding.hint else ""
    return f"【{finding.level}】{finding.message}{hint}{other}"


def marked_copy(path: Path, findings: Sequence[Finding]) -> tuple[str, bytes] | None:
    """(file ending, bytes) of the marked copy; None for a kind of file that cannot carry marks (plain text)."""
    suffix = path.suffix.lower()
    if suffix == ".docx":
        return suffix, _word(path, findings[:MOST])
    if suffix == ".pdf":
        return suffix, _pdf(path, findings[:MOST])
    if suffix in (".xlsx", ".xlsm", ".xls", ".ods", ".et"):
        problems = [Problem(f.level, Place(f.spot.file, f.spot.part if f.spot.workbook else "", f.spot.row, f.spot.column), f.message, f.hint, f.rule) for f in findings]
        return excel.marked_copy(path, problems, excel.About(heading="预算公开审核", rules={f.rule for f in findings}))
    return None


def _word(path: Path, findings: Sequence[Finding]) -> bytes:
    document = open_word(str(path))
    paragraphs = list(document.element.iter(qn("w:p")))
    for finding in findings:
        anchor = finding.spot.anchor
        number = anchor[1] if anchor and anchor[0] == "p" and isinstance(anchor[1], int) and 0 <= anchor[1] < len(paragraphs) else None
        if number is None:
            number = next((n for n, p in enumerate(paragraphs) if p.getparent().tag == qn("w:body")), 0)
        paragraph = WordParagraph(paragraphs[number], document._body)
        runs = paragraph.runs or [paragraph.add_run("")]
        document.add_comment([runs[0], runs[-1]], text=note(finding), author="预算公开审核", initials="审")
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _pdf(path: Path, findings: Sequence[Finding]) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(path))
    used: defaultdict[int, int] = defaultdict(int)
    for finding in findings:
        anchor = finding.spot.anchor
        boxes = anchor[1] if len(anchor) > 1 and anchor[0] == "pdf" and isinstance(anchor[1], tuple) else ()
        if not boxes:
            used[1] += 1
            height = float(writer.pages[0].mediabox.top)
            writer.add_annotation(0, Text(rect=(20, height - 20 - 22 * used[1], 40, height - 22 * used[1]), text=note(finding), open=False))
            continue
        for n, (page, box) in enumerate(boxes):
            leaf = writer.pages[page - 1]
            top, left = float(leaf.mediabox.top), float(leaf.mediabox.left)
            x0, y0, x1, y1 = left + box[0], top - box[3], left + box[2], top - box[1]
            corners = ArrayObject([FloatObject(v) for v in (x0, y1, x1, y1, x0, y0, x1, y0)])
            mark = Highlight(rect=(x0, y0, x1, y1), quad_points=corners, highlight_color=_COLOURS[finding.level], printing=True)
            if n == 0:
                mark[NameObject("/Contents")] = TextStringObject(note(finding))
                mark[NameObject("/T")] = TextStringObject("预算公开审核")
            writer.add_annotation(page - 1, mark)
    buffer = BytesIO()
    writer.write(buffer)
    return buffer.getvalue()
