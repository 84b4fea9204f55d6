"""A zip laid out by hand: parts already compressed, one behind the other, then the directory. Same input, same bytes."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import NamedTuple

UTF8 = 0x800  # flag: the name is UTF-8
VERSION = 20  # of the format, to read it: folders and deflate


class Entry(NamedTuple):
    """A part as it goes into the zip. method: of compression; checksum, size: of the part unpacked; attributes: of the file, as the directory has them."""

    name: bytes
    flags: int
    date: tuple[int, ...]
    method: int
    checksum: int
    size: int
    packed: bytes
    attributes: int = 0


def laid_out(entries: Iterable[Entry]) -> bytes:
    """The zip of these parts in their order."""
    parts: list[bytes] = []
    directory: list[bytes] = []
    at = 0
    for name, flags, (year, month, day, hour, minute, second), method, checksum, size, packed, attributes in entries:
        day_word, time_word = (max(year - 1980, 0) << 9) | (month << 5) | day, (hour << 11) | (minute << 5) | (second // 2)
        common = struct.pack("<5H3L2H", VERSION, flags, method, time_word, day_word, checksum, len(packed), size, len(name), 0)
        parts += (b"PK\x03\x04" + common + name, packed)
        directory += (b"PK\x01\x02" + struct.pack("<H", VERSION) + common + struct.pack("<3H2L", 0, 0, 0, attributes, at), name)
        at += 30 + len(name) + len(packed)
    count, tail = len(directory) // 2, b"".join(directory)
    return b"".join([*parts, tail, struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(tail), at, 0)])
