"""Plain text or Markdown → Document: tables are runs of lines with tabs or pipes. For text taken out of a page by other programs."""

from __future__ import annotations

import re
from pathlib import Path

from generator.published.model import Document, Grid, GridCell, Paragraph, Spot
from generator.published.sections import Sections
from generator.published.words import clean, decoded

_RULE = re.compile(r"^\s*\|?[\s:|\-]{3,}\|?\s*$")


def read_plain(path: Path) -> Document:
    """Merged cells are gone in such text; grids come with `sure=False`."""
    document = Document(path.name, "txt")
    sections = Sections(path.name)
    pending: list[tuple[int, list[str]]] = []

    def flush() -> None:
        if len(pending) >= 2:
            width = max(len(cells) for _, cells in pending)
            rows = tuple(
                tuple(GridCell(t.strip(), Spot(path.name, row=i + 1, column=c + 1, anchor=("l", n))) for c, t in enumerate([*cells, *[""] * (width - len(cells))]))
                for i, (n, cells) in enumerate(pending)
            )
            document.blocks.append(Grid(rows, Spot(path.name, anchor=("l", pending[0][0])), sure=False))
        else:
            for n, cells in pending:
                add(n, " ".join(cells))
        pending.clear()

    def add(n: int, text: str) -> None:
        text = re.sub(r"^#+\s*|\*\*", "", text).strip()
        last = document.blocks[-1] if document.blocks else None
        if text and isinstance(last, Paragraph) and (last.text.endswith(("、", "，", ",", "（")) or sum(map(last.text.count, "（(")) > sum(map(last.text.count, "）)"))) and len(last.text) > 40:
            document.blocks[-1] = Paragraph(last.text + text, last.spot)  # a page ended within the sentence
        elif text:
            document.blocks.append(Paragraph(text, sections.spot(text, ("l", n))))

    for n, line in enumerate(clean(decoded(path.read_bytes())).splitlines()):
        if "\t" in line:
            pending.append((n, line.split("\t")))
        elif line.strip().startswith("|"):
            if not _RULE.match(line):
                pending.append((n, line.strip().strip("|").split("|")))
        elif line.strip():
            flush()
            add(n, line)
        else:
            flush()
    flush()
    return document
