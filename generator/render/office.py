"""LibreOffice as a servant: one process for many documents, watched, and replaced when it hangs or dies.

    with Office() as office:
        for path in documents:
            pdf = office.convert(path)

soffice starts with the first document and stays for the next ones: a second for starting it is spent once (docs/性能.md).
It has a profile of its own, so that a running office of the user's never gets in the way. A document that is not done in
time, or an office that dies over it, costs one more try on a new office and then an OfficeError; the office after that
serves the next document. With the block, and with our process however that ends, soffice ends too.

The one who talks to soffice is office_worker, in a Python that can import `uno`: the one LibreOffice brings on Windows and
macOS, the system's with python3-uno on Debian. Where there is none every document has a soffice of its own, on the same
profile: slower, else alike.
"""

from __future__ import annotations

import atexit
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path
from types import TracebackType

from generator.model.problem import UsageError
from generator.render.fonts import STAND_INS

TIMEOUT = 240.0  # seconds for one document; a set of 41 tables takes about 3
STARTING = 90.0  # seconds until a new soffice answers; 3 on an idle machine
RENEW = 200  # documents until a new soffice takes over: it never gives memory back
TRIES = 2
WORKER = Path(__file__).with_name("office_worker.py")
NAMED = "YUSUAN_SOFFICE"  # environment: where soffice is; --soffice sets it
USUAL = (
    "C:/Program Files/LibreOffice/program/soffice.exe",
    "C:/Program Files (x86)/LibreOffice/program/soffice.exe",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "/opt/libreoffice/program/soffice",
    "/snap/bin/libreoffice",
)
FILTERS = {".docx": "writer_pdf_Export", ".xlsx": "calc_pdf_Export"}
SAVED_AS = {"docx": "MS Word 2007 XML", "xlsx": "Calc MS Excel 2007 XML"}  # for reading .doc, .wps, .rtf, .odt and the like
KINDS: dict[str, dict[str, bool | int]] = {
    "pdf": {"ExportBookmarks": True, "UseTaggedPDF": True, "SelectPdfVersion": 2},  # PDF/A-2b, tagged: for keeping, and for those who have it read out
    "pages": {"ExportBookmarks": True},  # to see what stands on which page; a third faster
}


class OfficeError(UsageError):
    """There is no office, or it did not do it. The text says why and what to do."""


def install_hint() -> str:
    """How to get LibreOffice on this machine."""
    if sys.platform == "win32":
        how = "运行 winget install TheDocumentFoundation.LibreOffice，或从 libreoffice.org 下载安装"
    elif sys.platform == "darwin":
        how = "运行 brew install --cask libreoffice，或从 libreoffice.org 下载安装"
    else:
        how = "Debian、Ubuntu、麒麟、统信：apt-get install libreoffice-calc-nogui libreoffice-writer-nogui python3-uno fonts-noto-cjk；其他系统从 libreoffice.org 安装"
    return f"{how}。装在别处时用 --soffice 或环境变量 {NAMED} 指明 soffice 的位置"


def find_office() -> str | None:
    """The soffice program: named by YUSUAN_SOFFICE, on PATH, or where installers put it; None when there is none."""
    named = os.environ.get(NAMED)
    candidates = [named] if named else [shutil.which("soffice"), shutil.which("libreoffice"), *USUAL]
    return next((c for c in candidates if c and Path(c).is_file()), None)


def needed_office() -> str:
    """The soffice program. OfficeError when there is none: asked before any work is done that would be lost."""
    program = find_office()
    if program is None:
        named = os.environ.get(NAMED)
        raise OfficeError(f"没有找到 LibreOffice{f'（{named} 不是一个文件）' if named else ''}，生成不了 PDF。{install_hint()}")
    return program


@lru_cache(maxsize=8)
def uno_python(program: str) -> str | None:
    """A Python that can talk to this soffice; None when there is none."""
    home = Path(program).resolve().parent
    bundled = [home / "python.exe", home / "python", home.parent / "Resources" / "python"]
    system = ["/usr/bin/python3", shutil.which("python3")] if sys.platform != "win32" else []
    for candidate in [*map(str, bundled), *system]:
        if candidate and Path(candidate).is_file():
            try:
                done = subprocess.run([candidate, "-c", "import uno"], stdin=subprocess.DEVNULL, capture_output=True, timeout=30, env=_plain_environment())
            except (OSError, subprocess.TimeoutExpired):
                continue
            if done.returncode == 0:
                return candidate
    return None


class Office:
    """Documents to PDF, one after the other. Not for several threads at once: each takes an Office of its own.

    program: soffice; by default the one `find_office` finds. timeout: seconds for one document.
    warm: keep one soffice for all documents; False starts one for each.
    """

    def __init__(self, program: str = "", timeout: float | None = None, warm: bool = True) -> None:
        self.program = program or needed_office()
        self.timeout = TIMEOUT if timeout is None else timeout
        self.warm = warm
        self._folder: Path | None = None
        self._worker: _Worker | None = None
        self._done = 0

    def __enter__(self) -> Office:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Ends soffice and removes its profile. The next document would start a new one."""
        if self._worker is not None:
            self._worker.kill()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._worker = self._folder = None
        self._done = 0

    def convert(self, path: Path, kind: str = "pdf") -> bytes:
        """A .docx or .xlsx as PDF. kind: `pdf` for handing out, `pages` for looking at the pages.

        With `docx` or `xlsx`, any document of that sort that LibreOffice opens, saved anew.

        OfficeError when it failed twice, the second time on a new soffice.
        """
        reasons: list[str] = []
        for _ in range(TRIES):
            try:
                return self._converted(path, kind)
            except _Failed as e:
                reasons.append(str(e))
                self.close()
            except BaseException:  # Ctrl-C in the middle: what soffice is doing is not ours any more
                self.close()
                raise
        raise OfficeError(
            f"LibreOffice 没有把 {path.name} 转成 {kind if kind in SAVED_AS else 'PDF'}（试了 {TRIES} 次）：{reasons[-1]}。"
            + ("可以不带 --pdf 再运行一次，用 WPS 或 Word 另存为 PDF" if kind not in SAVED_AS else f"用 WPS 或 Word 另存为 .{kind}")
        )

    def convert_bytes(self, name: str, data: bytes, kind: str = "pdf") -> bytes:
        """The same for a document in memory; its name says what it is."""
        with tempfile.TemporaryDirectory(prefix="yusuan-in-") as folder:
            path = Path(folder) / Path(name).name
            path.write_bytes(data)
            return self.convert(path, kind)

    def _converted(self, path: Path, kind: str) -> bytes:
        if self._done >= RENEW:
            self.close()
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="yusuan-office-"))
        target = self._folder / f"{self._done}.{kind if kind in SAVED_AS else 'pdf'}"
        job: dict[str, object] = {"source": str(path.resolve()), "target": str(target), "filter": _filter(path, kind), "options": KINDS.get(kind, {})}
        python = uno_python(self.program) if self.warm else None
        if python is None:
            _convert_alone(self.program, self._folder, path, target, kind, self.timeout)
        else:
            if self._worker is None:
                self._worker = _Worker(python, self.program, self._folder)
            self._worker.ask(job, self.timeout)
        self._done += 1
        try:
            return target.read_bytes()
        except OSError:
            raise _Failed("没有写出文件") from None
        finally:
            target.unlink(missing_ok=True)


@cache
def shared_office() -> Office:
    """One office for the life of this process: a worker of a batch does unit after unit with it. Ends with the process.

    OfficeError when there is none on this machine.
    """
    office = Office()
    atexit.register(office.close)
    return office


class _Failed(Exception):
    """This try came to nothing; says why."""


class _Worker:
    """office_worker with its soffice: a process group of its own, so that all of it can be ended at once."""

    def __init__(self, python: str, program: str, folder: Path) -> None:
        command = [python, str(WORKER), program, str(folder), str(STARTING)]
        self.process = _started(command, folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self._answers: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            self._answer(STARTING + 10)
        except BaseException:
            self.kill()
            raise

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._answers.put(line)
        self._answers.put(b"")

    def ask(self, job: dict[str, object], timeout: float) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(job).encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            raise _Failed("LibreOffice 中途退出了") from None
        self._answer(timeout)

    def _answer(self, timeout: float) -> None:
        try:
            line = self._answers.get(timeout=timeout)
        except queue.Empty:
            raise _Failed(f"等了 {timeout:.0f} 秒没有反应") from None
        if not line:
            raise _Failed("LibreOffice 中途退出了")
        if error := json.loads(line).get("error"):
            raise _Failed(error)

    def kill(self) -> None:
        _kill(self.process)


def _filter(path: Path, kind: str) -> str:
    """LibreOffice's name for how the document is stored."""
    return SAVED_AS[kind] if kind in SAVED_AS else FILTERS[path.suffix.lower()]


def _convert_alone(program: str, folder: Path, path: Path, target: Path, kind: str, timeout: float) -> None:
    """One document with a soffice of its own, on the profile in `folder`."""
    out = folder / "out"
    options = {name: {"type": "boolean" if isinstance(value, bool) else "long", "value": str(value).lower()} for name, value in KINDS.get(kind, {}).items()}
    command = [program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore", "--nolockcheck", "--nologo", "--convert-to"]
    command += [f"{target.suffix[1:]}:{_filter(path, kind)}{f':{json.dumps(options)}' if options else ''}", "--outdir", str(out), str(path.resolve())]
    log = folder / "soffice.log"
    with log.open("wb") as said:  # a file: a pipe would be held open by children that outlive soffice
        process = _started(command, folder, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT)
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise _Failed(f"等了 {timeout:.0f} 秒没有反应") from None
        finally:
            _kill(process)
    try:
        (out / f"{path.stem}{target.suffix}").replace(target)
    except OSError:
        raise _Failed(log.read_bytes().decode("utf-8", "replace").strip()[-200:] or f"退出码 {process.returncode}") from None


def _started(command: list[str], folder: Path, **streams: object) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(command, start_new_session=sys.platform != "win32", env={**_plain_environment(), **font_aliases(folder)}, **streams)  # type: ignore[call-overload]
    except OSError as e:
        raise _Failed(f"{Path(command[0]).name} 运行不了：{e.strerror or e}") from None


def _plain_environment() -> dict[str, str]:
    """Without what steers our own Python: another Python would take it for its own."""
    return {key: value for key, value in os.environ.items() if key not in ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")}


def _kill(process: subprocess.Popen[bytes]) -> None:
    """The process with all it started: soffice is a script that starts another process."""
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False)
    else:
        with suppress(ProcessLookupError):  # all gone by themselves
            os.killpg(process.pid, signal.SIGKILL)
    end = time.monotonic() + 10
    while process.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(OSError):
                stream.close()


def font_aliases(folder: Path) -> dict[str, str]:
    """Environment that gives LibreOffice near relatives of the office fonts a Linux machine lacks.

    Without it missing 宋体 or 仿宋 are mixed from several fonts, digits too wide for their columns among them. A font that is
    installed is used as it is: fontconfig takes the alias only after the name itself.
    """
    system = Path("/etc/fonts/fonts.conf")
    if sys.platform == "win32" or not system.is_file() or "FONTCONFIG_FILE" in os.environ:
        return {}
    aliases = "".join(
        f'<alias binding="same"><family>{name}</family><accept>{"".join(f"<family>{f}</family>" for f in families if f != name)}</accept></alias>' for name, families in STAND_INS.items()
    )
    conf = folder / "fonts.conf"
    conf.write_text(f'<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><include ignore_missing="yes">{system}</include>{aliases}</fontconfig>', encoding="utf-8")
    return {"FONTCONFIG_FILE": str(conf)}
