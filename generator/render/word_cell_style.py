"""How the texts of table cells look, as paragraph styles: font, size, side and line pitch said once a document, not once a cell.

A set has some ten thousand cells and a few dozen looks; said at each cell they were half of the document. An officer who
wants other figures in Word changes one style. All are based on the style 预算表文字, which a template may bring itself.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from generator.render.word_package import OFFICE, add_part, parsed, serialized
from generator.render.word_text import CELL_STYLE, CELL_STYLE_NAME, CELL_STYLE_XML, attribute, run_properties, val

PITCH = 1.25  # line pitch in font sizes, set exactly: so pages break alike in Word, WPS and LibreOffice, whatever font stands in for 宋体
STYLES = "word/styles.xml"
NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SIDES = {"": "左", "center": "中", "right": "右", "both": "两端", "distribute": "分散"}


@dataclass(frozen=True, slots=True)
class CellLook:
    """A look. size in pt, as printed; side: Word's word for the alignment, empty for left; indent in twips, on the right when the text stands there."""

    font: str
    size: float
    bold: bool = False
    side: str = ""
    indent: int = 0

    @property
    def name(self) -> str:
        """What Word lists it as; two looks never share a name."""
        return f"{CELL_STYLE_NAME} {self.font} {self.size:g}{' 粗' if self.bold else ''} {_SIDES[self.side]}{f' 缩{self.indent}' if self.indent else ''}"

    @property
    def id(self) -> str:
        """Made from the look alone, so that a document does not depend on what was written before it."""
        return f"{CELL_STYLE}{zlib.crc32(self.name.encode()):08x}"

    @property
    def xml(self) -> str:
        indent = f'<w:ind w:{"right" if self.side == "right" else "left"}="{self.indent}"/>' if self.indent else ""
        side = val("jc", self.side) if self.side else ""
        return (
            f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{self.id}">{val("name", attribute(self.name))}{val("basedOn", CELL_STYLE)}{val("uiPriority", 99)}'
            f'<w:pPr><w:spacing w:line="{round(self.size * PITCH * 20)}" w:lineRule="exact"/>{indent}{side}</w:pPr>{run_properties(self.font, self.size, self.bold)}</w:style>'
        )


def add_cell_style(parts: dict[str, bytes]) -> None:
    """The style all looks are based on, unless the template brings its own under our id."""
    if STYLES not in parts:
        empty = f'<w:styles xmlns:w="{NAMESPACE}"/>'.encode()
        add_part(parts, STYLES, empty, "application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml", "word/_rels/document.xml.rels", f"{OFFICE}/styles")
    if f'w:styleId="{CELL_STYLE}"'.encode() in parts[STYLES]:
        return
    root = parsed(parts[STYLES])
    own = CELL_STYLE_XML
    if any(n.get(f"{{{NAMESPACE}}}val") == CELL_STYLE_NAME for n in root.iter(f"{{{NAMESPACE}}}name")):
        own = own.replace(f'w:val="{CELL_STYLE_NAME}"', f'w:val="{CELL_STYLE_NAME}（程序）"')
    root.append(parsed(own.replace("<w:style ", f'<w:style xmlns:w="{NAMESPACE}" ', 1)))
    parts[STYLES] = serialized(root)


def with_looks(styles: bytes, looks: Iterable[CellLook]) -> bytes:
    """word/styles.xml with the styles of these looks at its end."""
    xml = "".join(look.xml for look in sorted(looks, key=lambda look: look.name))
    if b"<w:styles" not in styles:  # a template that calls Word's namespace by another name
        xml = xml.replace("<w:style ", f'<w:style xmlns:w="{NAMESPACE}" ')
    end = styles.rindex(b"</")
    return styles[:end] + xml.encode() + styles[end:]
