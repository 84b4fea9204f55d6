"""XML from an untrusted file: no DTD, no entities, UTF-8 or UTF-16 only.

Office Open XML (ECMA-376 part 2, 8.1.4) and OpenDocument parts need no DTD, so one is a trick (billion laughs,
external entities) and is refused before any parser sees it. expat is used because it calls back with plain strings,
never opens a file and builds no tree.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.parsers import expat

from generator.read.refusal import Refused, damaged

_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be", b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}


def as_utf8(data: bytes) -> bytes:
    """The part as UTF-8 without a byte order mark. Raises Refused for any other encoding than the two allowed.

    >>> as_utf8('<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16"))
    b'<a/>'
    """
    encoding = _UTF16.get(data[:2])
    if encoding:
        try:
            return _DECLARATION.sub("", data.decode(encoding).lstrip("\ufeff")).encode()
        except UnicodeError:
            raise damaged("UTF-16") from None
    data = data.removeprefix(b"\xef\xbb\xbf")
    declared = _ENCODING.match(data[:1000])
    if declared and declared.group(1).lower() not in (b"utf-8", b"utf8", b"us-ascii", b"ascii"):
        raise Refused(f"文件里的内容用了不常见的编码 {declared.group(1).decode()}")
    return data


def refuse_doctype(data: bytes) -> None:
    """Raises Refused when the part declares a document type or an entity."""
    # "<" in content is always written "&lt;", so these bytes cannot be part of somebody's text (but for CDATA, which no
    # spreadsheet program writes).
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise Refused("文件里有工作簿不该有的内容（DTD 实体声明），为安全起见不读")


def walk(
    data: bytes,
    start: Callable[[str, dict[str, str]], None] | None = None,
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
    namespaces: bool = False,
    sheet: str = "",
) -> None:
    """Calls `start`, `end`, `text` for the part in order; without them it only looks whether the part is well-formed.

    Names come without their prefix (`x:row` is `row`); with `namespaces` as `uri name` instead, attributes too.
    Raises Refused for a DTD and for what is not well-formed.
    """
    parser = expat.ParserCreate(namespace_separator=" ") if namespaces else expat.ParserCreate()
    parser.buffer_text = True

    def doctype(*_: object) -> None:
        raise Refused("文件里有工作簿不该有的内容（DTD 实体声明），为安全起见不读")

    parser.StartDoctypeDeclHandler = doctype
    if namespaces:
        parser.StartElementHandler = start
        parser.EndElementHandler = end
    else:
        parser.StartElementHandler = (lambda name, attributes: start(local(name), {local(key): value for key, value in attributes.items()})) if start else None
        parser.EndElementHandler = (lambda name: end(local(name))) if end else None
    parser.CharacterDataHandler = text
    try:
        parser.Parse(data, True)
    except expat.ExpatError as fault:
        raise damaged(f"XML 第 {fault.lineno} 行", sheet) from fault


def local(name: str) -> str:
    """
    >>> local("x:row"), local("row")
    ('row', 'row')
    """
    return name.rpartition(":")[2]


def truth(text: str | None) -> bool:
    """xsd:boolean, where `1` and `true` mean yes."""
    return text is not None and text.strip().lower() in ("1", "true", "on")
