"""Who does the work: the interface the batch is written against, and the processes of this machine.

A task is a function with one argument. Its end is its value, or a Failure that says what happened to the process; one
task's end never touches another's.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import queue
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, TimeoutError
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from pebble import ProcessExpired, ProcessPool

A = TypeVar("A")
R = TypeVar("R")
TRIES = 2  # a process may die for a reason of its own (the system ran out of memory); twice on one file is the file's doing


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a task has no value. kind: 崩溃, 超时, 内存 or 出错; text: what to tell; detail: for whoever mends the program."""

    kind: str
    text: str
    detail: str = ""


class Executor(Protocol):
    """Runs tasks apart from each other and from us."""

    workers: int

    def run(self, function: Callable[[A], R], arguments: Sequence[A]) -> Iterator[tuple[A, R | Failure]]:
        """Every argument once, with its value or failure, as they end. Leaving the iterator early abandons the rest."""

    def close(self) -> None:
        """Every process ends now, whatever it is doing."""


def guarded(function: Callable[[A], R], argument: A) -> R | Failure:
    """The function's value; what it raises becomes a Failure, so that nothing has to be pickled that cannot be."""
    try:
        return function(argument)
    except MemoryError:
        gc.collect()
        return Failure("内存", "内存不够，没有做完；工作簿可能大得不正常")
    except Exception as e:
        return Failure("出错", f"程序出错了，这是我们的问题：{type(e).__name__}: {e}", traceback.format_exc())


def _prepare(memory_mb: int) -> None:
    """A worker leaves Ctrl-C to its parent and may not take all the memory there is."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if memory_mb and sys.platform != "win32":
        import resource

        with contextlib.suppress(ValueError, OSError):  # the system's own limit is lower already
            resource.setrlimit(resource.RLIMIT_AS, (memory_mb * 1024 * 1024, memory_mb * 1024 * 1024))


class LocalPool:
    """Processes of this machine. A task that takes longer than `timeout` seconds is killed with its process; so is one that
    asks for more than memory_mb (not on Windows, which has no such limit for a process that asks politely)."""

    def __init__(self, workers: int, timeout: float, memory_mb: int = 0) -> None:
        self.workers, self.timeout = workers, timeout
        context = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
        if sys.platform != "win32":
            context.set_forkserver_preload(["generator.bureau.work"])  # imports once, not once per process
        self.pool = ProcessPool(max_workers=workers, initializer=_prepare, initargs=(memory_mb,), context=context)

    def run(self, function: Callable[[A], R], arguments: Sequence[A]) -> Iterator[tuple[A, R | Failure]]:
        ended: queue.Queue[tuple[A, int, Future[Any]]] = queue.Queue()

        def send(argument: A, tried: int) -> None:
            future = self.pool.schedule(guarded, args=(function, argument), timeout=self.timeout)
            future.add_done_callback(lambda f: ended.put((argument, tried, f)))

        for argument in arguments:
            send(argument, 1)
        left = len(arguments)
        while left:
            argument, tried, future = ended.get()
            try:
                value: R | Failure = future.result()
            except TimeoutError:
                value = Failure("超时", f"{self.timeout:g} 秒没有做完，停掉了；工作簿可能大得不正常")
            except ProcessExpired as e:
                if tried < TRIES:
                    send(argument, tried + 1)
                    continue
                value = Failure("崩溃", f"做这个单位的进程两次中途退出（{_exit_word(e.exitcode)}）；工作簿可能是坏的", str(e))
            except CancelledError:
                value = Failure("崩溃", "中途停下，没有做")
            left -= 1
            yield argument, value

    def close(self) -> None:
        self.pool.stop()
        self.pool.join(timeout=10)


def _exit_word(code: int) -> str:
    if code < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-code).name
    return f"退出码 {code}"


def cores() -> int:
    """How many processes make sense: the cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
