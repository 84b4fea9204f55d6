"""Where packs are found: built in (templates/), or a bureau's own as one folder or one zip.

A bureau's pack is flat: `<id>.xlsx` (套表 and layouts), `<id>.yaml`, one or more `.docx`, and code lists as `.csv` where it
replaces any. Schema, base pack and code lists that it does not bring come from the built-in library.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath

from generator.model.problem import PackError, UnknownPack
from generator.pack.strict_yaml import suggestion

SUFFIXES = (".xlsx", ".yaml", ".docx", ".csv")
MAX_FILES, MAX_BYTES = 200, 100_000_000


def templates_folder() -> Path:
    """The built-in library: $YUSUAN_TEMPLATES, the checkout's templates/, or the copy inside an installed wheel."""
    if named := os.environ.get("YUSUAN_TEMPLATES"):
        return Path(named)
    here = Path(__file__).resolve().parent.parent
    inside = here / "_templates"
    return inside if inside.is_dir() else here.parent / "templates"


@dataclass(frozen=True, slots=True)
class Library:
    """The built-in folder and, when a bureau's own pack is used, its folder, which is looked in first."""

    root: Path
    own: Path | None = None

    def yaml(self, pack_id: str) -> Path | None:
        return self._first(pack_id, f"{pack_id}.yaml", "packs")

    def xlsx(self, pack_id: str) -> Path | None:
        return self._first(pack_id, f"{pack_id}.xlsx", "xlsx")

    def documents(self, pack_id: str) -> list[Path]:
        """The Word templates of a pack; none when it has none itself (those of the pack it extends are used then)."""
        if self.own is not None and (self.own / f"{pack_id}.yaml").is_file():
            return _documents(self.own)
        return _documents(self.root / "docx" / pack_id) if pack_id == Path(pack_id).name else []

    def codes(self, name: str) -> Path:
        """A code list; a bureau's own comes first."""
        own = self.own / f"{name}.csv" if self.own is not None else None
        return own if own is not None and own.is_file() else self.root / "codes" / f"{name}.csv"

    def code_lists(self) -> list[str]:
        """The names of all code lists there are."""
        folders = [self.root / "codes", *([self.own] if self.own is not None else [])]
        return sorted({file.stem for folder in folders for file in folder.glob("*.csv")})

    def shared(self, name: str) -> Path:
        """A file all packs share: master.yaml, glossary.yaml."""
        return self.root / "packs" / name

    def _first(self, pack_id: str, file: str, folder: str) -> Path | None:
        if not pack_id or pack_id != Path(pack_id).name:
            return None
        places = [self.own / file] if self.own is not None else []
        return next((p for p in (*places, self.root / folder / file) if p.is_file()), None)

    def ids(self) -> list[str]:
        """The packs that can be built: those with a layout workbook and a YAML file."""
        built_in = [p.stem for p in (self.root / "xlsx").glob("*.xlsx") if not p.name.startswith(("~", ".")) and self.yaml(p.stem)]
        own = [p.stem for p in self.own.glob("*.yaml")] if self.own is not None else []
        return sorted({*built_in, *own})


def _documents(folder: Path) -> list[Path]:
    return sorted(p for p in folder.glob("*.docx") if not p.name.startswith(("~", ".")))


def locate(pack: str, near: Path | None = None) -> tuple[str, Library]:
    """The id and library of a pack named by id, folder or zip.

    An id that is not built in is also looked for as `<id>.zip` or folder `<id>` in the current folder and in `near` (the
    workbook's own folder): a clerk keeps what the bureau handed out in one place.
    """
    root = templates_folder()
    path = Path(pack)
    if path.suffix.lower() == ".zip" or path.is_dir() or os.sep in pack or "/" in pack:
        return _own(path, root)
    library = Library(root)
    if library.yaml(pack):
        return pack, library
    for folder in filter(None, (near, Path())):
        for candidate in (folder / f"{pack}.zip", folder / pack):
            if pack and (candidate.is_file() or candidate.is_dir()):
                return _own(candidate, root)
    known = library.ids()
    near_miss = suggestion(pack, known)
    raise UnknownPack(f"没有套表“{pack}”；现有：{'、'.join(known)}{near_miss or '。'}财政局发的套表（.zip）可以和主工作簿放在同一个文件夹，或用 --pack 指定")


def _own(path: Path, root: Path) -> tuple[str, Library]:
    if path.is_file():
        folder = _unpacked(path)
    elif path.is_dir():
        folder = path
    else:
        raise UnknownPack(f"找不到套表 {path}")
    ids = [p.stem for p in sorted(folder.glob("*.yaml"))]
    if len(ids) != 1:
        raise PackError(f"{path.name} 里要有且只有一个 .yaml 文件，现在有 {len(ids)} 个")
    if not (folder / f"{ids[0]}.xlsx").is_file():
        raise PackError(f"{path.name} 里没有表样工作簿 {ids[0]}.xlsx")
    return ids[0], Library(root, folder)


def _unpacked(path: Path) -> Path:
    """The zip's files in a folder of this user's own, by content, so that a changed zip is unpacked anew. Nothing else of the zip is trusted."""
    try:
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        home = Path(tempfile.gettempdir()) / f"yusuan-packs-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
        home.mkdir(mode=0o700, exist_ok=True)
        if hasattr(os, "getuid") and (home.stat().st_uid != os.getuid() or stat.S_IMODE(home.stat().st_mode) & 0o077):
            home = Path(tempfile.mkdtemp(prefix="yusuan-packs-"))  # somebody else made the usual place
        folder = home / digest
        if not folder.is_dir():
            fresh = Path(tempfile.mkdtemp(dir=home))
            try:
                _extract(path, fresh)
                fresh.rename(folder)
            except OSError:
                if not folder.is_dir():  # another process may have been quicker
                    raise
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
        return folder
    except zipfile.BadZipFile:
        raise PackError(f"{path.name} 不是 zip 文件，或者没有下载完整") from None
    except OSError as e:
        raise PackError(f"{path.name} 打不开：{e.strerror or e}") from None


def _extract(path: Path, folder: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        infos = [i for i in archive.infolist() if not i.is_dir()]
        if len(infos) > MAX_FILES or sum(i.file_size for i in infos) > MAX_BYTES:
            raise PackError(f"{path.name} 太大，不像是套表")
        left = MAX_BYTES
        for info in infos:
            name = PurePosixPath(info.filename.replace("\\", "/")).name  # folders inside the zip do not matter
            if name.startswith((".", "~")) or not name.lower().endswith(SUFFIXES):
                continue
            with archive.open(info) as source:
                content = source.read(left + 1)  # a size that lies is cut here
            left -= len(content)
            if left < 0:
                raise PackError(f"{path.name} 太大，不像是套表")
            (folder / name).write_bytes(content)


def zipped(files: dict[str, bytes]) -> bytes:
    """Files as a zip; the same files give the same bytes."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, files[name])
    return out.getvalue()
