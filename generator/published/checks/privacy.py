"""Personal data anywhere in the documents, masked in what is said of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from generator.model import private_text
from generator.pack.audit_rules import Sure
from generator.published.checks.sums import Sums
from generator.published.model import Document, Paragraph, ReadTable, Spot
from generator.published.rulebook import Rule

_FIELD = re.compile(r"电话|日期|时间|手机|年.*月|签章|盖章|填报|填表|单位|部门|职务|地址|邮编|金额")


def check_private(documents: Sequence[Document], tables: Sequence[ReadTable], out: Sums) -> None:
    """Phone, identity and card numbers, names beside 填报人 and the like: masked in the message."""
    known = {private_text.PHONE, private_text.IDENTITY, private_text.CARD, private_text.PASSPORT, private_text.MAIL, private_text.NAME, private_text.SECRET}
    named = {c.spot.anchor: c.spot for t in tables for r in t.rows for c in r.cells if not c.covered and not c.spot.workbook}
    for document in documents:
        for text, spot, label in _texts(document):
            spot = named.get(spot.anchor, spot)
            for hit in private_text.found(text, label="" if _FIELD.match(text.strip()) or (_FIELD.search(text) and len(text) < 12) else label):
                rule, how = (Rule.PRIVATE, Sure.PROVED) if hit.kind in known else (Rule.MAYBE_PRIVATE, Sure.UNSURE)
                out.say(rule, spot, {"种类": hit.kind, "掩码": hit.masked}, how, quote=hit.masked)


def _texts(document: Document) -> Iterator[tuple[str, Spot, str]]:
    for block in document.blocks:
        if isinstance(block, Paragraph):
            yield block.text, block.spot, ""
            continue
        for row in block.rows:
            label = ""
            for cell in row:
                if cell.covered or not cell.text:
                    continue
                yield cell.text, cell.spot, label
                label = cell.text if len(cell.text) < 16 and any(w in re.sub(r"\s", "", cell.text) for w in private_text.LABELS) else ""
                label = re.sub(r"\s", "", label)
