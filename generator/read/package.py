"""The zip around an .xlsx or .ods: parts by name, each inflated once, within limits and checked against what the zip declares.

zipfile lists the parts; they are inflated here, because zipfile stops quietly at the declared size while other readers go on,
so a part that lies about its size would be two different files to two readers.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from generator.read.refusal import Refused, damaged, password
from generator.read.safe_xml import as_utf8, refuse_doctype

MAX_PARTS = 5_000
MAX_UNPACKED = 200 * 1024 * 1024
"""Bytes of all parts read, together. 15 sheets of 3 000 rows are some 35 MB."""
SMALL = 10 * 1024 * 1024
MAX_RATIO = 250
"""Unpacked to packed of a part beyond SMALL. Real sheets stay below 60; deflate's limit, which a bomb wants, is 1 032."""


def normal(name: str) -> str:
    """A part's name as the parts are looked up: names ignore case (ECMA-376 part 2, 9.1.1.3), and some writers use `\\`."""
    return name.replace("\\", "/").lstrip("/").lower()


class Package:
    """The parts of a zip file. Nothing is inflated before it is asked for. Raises Refused for a broken or hostile zip."""

    def __init__(self, data: bytes) -> None:
        if data.count(b"PK\x01\x02") > MAX_PARTS:
            raise Refused("压缩包里的文件太多，不像是工作簿")
        try:
            entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
        except (zipfile.BadZipFile, struct.error, ValueError, OverflowError, NotImplementedError, EOFError, OSError):
            raise damaged("zip 目录不完整") from None
        self._data = data
        self._left = MAX_UNPACKED
        self._parts: dict[str, zipfile.ZipInfo] = {}
        self._twice: set[str] = set()
        for entry in entries:
            name = normal(entry.filename)
            if name in self._parts:
                self._twice.add(name)
            self._parts[name] = entry

    @property
    def names(self) -> list[str]:
        """The parts' names in lower case."""
        return list(self._parts)

    def __contains__(self, name: str) -> bool:
        return normal(name) in self._parts

    def part(self, name: str) -> bytes:
        """What the part holds. Raises Refused when it is missing, damaged, encrypted, twice there or too large."""
        name = normal(name)
        entry = self._parts.get(name)
        if entry is None:
            raise damaged(f"缺少 {name}")
        if name in self._twice:
            raise Refused(f"文件里的 {name} 出现了两次，不知道该读哪一个")
        if entry.flag_bits & 1:
            raise password()
        if entry.file_size > self._left:
            raise Refused(f"文件解开后超过 {MAX_UNPACKED // 1024 // 1024} MB，太大了", "请删去无关的工作表、图片和远处的空行空列，另存后再用")
        if entry.file_size > SMALL and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            raise Refused("文件压缩得不正常（像是压缩炸弹），为安全起见不读")
        content = self._inflate(entry)
        if len(content) != entry.file_size or zlib.crc32(content) != entry.CRC:
            raise damaged(name)
        self._left -= len(content)
        return content

    def xml(self, name: str) -> bytes:
        """The part as UTF-8, without any DTD in it."""
        content = as_utf8(self.part(name))
        if b"<!" in content:
            refuse_doctype(content)
        return content

    def _inflate(self, entry: zipfile.ZipInfo) -> bytes:
        at = entry.header_offset
        header = self._data[at : at + 30]
        if at < 0 or len(header) < 30 or not header.startswith(b"PK\x03\x04"):
            raise damaged(entry.filename)
        name_length, extra_length = struct.unpack("<HH", header[26:30])
        start = at + 30 + name_length + extra_length
        packed = memoryview(self._data)[start : start + entry.compress_size]
        if entry.compress_type == zipfile.ZIP_STORED:
            return bytes(packed)
        if entry.compress_type != zipfile.ZIP_DEFLATED:
            raise Refused("文件用了少见的压缩方式")
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            content = inflater.decompress(packed, entry.file_size + 1)  # one more than declared shows a lie without inflating it
        except zlib.error:
            raise damaged(entry.filename) from None
        return content if inflater.eof else b""
