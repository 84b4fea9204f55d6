"""Text, properties and runs as WordprocessingML strings, and the paragraph style that cells and lead lines take."""

from __future__ import annotations

import re
from functools import lru_cache

from generator.model.figures import written
from generator.model.table import Cell, Style

CELL_STYLE = "YusuanCell"
CELL_STYLE_NAME = "预算表文字"

CELL_STYLE_XML = (
    f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{CELL_STYLE}"><w:name w:val="{CELL_STYLE_NAME}"/><w:uiPriority w:val="99"/><w:qFormat/>'
    '<w:pPr><w:widowControl w:val="0"/><w:snapToGrid w:val="0"/><w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/>'
    '<w:ind w:firstLine="0"/></w:pPr>'
    # 7 pt: the invisible paragraph mark takes this size, and must never make a line higher than its text
    '<w:rPr><w:rFonts w:ascii="宋体" w:hAnsi="宋体" w:eastAsia="宋体"/><w:sz w:val="14"/><w:szCs w:val="14"/></w:rPr></w:style>'
)
_ILLEGAL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_BREAK = re.compile("\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")


@lru_cache(maxsize=8192)
def escaped(text: str) -> str:
    """`text` for the inside of a `<w:t>`: escaped, characters XML forbids dropped, lines as `<w:br/>`, tabs as `<w:tab/>`.

    >>> escaped("a<b\\nc\\x07")
    'a&lt;b</w:t><w:br/><w:t xml:space="preserve">c'
    """
    text = _ILLEGAL.sub("", _BREAK.sub("\n", text))
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\n", '</w:t><w:br/><w:t xml:space="preserve">').replace("\t", '</w:t><w:tab/><w:t xml:space="preserve">')


def plain(text: str) -> str:
    """What a reader sees of `escaped(text)`: line breaks as ``\\v``.

    >>> plain("a<b\\nc\\x07")
    'a<b\\x0bc'
    """
    return _ILLEGAL.sub("", _BREAK.sub("\n", text)).replace("\n", "\v")


def val(name: str, value: object) -> str:
    """A property with a value.

    >>> val("sz", 21)
    '<w:sz w:val="21"/>'
    """
    return f'<w:{name} w:val="{value}"/>'


def attribute(text: str) -> str:
    """`text` for the inside of a double-quoted attribute."""
    return _ILLEGAL.sub("", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


@lru_cache(maxsize=512)
def run_properties(font: str, size: float, bold: bool, squeeze: int = 100) -> str:
    """A run's look. size in pt; squeeze: width of the characters in per cent."""
    name = attribute(font)
    parts = [
        f'<w:rPr><w:rFonts w:ascii="{name}" w:hAnsi="{name}" w:eastAsia="{name}"/>',
        "<w:b/>" if bold else "",
        val("w", squeeze) if squeeze != 100 else "",
        val("sz", round(size * 2)),
        "</w:rPr>",
    ]
    return "".join(parts)


def cell_text(cell: Cell, style: Style) -> str:
    """What a cell prints."""
    return written(cell.shown, style.number_format) if cell.shown is not None else cell.text or ""
