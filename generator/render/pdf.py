"""PDF by LibreOffice, and the page numbers of the contents read back from it.

One headless soffice per call with a profile of its own: a running office of the user's, or a hung one, never gets in the
way. A time-out kills the whole process group; one more try follows.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

from generator.model.problem import UsageError

TIMEOUT = 240.0  # seconds for one document; a set of 41 tables takes about 3
INSTALL = "没有找到 LibreOffice，生成不了 PDF。Debian、Ubuntu：apt-get install libreoffice-calc-nogui libreoffice-writer-nogui fonts-noto-cjk；Windows：从 libreoffice.org 安装。装在别处时用环境变量 YUSUAN_SOFFICE 指明 soffice 的位置"


def office() -> str | None:
    """The soffice program: named by YUSUAN_SOFFICE, on PATH, or where installers put it; None when there is none."""
    named = os.environ.get("YUSUAN_SOFFICE")
    usual = ("C:/Program Files/LibreOffice/program/soffice.exe", "C:/Program Files (x86)/LibreOffice/program/soffice.exe", "/Applications/LibreOffice.app/Contents/MacOS/soffice")
    candidates = [named] if named else [shutil.which("soffice"), shutil.which("libreoffice"), *usual]
    return next((c for c in candidates if c and Path(c).exists()), None)


def to_pdf(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The documents (name → bytes of .xlsx or .docx) as PDF, by name with the ending .pdf.

    UsageError when there is no office, or it fails twice.
    """
    program = office()
    if program is None:
        raise UsageError(INSTALL)
    with tempfile.TemporaryDirectory(prefix="yusuan-pdf-") as name:
        folder = Path(name)
        (folder / "in").mkdir()
        for n, (file, data) in enumerate(files.items()):
            (folder / "in" / f"{n}{Path(file).suffix}").write_bytes(data)
        sources = sorted((folder / "in").iterdir(), key=lambda p: int(p.stem))
        reason = ""
        for attempt in range(2):
            reason = _converted(program, sources, folder / "out", folder / f"profile{attempt}")
            if not reason:
                return {f"{Path(file).stem}.pdf": (folder / "out" / f"{n}.pdf").read_bytes() for n, file in enumerate(files)}
    raise UsageError(f"LibreOffice 没有生成 PDF：{reason}。公开表和说明不受影响，可以用 WPS 另存为 PDF")


def _converted(program: str, sources: Sequence[Path], out: Path, profile: Path) -> str:
    """Empty when all were converted, else why not."""
    command = [program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nolockcheck", "--convert-to", "pdf", "--outdir", str(out), *map(str, sources)]
    environment = {**os.environ, **_font_aliases(profile.parent)}
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=sys.platform != "win32", env=environment)
    except OSError as e:
        return e.strerror or str(e)
    try:
        said, _ = process.communicate(timeout=TIMEOUT * len(sources))
    except subprocess.TimeoutExpired:
        _kill(process)
        return f"等了 {TIMEOUT * len(sources):.0f} 秒没有反应"
    missing = [s for s in sources if not (out / f"{s.stem}.pdf").is_file()]
    return said.decode("utf-8", "replace").strip()[-200:] or f"退出码 {process.returncode}" if missing else ""


def _font_aliases(folder: Path) -> dict[str, str]:
    """Environment that gives LibreOffice near relatives of the office fonts a Linux machine lacks.

    Without it missing 宋体 or 仿宋 are mixed from several fonts, digits too wide for their columns among them. A font that is
    installed is used as it is: fontconfig takes the alias only after the name itself.
    """
    system = Path("/etc/fonts/fonts.conf")
    if sys.platform == "win32" or not system.is_file() or "FONTCONFIG_FILE" in os.environ:
        return {}
    serif = ("SimSun", "STSong", "FangSong", "Noto Serif CJK SC", "Noto Sans CJK SC", "WenQuanYi Micro Hei")
    sans = ("SimHei", "STHeiti", "Noto Sans CJK SC", "WenQuanYi Micro Hei", "Noto Serif CJK SC")
    wanted = dict.fromkeys(("宋体", "新宋体", "仿宋", "仿宋_GB2312", "楷体", "楷体_GB2312", "方正小标宋简体", "SimSun", "FangSong", "KaiTi"), serif) | dict.fromkeys(
        ("黑体", "SimHei", "微软雅黑"), sans
    )
    aliases = "".join(f'<alias binding="same"><family>{name}</family><accept>{"".join(f"<family>{f}</family>" for f in families if f != name)}</accept></alias>' for name, families in wanted.items())
    conf = folder / "fonts.conf"
    conf.write_text(f'<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><include ignore_missing="yes">{system}</include>{aliases}</fontconfig>', encoding="utf-8")
    return {"FONTCONFIG_FILE": str(conf)}


def _kill(process: subprocess.Popen[bytes]) -> None:
    """soffice is a script that starts another process: the whole group must go."""
    if sys.platform != "win32":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate()


def outline(pdf: bytes) -> list[tuple[str, int]]:
    """The PDF's bookmarks in order: text and page (0-based)."""
    from pypdf import PdfReader  # only needed here; its import costs as much as building a unit

    reader = PdfReader(BytesIO(pdf))
    found: list[tuple[str, int]] = []

    def walk(items: list) -> None:
        for item in items:
            if isinstance(item, list):
                walk(item)
            else:
                page = reader.get_destination_page_number(item)
                found.append((str(item.title), page if page is not None else -1))

    walk(reader.outline)
    return found


def page_numbers(pdf: bytes, headings: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Printed page numbers by bookmark, for headings (bookmark, text) in the order of the document.

    Numbering starts at 1 on the page of the first heading, as the templates' sections do (cover and contents carry none).
    Headings the PDF does not know are left out.
    """
    marks = [("".join(text.split()), page) for text, page in outline(pdf)]
    pages: dict[str, int] = {}
    at, first = 0, None
    for bookmark, text in headings:
        wanted = "".join(text.split())
        hit = next((i for i in range(at, len(marks)) if marks[i][0] == wanted), None)
        if hit is None:
            continue
        at = hit + 1
        first = marks[hit][1] if first is None else first
        pages[bookmark] = marks[hit][1] - first + 1
    return pages


def to_images(pdf: bytes, dots_per_inch: int = 60) -> list[bytes]:
    """The pages as PNG; none when poppler's pdftoppm is not there."""
    program = shutil.which("pdftoppm")
    if program is None:
        return []
    with tempfile.TemporaryDirectory(prefix="yusuan-png-") as name:
        folder = Path(name)
        (folder / "a.pdf").write_bytes(pdf)
        subprocess.run([program, "-r", str(dots_per_inch), "-png", "a.pdf", "p"], cwd=folder, check=True, timeout=TIMEOUT, stdin=subprocess.DEVNULL)
        return [p.read_bytes() for p in sorted(folder.glob("p-*.png"))]
