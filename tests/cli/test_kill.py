"""A build may be killed at any moment: the earlier result stays whole."""

import random
import signal
import subprocess
import sys
import time

import pytest

from generator import run
from generator.run import files
from tests.support import ROOT, sample


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_killed_at_any_moment_the_earlier_result_is_whole(tmp_path):
    first = run.build_set(sample(), tmp_path)
    before = {p.name: p.read_bytes() for p in first.folder.rglob("*") if p.is_file()}
    command = [sys.executable, "-m", "generator", "build", str(sample()), "-o", str(tmp_path), "--fast"]
    start = time.monotonic()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    whole = time.monotonic() - start
    rng = random.Random(2)
    for n in range(12):
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(whole * (0.5 + 0.5 * rng.random() if n % 2 else rng.random()))
        process.send_signal(signal.SIGKILL)
        process.wait()
        files.recover(first.folder)  # what the next run does first
        assert first.folder.is_dir()
        assert {p.name: p.read_bytes() for p in first.folder.rglob("*") if p.is_file()} == before
        visible = [p.name for p in tmp_path.iterdir() if not p.name.startswith(".")]
        assert visible == [first.folder.name]
    run.build_set(sample(), tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == [first.folder.name], "leftovers of killed runs are gone"
