"""A finished Word document cut at its tables, for whoever holds one or the other against the model.

Cut where our own writer begins and ends them: a parser's tree of 30,000 elements costs more than writing them did.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.read.finished import Finished

DOCUMENT = "word/document.xml"
BEGINS_OR_ENDS = (b"<w:tbl>", b"</w:tbl>")
PIECE = 1 << 20  # bytes of a document looked at together


def apart(document: Finished) -> Iterator[tuple[bool, bytes]]:
    """The document cut at its tables: by turns what stands outside (False) and inside (True) of them.

    Read piece by piece, because a department's has tens of megabytes. Left as bytes: texts alone are decoded, nine tenths of a
    document are the mark-up of its tables.
    """
    is_table, rest = False, b""
    for read in document.pieces(DOCUMENT, PIECE):
        read, at = rest + read, 0
        while (end := read.find(mark := BEGINS_OR_ENDS[is_table], at)) >= 0:
            yield is_table, read[at:end]
            at, is_table = end + len(mark), not is_table
        rest = read[at:]
    yield is_table, rest
