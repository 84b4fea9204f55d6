"""The OLE compound file around an .xls (and a WPS .et): streams by name.

Format: [MS-CFB]. Every chain of sectors is bounded by the number of sectors there are, so a loop ends in a refusal.
"""

from __future__ import annotations

import struct
from array import array

from generator.read.refusal import damaged

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = 0xFFFFFFFA  # this and above are not sector numbers but marks: end of chain, free, table sectors
_NOBODY = 0xFFFFFFFF
_ENTRY = 128


class CompoundFile:
    """The streams in the root folder, by lower-case name (embedded objects keep streams of the same names further down).

    Raises Refused for a broken file.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._open(data)
        except (struct.error, IndexError, ValueError):
            raise damaged("OLE") from None

    def _open(self, data: bytes) -> None:
        sector_shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if sector_shift not in (9, 12) or mini_shift != 6:
            raise damaged("OLE 扇区大小")
        self._size = 1 << sector_shift
        self._data = data + bytes(-len(data) % self._size)  # some writers cut the last sector short
        self._sectors = len(self._data) // self._size - 1
        tables, directory, cutoff, mini_start, mini_count, master_start, master_count = struct.unpack_from("<I I 4x I I I I I", data, 44)
        masters = [number for number in struct.unpack_from("<109I", data, 76) if number < _END]
        for _ in range(min(master_count, self._sectors)):
            if master_start >= _END:
                break
            *more, master_start = struct.unpack(f"<{self._size // 4}I", self._sector(master_start))
            masters += [number for number in more if number < _END]
        self._table = _numbers(b"".join(self._sector(number) for number in masters[: min(tables, self._sectors)]))
        self._cutoff = cutoff
        self._mini_table = _numbers(self._chain(mini_start)) if mini_count else array("I")
        entries = self._chain(directory)
        self._mini = b""
        self.streams: dict[str, tuple[int, int]] = {}
        self._list(entries)

    def _list(self, entries: bytes) -> None:
        """Walks the tree of the root folder's entries, each at most once."""
        count = len(entries) // _ENTRY
        root_start, root_size = struct.unpack_from("<II", entries, 116)
        self._mini = self._chain(root_start)[:root_size] if root_start < _END else b""
        waiting, seen = [struct.unpack_from("<I", entries, 76)[0]], set()
        while waiting:
            number = waiting.pop()
            if number >= count or number in seen:
                continue
            seen.add(number)
            entry = entries[number * _ENTRY : (number + 1) * _ENTRY]
            length, kind = struct.unpack_from("<HB", entry, 64)
            left, right = struct.unpack_from("<II", entry, 68)
            waiting += [left, right]
            if kind == 2 and 2 <= length <= 64:
                name = entry[: length - 2].decode("utf-16-le", "replace").lower()
                self.streams[name] = struct.unpack_from("<II", entry, 116)

    def stream(self, name: str) -> bytes:
        """The bytes of a stream. Raises Refused when its sectors are broken, KeyError when it is not there."""
        start, size = self.streams[name]
        if size < self._cutoff:
            return self._mini_chain(start, size)
        content = self._chain(start)
        if len(content) < size:
            raise damaged("OLE 流不完整")
        return content[:size]

    def _sector(self, number: int) -> bytes:
        if number >= self._sectors:
            raise damaged("OLE 扇区")
        return self._data[(number + 1) * self._size : (number + 2) * self._size]

    def _chain(self, number: int) -> bytes:
        found: list[bytes] = []
        while number < _END:
            if len(found) > self._sectors or number >= len(self._table):
                raise damaged("OLE 扇区链")
            found.append(self._sector(number))
            number = self._table[number]
        return b"".join(found)

    def _mini_chain(self, number: int, size: int) -> bytes:
        found: list[bytes] = []
        while number < _END and len(found) * 64 < size:
            if number >= len(self._mini_table) or (number + 1) * 64 > len(self._mini) + 63:
                raise damaged("OLE 扇区链")
            found.append(self._mini[number * 64 : (number + 1) * 64])
            number = self._mini_table[number]
        content = b"".join(found)
        if len(content) < size:
            raise damaged("OLE 流不完整")
        return content[:size]


def _numbers(data: bytes) -> array[int]:
    return array("I", struct.unpack(f"<{len(data) // 4}I", data))
