"""Runs inside the Python that LibreOffice brings (or the system's, with python3-uno): starts one soffice and converts for `office.Office`.

A program of its own, of the standard library and `uno` alone: the Python that can import uno is seldom ours. Started as

    python office_worker.py SOFFICE FOLDER SECONDS

FOLDER holds the profile; soffice has to answer within SECONDS. Then a line of JSON on standard input is one job
{"source", "target", "filter", "options"}, and a line of JSON comes back: {} done, {"error": why}. The first line that comes
back says that soffice is there. When standard input ends, however its owner ended, soffice is killed and FOLDER removed.
"""

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any


def main() -> None:
    program, folder, seconds = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
    jobs: queue.Queue = queue.Queue()
    threading.Thread(target=listen, args=(jobs, folder), daemon=True).start()
    try:
        desktop = started(program, folder, seconds)
    except Exception as e:
        say({"error": str(e)})
        return
    say({})
    while True:
        try:
            convert(desktop, json.loads(jobs.get()))
            say({})
        except Exception as e:
            say({"error": " ".join(str(e).split())[:300] or type(e).__name__})


def say(answer: dict) -> None:
    print(json.dumps(answer), flush=True)


def listen(jobs: queue.Queue, folder: Path) -> None:
    """A thread of its own: the end of the owner is noticed while soffice hangs, too."""
    for line in sys.stdin:
        jobs.put(line)
    shutil.rmtree(str(folder), ignore_errors=True)
    if sys.platform == "win32":
        subprocess.call(["taskkill", "/F", "/T", "/PID", str(os.getpid())])
    else:
        os.killpg(os.getpgrp(), signal.SIGKILL)  # the owner gave us a group of our own; soffice and its children are in it


def started(program: str, folder: Path, seconds: float) -> Any:
    """soffice's desktop. Raises with what soffice said when it ends, or does not answer in time."""
    import uno

    name = "yusuan" + uuid.uuid4().hex
    log = folder / "soffice.log"
    command = [program, "-env:UserInstallation=" + (folder / "profile").as_uri(), "--headless", "--invisible", "--norestore", "--nodefault"]
    command += ["--nolockcheck", "--nologo", "--nofirststartwizard", "--accept=pipe,name=" + name + ";urp;StarOffice.ComponentContext"]
    with log.open("wb") as out:
        office = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    end = time.monotonic() + seconds
    while True:
        try:
            context = resolver.resolve("uno:pipe,name=" + name + ";urp;StarOffice.ComponentContext")
            return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        except Exception:  # not there yet
            if office.poll() is not None:
                said = log.read_bytes().decode("utf-8", "replace").strip()
                raise RuntimeError(said[-200:] or "退出码 " + str(office.returncode)) from None
            if time.monotonic() > end:
                raise RuntimeError("等了 " + str(round(seconds)) + " 秒没有反应") from None
            time.sleep(0.05)


def convert(desktop: Any, job: dict) -> None:
    """One document opened without macros, links or updates, stored, closed."""
    import uno
    from com.sun.star.beans import PropertyValue

    def properties(values: dict) -> tuple:
        made = []
        for name, value in values.items():
            one = PropertyValue()
            one.Name, one.Value = name, value
            made.append(one)
        return tuple(made)

    url = uno.systemPathToFileUrl(job["source"])
    document = desktop.loadComponentFromURL(url, "_blank", 0, properties({"Hidden": True, "ReadOnly": True, "MacroExecutionMode": 0, "UpdateDocMode": 0}))
    if document is None:
        raise RuntimeError("打不开 " + Path(job["source"]).name)
    try:
        options = uno.Any("[]com.sun.star.beans.PropertyValue", properties(job["options"]))
        document.storeToURL(uno.systemPathToFileUrl(job["target"]), properties({"FilterName": job["filter"], "FilterData": options}))
    finally:
        document.close(True)


if __name__ == "__main__":
    main()
