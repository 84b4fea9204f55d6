"""How a Word template looks before it is filled: the pack's fonts, the document's language; and titles that break where a reader would.

The page itself (GB/T 9704: 22 lines of 28 characters, styles, footers) is the template's own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from html import escape, unescape

from lxml import etree

from generator.model.wrapping import text_width
from generator.render.word_package import parsed, serialized

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
LANGUAGE = "zh-CN"
LATIN_LANGUAGE = "en-US"  # of letters and figures: said to be Chinese, LibreOffice breaks a line within a number
LATIN = "数字字母"  # the key of a pack's fonts for figures and Latin letters of the text
NORMAL = 10.5  # pt, Word's own size where no style says one
TITLE = 20.0  # pt; what is centred and no smaller is a title, of the text or the cover
SPARE = 0.4  # characters left over at the end of a title's first line
_TEXT_PARTS = re.compile(r"word/(document|styles|header\d*|footer\d*|numbering|footnotes|endnotes|fontTable)\.xml")
_NAMES = re.compile(r'(<w:rFonts )([^>]*)>|(<w:font w:name=")([^"]*)"')


def dressed(parts: Mapping[str, bytes], fonts: Mapping[str, str]) -> dict[str, bytes]:
    """The template's parts with the fonts a pack puts in the place of others, and their language said to be Chinese."""
    made = dict(parts)
    if fonts:
        for name in [n for n in parts if _TEXT_PARTS.fullmatch(n)]:
            made[name] = with_fonts(parts[name].decode("utf-8-sig"), fonts).encode()
    if "word/styles.xml" in made:
        made["word/styles.xml"] = _in_chinese(made["word/styles.xml"])
    return made


def with_fonts(xml: str, fonts: Mapping[str, str]) -> str:
    """
    >>> with_fonts('<w:rFonts w:ascii="仿宋" w:hAnsi="仿宋" w:eastAsia="仿宋"/>', {"仿宋": "仿宋_GB2312", "数字字母": "Times New Roman"})
    '<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="仿宋_GB2312"/>'
    """

    def other(name: str) -> str:
        return escape(fonts.get(unescape(name), unescape(name)))

    def changed(found: re.Match[str]) -> str:
        if found[3]:
            return f'{found[3]}{other(found[4])}"'
        attributes = re.sub(r'="([^"]*)"', lambda m: f'="{other(m[1])}"', found[2])
        if LATIN in fonts:
            attributes = re.sub(r'w:(ascii|hAnsi)="[^"]*"', lambda m: f'w:{m[1]}="{escape(fonts[LATIN])}"', attributes)
        return f"{found[1]}{attributes}>"

    return _NAMES.sub(changed, xml)


def _in_chinese(styles: bytes) -> bytes:
    """Language of the text, for screen readers, spelling and the PDF: Chinese wherever the styles do not say."""
    root = parsed(styles)
    defaults = root.find(f"{W}docDefaults")
    if defaults is None:
        defaults = etree.Element(f"{W}docDefaults")
        root.insert(0, defaults)
    at = defaults
    for name in ("rPrDefault", "rPr"):
        found = at.find(f"{W}{name}")
        if found is None:
            found = etree.Element(f"{W}{name}")
            at.insert(0, found)
        at = found
    lang = at.find(f"{W}lang")
    if lang is None:
        lang = etree.SubElement(at, f"{W}lang")
    lang.set(f"{W}val", LATIN_LANGUAGE)
    lang.set(f"{W}eastAsia", LANGUAGE)
    return serialized(root)


# --- titles -----------------------------------------------------------------------------------------------------------


def style_sizes(styles: bytes) -> dict[str, float]:
    """Type size in pt of every paragraph style, inherited where a style says none."""
    found = {style.get(f"{W}styleId", ""): style for style in parsed(styles).iter(f"{W}style")} if styles else {}

    def size(style_id: str, seen: tuple[str, ...] = ()) -> float:
        style = found.get(style_id)
        if style is None or style_id in seen:
            return NORMAL
        own, parent = style.find(f"{W}rPr/{W}sz"), style.find(f"{W}basedOn")
        if own is not None:
            return float(own.get(f"{W}val", "21")) / 2
        return size(parent.get(f"{W}val", ""), (*seen, style_id)) if parent is not None else NORMAL

    return {style_id: size(style_id) for style_id in found}


def centred_styles(styles: bytes) -> set[str]:
    """The paragraph styles that centre their text, themselves or as the style they are based on does."""
    found = {style.get(f"{W}styleId", ""): style for style in parsed(styles).iter(f"{W}style")} if styles else {}

    def centred(style_id: str, seen: tuple[str, ...] = ()) -> bool:
        style = found.get(style_id)
        if style is None or style_id in seen:
            return False
        own, parent = style.find(f"{W}pPr/{W}jc"), style.find(f"{W}basedOn")
        if own is not None:
            return own.get(f"{W}val") == "center"
        return parent is not None and centred(parent.get(f"{W}val", ""), (*seen, style_id))

    return {style_id for style_id in found if centred(style_id)}


def title_inset(text: str, room: float, names: Collection[str] = ()) -> float:
    """How far a centred title of two lines should keep from either margin, so that it breaks between words; 0 to leave it alone.

    Measured in characters, as is `room`, the length of a line. A title may break after a name it holds, before a year, after a
    blank or a comma, where its first line becomes the longer one.

    >>> title_inset("第一部分　某某县行政审批服务局2022年部门预算说明", 20.1, ["某某县行政审批服务局"])
    2.4
    >>> title_inset("第二部分　部门预算公开表格", 20.1)
    0.0
    """
    whole = text_width(text) / 2
    if not room < whole <= 2 * room:
        return 0.0
    ends = {m.start() for m in re.finditer(r"(?<!\d)\d", text)} | {m.end() for m in re.finditer(r"[\s、，；及]|(?<=\d)年", text)}
    ends |= {m.end() for name in names if name for m in re.finditer(re.escape(name), text)}
    firsts = [text_width(text[:end].rstrip()) / 2 for end in ends]
    fitting = [first for first in firsts if whole - first <= first and first + SPARE <= room]
    return round((room - min(fitting) - SPARE) / 2, 1) if fitting else 0.0
