"""What is known of every unit from run to run: a small file each, in the result folder's 内部/批量, written whole or not at all.

A record is written after the result has taken its place, so it is the mark that a unit is done; whoever built it (a process
of this machine or of another) writes it. One file per unit rather than one journal: nobody has to lock anything, nothing is
torn by a power cut, and stores that cannot append will do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

import generator
from generator.bureau.identity import Identity
from generator.bureau.storage import Storage
from generator.model.problem import Problem
from generator.run import safe_name

FOLDER = "内部/批量"
MOST_KEPT = 200  # problems kept of a unit; the rest are counted, and stand in its report
BUILT, WARNED, WRONG, UNDONE, MISSING = "已生成", "有警告", "有错误", "没做完", "未交"


class Told(msgspec.Struct, frozen=True):
    """A problem as text: level, where, what, how to mend it, rule."""

    level: str
    place: str
    message: str
    hint: str = ""
    rule: str = ""

    @property
    def where(self) -> str:
        """Sheet and cell; the file's name when the whole file is meant (the unit's line names its file already)."""
        return self.place.partition("!")[2] or self.place

    @classmethod
    def of(cls, problem: Problem) -> Told:
        return cls(str(problem.level), str(problem.place), problem.message, problem.hint, problem.rule)


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a unit's workbook.

    state: BUILT, WARNED, WRONG or UNDONE (crashed, hung, out of memory: the program's affair, tried again in the next run).
    fingerprint: hash of workbook, pack, program and options. folder, handed_back: relative names. files: name → size in
    bytes, relative to the folder. figures: fact → 元. seconds: by the clock; processor: what the processor worked of them. stands: the workbook an older result in the folder was made from, when
    this one was refused.
    """

    key: str
    state: str
    fingerprint: str
    workbook: str
    sha: str
    folder: str = ""
    files: dict[str, int] = {}
    handed_back: tuple[str, ...] = ()
    counts: dict[str, int] = {}
    problems: tuple[Told, ...] = ()
    figures: dict[str, str] = {}
    stands: str = ""
    seconds: float = 0
    processor: float = 0
    finished: str = ""
    process: int = 0
    machine: str = ""
    peak_mb: float = 0


def record_name(key: str) -> str:
    """Where a unit's record is. The code in it was typed by somebody: it may hold anything, and must not lead elsewhere.

    >>> record_name("2022-124001")
    '内部/批量/2022-124001.json'
    >>> record_name("2022-../../x")
    '内部/批量/2022-.._.._x-d3acd44b.json'
    """
    safe = safe_name(key)
    return f"{FOLDER}/{safe if safe == key else f'{safe}-{hashlib.sha256(key.encode()).hexdigest()[:8]}'}.json"


def write_record(out: Storage, record: Record) -> None:
    out.write(record_name(record.key), msgspec.json.format(msgspec.json.encode(record), indent=1))


def read_record(out: Storage, key: str) -> Record | None:
    """The unit's record; None when there is none or it cannot be read (then the unit is simply built again)."""
    try:
        return msgspec.json.decode(out.read(record_name(key)), type=Record)
    except (FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def is_current(out: Storage, record: Record | None, fingerprint: str) -> bool:
    """Whether nothing has changed since and what was written is still there."""
    if record is None or record.fingerprint != fingerprint or record.state == UNDONE:
        return False
    if record.state == WRONG:
        return all(out.size(name) > 0 for name in record.handed_back)
    return all(out.size(f"{record.folder}/{name}") == size for name, size in record.files.items())


class Standing(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a unit stood at the end of the last run, for other programs and commands. sha: of its workbook; why: the first problem of one not built."""

    code: str
    name: str
    state: str
    workbook: str = ""
    sha: str = ""
    why: str = ""


_STANDINGS = f"{FOLDER}/状态.json"


def write_standings(out: Storage, standings: Iterable[Standing]) -> None:
    out.write(_STANDINGS, msgspec.json.format(msgspec.json.encode(list(standings)), indent=1))


def read_standings(out: Storage) -> list[Standing]:
    """The units of the last run in the status's order; none when there was no run."""
    try:
        return msgspec.json.decode(out.read(_STANDINGS), type=list[Standing])
    except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError, UnicodeDecodeError):
        return []


# --- fingerprints -----------------------------------------------------------------------------------------------------


def digest(parts: Iterable[bytes]) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(hashlib.sha256(part).digest())
    return found.hexdigest()


def program_digest() -> str:
    """The program's own sources: any change of them may change a result."""
    root = Path(generator.__file__).parent
    return digest(p.read_bytes() for p in sorted(root.rglob("*")) if p.suffix in (".py", ".html") and "_templates" not in p.parts)


def files_digest(files: Iterable[Path]) -> str:
    return digest(part for f in sorted(files) for part in (f.name.encode(), f.read_bytes()))


# --- whose workbook is which, remembered by content ---------------------------------------------------------------------


class _Known(msgspec.Struct):
    program: str
    files: dict[str, Identity]


def known_identities(out: Storage, program: str) -> dict[str, Identity]:
    """Content hash → identity from earlier runs of the same program."""
    try:
        known = msgspec.json.decode(out.read(f"{FOLDER}/识别.json"), type=_Known)
    except (FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return known.files if known.program == program else {}


def keep_identities(out: Storage, program: str, files: Mapping[str, Identity]) -> None:
    out.write(f"{FOLDER}/识别.json", msgspec.json.encode(_Known(program, dict(files))))
