"""Writing, all or nothing: a folder takes its place by renaming, a file too. A kill at any moment leaves the earlier result."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from generator.model.problem import OutputError


def safe_name(name: str) -> str:
    """A name that every file system takes: no separators or control characters, not empty, not too long."""
    cleaned = re.sub(r'[\\/:*?"<>|\x00-\x1f]+', "_", name).strip(" .")
    return cleaned[:80] or "预算公开"


def write_folder(folder: Path, files: Mapping[str, bytes]) -> str:
    """The files as `folder`, all or nothing. Returns another folder's path when `folder` is held open by a program (Windows).

    New files go to a hidden folder beside it, which then takes its place by renaming; a kill between the two renames is
    mended by the next run (`recover`).
    """
    parent = folder.parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        recover(folder)
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.new-", dir=parent))
    except OSError as e:
        raise OutputError(f"写不进输出文件夹 {parent}：{_reason(e)}") from None
    try:
        _write(fresh, files)
        fresh.chmod(0o755)
        for n in range(1, 100):
            goal = folder if n == 1 else folder.with_name(f"{folder.name}({n})")
            if _swap(fresh, goal):
                return "" if n == 1 else str(goal)
    except OSError as e:
        raise OutputError(f"写不进输出文件夹 {parent}：{_reason(e)}") from None
    finally:
        if fresh.exists():
            shutil.rmtree(fresh, ignore_errors=True)
    raise OutputError(f"写不进 {folder}：文件夹正被别的程序打开，请关闭后再运行")


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """The files, all on the disk when it returns. First all are written, then all are waited for: the disk takes them together, in a fifth of the time."""
    for parent in {(folder / name).parent for name in files}:
        parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as opened:
        written = [opened.enter_context((folder / name).open("wb")) for name in files]
        for file, data in zip(written, files.values(), strict=True):
            file.write(data)
            file.flush()
        for file in written:
            os.fsync(file.fileno())


def _swap(fresh: Path, folder: Path) -> bool:
    """Puts `fresh` in the place of `folder`; False when `folder` is held open."""
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder} 是一个文件，不是文件夹；请改名或删除后再运行")
    old = set_aside(folder)
    if folder.exists():
        try:
            folder.rename(old)
        except PermissionError:
            return False
    try:
        fresh.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
    return True


def set_aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def recover(folder: Path) -> None:
    """After a kill between the two renames the earlier result is brought back; leftovers of killed runs are removed."""
    old = set_aside(folder)
    if old.exists() and not folder.exists():
        old.rename(folder)
    elif old.exists():
        shutil.rmtree(old, ignore_errors=True)
    with os.scandir(folder.parent) as beside:  # a batch has thousands there: no Path for each
        leftovers = [entry.path for entry in beside if entry.name.startswith(f".{folder.name}.new-")]
    for left in leftovers:
        shutil.rmtree(left, ignore_errors=True)


def _reason(e: OSError) -> str:
    reasons = {13: "没有写权限", 28: "磁盘已满", 30: "磁盘是只读的", 36: "路径太长"}
    return reasons.get(e.errno or 0, e.strerror or str(e))


def write_file(path: Path, data: bytes) -> None:
    """One file, whole or not at all; the folder is made when it is missing."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as f:
                f.write(data)
            Path(name).chmod(0o644)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as e:
        raise OutputError(f"写不进 {path}：{_reason(e)}") from None
