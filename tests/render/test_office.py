"""LibreOffice as a servant: missing, hung, dying, killed; one process for many documents; none left behind."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import docx
import pytest

from generator import cli
from generator.render import office
from generator.render.office import Office, OfficeError
from tests.support import sample

NEEDS_OFFICE = pytest.mark.skipif(office.find_office() is None, reason="LibreOffice 没有装，排版的测试不跑")
NEEDS_UNO = pytest.mark.skipif(office.find_office() is None or office.uno_python(office.find_office() or "") is None, reason="没有 python3-uno，一个 soffice 只转一个文件")
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="假的 soffice 是 shell 脚本")
BOTH = pytest.mark.parametrize("warm", [True, False], ids=["一个进程", "每个文件一个进程"])


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "一页.docx"
    one = docx.Document()
    one.add_paragraph("预算公开说明")
    one.save(str(path))
    return path


def fake(tmp_path: Path, script: str) -> str:
    program = tmp_path / "soffice"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(program)


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie that nobody reaps does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(pid: int, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.05)
    return not alive(pid)


def office_process(serving: Office) -> int:
    """soffice.bin of a warm office."""
    assert serving._worker is not None
    group = serving._worker.process.pid
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and entry.joinpath("comm").exists() and entry.joinpath("comm").read_text().strip() == "soffice.bin" and os.getpgid(int(entry.name)) == group:
            return int(entry.name)
    raise AssertionError("no soffice.bin in the group")


# --- missing ----------------------------------------------------------------------------------------------------------


def test_no_office_is_told_with_the_way_to_install_it(monkeypatch):
    monkeypatch.setenv(office.NAMED, "/nowhere/soffice")
    with pytest.raises(OfficeError, match=r"没有找到 LibreOffice（/nowhere/soffice 不是一个文件）.*(apt-get install|winget|brew)"):
        Office()


def test_a_pdf_that_cannot_be_made_is_refused_before_any_work(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(office.NAMED, "")
    read = []
    monkeypatch.setattr("generator.run.checking.read_workbook", lambda path: read.append(path))
    assert cli.main(["build", str(sample()), "-o", str(tmp_path / "out"), "--pdf", "--soffice", str(tmp_path / "soffice")]) == 2
    assert "没有找到 LibreOffice" in capsys.readouterr().err
    assert not read
    assert not (tmp_path / "out").exists()


# --- hung, dying ------------------------------------------------------------------------------------------------------


@POSIX
@BOTH
def test_an_office_that_never_answers_is_ended_with_its_children(tmp_path, document, monkeypatch, warm):
    monkeypatch.setattr(office, "STARTING", 1.0)
    program = fake(tmp_path, f"sleep 600 & echo $! >> {tmp_path}/pids; echo $$ >> {tmp_path}/pids; sleep 600")
    start = time.monotonic()
    with Office(program, timeout=1, warm=warm) as serving, pytest.raises(OfficeError, match=r"试了 2 次.*没有反应"):
        serving.convert(document)
    assert time.monotonic() - start < 30
    pids = [int(p) for p in (tmp_path / "pids").read_text().split()]
    assert len(pids) == 4  # two tries, each with a child
    assert all(gone(pid) for pid in pids)


@POSIX
@BOTH
def test_an_office_that_ends_at_once_is_not_waited_for(tmp_path, document, warm):
    start = time.monotonic()
    with Office(fake(tmp_path, "echo 坏了; exit 3"), warm=warm) as serving, pytest.raises(OfficeError, match=r"一页\.docx.*坏了"):
        serving.convert(document)
    assert time.monotonic() - start < 30


@POSIX
@NEEDS_OFFICE
@BOTH
def test_one_failure_costs_one_more_try(tmp_path, document, warm):
    program = fake(tmp_path, f'if [ ! -e {tmp_path}/tried ]; then touch {tmp_path}/tried; exit 3; fi\nexec {office.find_office()} "$@"')
    with Office(program, warm=warm) as serving:
        assert serving.convert(document).startswith(b"%PDF")
    assert (tmp_path / "tried").exists()


@POSIX
@NEEDS_UNO
def test_one_process_serves_many_and_a_sick_one_is_replaced(document):
    with Office(timeout=60) as serving:
        assert serving.convert(document).startswith(b"%PDF")
        first = office_process(serving)
        assert serving.convert(document, "pages").startswith(b"%PDF")
        assert office_process(serving) == first, "a second document started a second office"

        os.kill(first, signal.SIGKILL)  # dies between two documents
        assert serving.convert(document).startswith(b"%PDF")
        second = office_process(serving)
        assert second != first

        os.kill(second, signal.SIGSTOP)  # hangs
        serving.timeout = 6  # a page takes a tenth of a second
        assert serving.convert(document).startswith(b"%PDF")
        assert gone(second)
        third, folder = office_process(serving), serving._folder
    assert gone(third), "the block has ended and soffice has not"
    assert folder is not None
    assert not folder.exists()


@NEEDS_OFFICE
def test_a_document_that_cannot_be_opened_does_not_stop_the_next(tmp_path, document):
    broken = tmp_path / "坏.docx"
    broken.write_bytes(b"PK\x03\x04" + bytes(200))
    with Office(timeout=60) as serving:
        with pytest.raises(OfficeError, match=r"坏\.docx"):
            serving.convert(broken)
        assert serving.convert(document).startswith(b"%PDF")


@NEEDS_UNO
def test_a_long_batch_gets_a_new_office_now_and_then(document, monkeypatch):
    monkeypatch.setattr(office, "RENEW", 1)
    with Office() as serving:
        serving.convert(document)
        first = office_process(serving)
        serving.convert(document)
        assert office_process(serving) != first


# --- killed -----------------------------------------------------------------------------------------------------------


@POSIX
@pytest.mark.skipif(office.uno_python("/usr/bin/soffice") is None, reason="没有 python3-uno")
def test_no_office_outlives_a_killed_program(tmp_path, document):
    program = fake(tmp_path, f"echo $$ > {tmp_path}/pid; sleep 600")
    script = f"from pathlib import Path\nfrom generator.render.office import Office\nOffice({program!r}).convert(Path({str(document)!r}))"
    ours = subprocess.Popen([sys.executable, "-c", script], cwd=Path(__file__).parents[2], env={**os.environ, "TMPDIR": str(tmp_path)})
    try:
        end = time.monotonic() + 30
        while not (tmp_path / "pid").exists() and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(0.2)
        started = int((tmp_path / "pid").read_text())
        assert alive(started)
    finally:
        ours.kill()
        ours.wait()
    assert gone(started), "soffice is left behind"
    assert not list(tmp_path.glob("yusuan-office-*")), "a profile is left behind"


def test_the_worker_needs_nothing_of_ours():
    """It runs in another Python: a copy alone must compile and import nothing but the standard library."""
    source = office.WORKER.read_text(encoding="utf-8")
    assert "generator" not in source.replace("office.Office", "")
    python = shutil.which("python3", path="/usr/bin") or sys.executable
    done = subprocess.run([python, "-c", "import runpy, sys; runpy.run_path(sys.argv[1], run_name='worker')", str(office.WORKER)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# --- batch ------------------------------------------------------------------------------------------------------------


@NEEDS_UNO
def test_a_worker_of_a_batch_does_unit_after_unit_with_one_office(tmp_path, monkeypatch):
    from generator.bureau import work
    from generator.render.pdf import to_pdf

    made = []

    class Counted(Office):
        def __init__(self) -> None:
            made.append(self)
            super().__init__()

    monkeypatch.setattr(office, "Office", Counted)
    office.shared_office.cache_clear()
    try:
        one, two = work.shared_office(), work.shared_office()
        assert one is two
        assert len(made) == 1
        path = tmp_path / "甲.docx"
        docx.Document().save(str(path))
        to_pdf({"甲.docx": path.read_bytes()}, one, "pages")
        process = office_process(one)
        to_pdf({"乙.docx": path.read_bytes()}, two, "pages")
        assert office_process(two) == process
    finally:
        office.shared_office().close()
        office.shared_office.cache_clear()


def test_a_batch_that_wants_pdf_and_cannot_is_refused_before_any_unit(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(office.NAMED, "/nowhere/soffice")
    shutil.copy(sample("performance-2021"), tmp_path)
    assert cli.main(["batch", str(tmp_path), "-o", str(tmp_path / "out"), "--pdf"]) == 2
    assert "没有找到 LibreOffice" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
