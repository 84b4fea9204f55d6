"""The parts of a zip that this program has just written, unpacked fast. For what comes from outside there is package.py, which trusts nothing."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from types import ModuleType
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

inflating: ModuleType
try:  # twice as fast as zlib, its checksum eight times; only for speed, so a machine without it still works
    from isal import isal_zlib as inflating
except ImportError:
    inflating = zlib


class Finished:
    """A finished .xlsx or .docx, each part unpacked when it is asked for. BadZipFile when it is none or a part is damaged."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        with ZipFile(BytesIO(data)) as archive:
            self._entries = {entry.filename: entry for entry in archive.infolist()}

    @property
    def names(self) -> list[str]:
        return list(self._entries)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def read(self, name: str) -> bytes:
        return b"".join(self.pieces(name, self._entries[name].file_size + 1))

    def pieces(self, name: str, most: int) -> Iterator[bytes]:
        """The part, at most so many bytes at a time."""
        entry = self._entries[name]
        start = entry.header_offset + 30
        start += sum(struct.unpack("<HH", self._data[start - 4 : start]))  # what the local header has of name and extra field
        packed = self._data[start : start + entry.compress_size]
        if entry.compress_type != ZIP_DEFLATED:
            yield bytes(packed)
            return
        inflater = inflating.decompressobj(-zlib.MAX_WBITS)
        checksum = 0
        rest: memoryview | bytes = packed
        while not inflater.eof:
            try:
                piece = inflater.decompress(rest, most)
            except inflating.error:
                piece = b""
            if not piece and not inflater.eof:
                raise BadZipFile(name)
            checksum = inflating.crc32(piece, checksum)
            rest = inflater.unconsumed_tail
            yield piece
        if checksum != entry.CRC:
            raise BadZipFile(name)
