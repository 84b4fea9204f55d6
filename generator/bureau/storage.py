"""Where workbooks lie and results go: a folder, or anything fsspec can reach (s3://, sftp://, a share mounted nowhere).

Names are relative, with slashes. On a folder every write is whole or not at all. On a store without renaming, a result's
files are put one by one and its record last: what has no record does not count, and is built again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from generator.model.problem import UsageError
from generator.run import safe_name, write_file

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".et", ".ods")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file. time: when it was last written, seconds since 1970."""

    name: str
    size: int
    time: float


class Storage(Protocol):
    """What the batch needs of a place."""

    @property
    def where(self) -> str:
        """The place as it was written."""

    def workbooks(self) -> list[Entry]:
        """Every file that may be a workbook, in all folders below; hidden folders and Office's lock files are not looked at."""

    def read(self, name: str) -> bytes:
        """The file's bytes. FileNotFoundError when it is not there."""

    def write(self, name: str, data: bytes) -> None:
        """One file, whole or not at all."""

    def remove(self, name: str) -> None:
        """The file is gone; no matter when it was not there."""

    def size(self, name: str) -> int:
        """The file's size, -1 when it is not there."""

    def local(self, name: str) -> Any:
        """A context with the file as a path of this machine, under its own name."""

    def building(self) -> Any:
        """A context with a folder of this machine; what is built in it is here when the context ends."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of this machine or a share that is mounted."""

    where: str

    @property
    def root(self) -> Path:
        return Path(self.where)

    def workbooks(self) -> list[Entry]:
        found = []
        for path in sorted(self.root.rglob("*")):
            name = path.relative_to(self.root)
            if _looked_at(PurePosixPath(name.as_posix())) and path.is_file():
                status = path.stat()
                found.append(Entry(name.as_posix(), status.st_size, status.st_mtime))
        return found

    def read(self, name: str) -> bytes:
        return (self.root / name).read_bytes()

    def write(self, name: str, data: bytes) -> None:
        write_file(self.root / name, data)

    def remove(self, name: str) -> None:
        (self.root / name).unlink(missing_ok=True)

    def size(self, name: str) -> int:
        path = self.root / name
        return path.stat().st_size if path.is_file() else -1

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        yield self.root / name

    @contextmanager
    def building(self) -> Iterator[Path]:
        self.root.mkdir(parents=True, exist_ok=True)
        yield self.root


@dataclass(frozen=True, slots=True)
class Remote:
    """A place fsspec reaches, written as an address: s3://bucket/收件."""

    where: str

    def _fs(self) -> tuple[Any, str]:
        import fsspec

        return fsspec.core.url_to_fs(self.where)

    def _path(self, root: str, name: str) -> str:
        return f"{root.rstrip('/')}/{name}"

    def workbooks(self) -> list[Entry]:
        fs, root = self._fs()
        found = []
        for path, info in sorted(fs.find(root, detail=True).items()):
            name = PurePosixPath(path[len(root) :].lstrip("/"))
            if _looked_at(name):
                time = info.get("mtime") or info.get("LastModified") or info.get("created") or 0
                found.append(Entry(str(name), int(info.get("size") or 0), float(time.timestamp() if hasattr(time, "timestamp") else time)))
        return found

    def read(self, name: str) -> bytes:
        fs, root = self._fs()
        return bytes(fs.cat_file(self._path(root, name)))

    def write(self, name: str, data: bytes) -> None:
        fs, root = self._fs()
        path = self._path(root, name)
        fs.makedirs(path.rpartition("/")[0], exist_ok=True)
        fs.pipe_file(path, data)

    def remove(self, name: str) -> None:
        fs, root = self._fs()
        if fs.exists(self._path(root, name)):
            fs.rm_file(self._path(root, name))

    def size(self, name: str) -> int:
        fs, root = self._fs()
        path = self._path(root, name)
        return int(fs.size(path)) if fs.exists(path) else -1

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="yusuan-") as folder:
            path = Path(folder) / (safe_name(PurePosixPath(name).stem) + PurePosixPath(name).suffix)
            path.write_bytes(self.read(name))
            yield path

    @contextmanager
    def building(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="yusuan-") as name:
            folder = Path(name)
            yield folder
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    self.write(path.relative_to(folder).as_posix(), path.read_bytes())


def storage(where: str) -> Storage:
    """The place written as a path or an address. UsageError when an address needs a package that is not there."""
    if "://" not in where:
        return Folder(where)
    try:
        import fsspec

        fsspec.core.url_to_fs(where)
    except (ImportError, ValueError) as e:
        raise UsageError(f"不能用 {where}：{e}。装上 yusuan[cluster] 和这种存储要的包，或把它挂成文件夹") from None
    return Remote(where)


def _looked_at(name: PurePosixPath) -> bool:
    return name.suffix.lower() in WORKBOOKS and not any(part.startswith((".", "~$")) for part in name.parts)
