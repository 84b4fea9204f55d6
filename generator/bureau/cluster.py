"""The same work on the machines of a Dask cluster. Workers need this package, of the same version, and see the same storage.

A worker does one unit at a time. One that dies gives its unit back to the scheduler, which hands it to another; a unit that
was done before its worker died is recognised by its record and not done again (work.build). A unit that hangs is ended with
its worker, which the worker's nanny starts anew.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from generator.bureau.executor import Failure, guarded
from generator.model.problem import UsageError

A = TypeVar("A")
R = TypeVar("R")
HUNG = 75  # the exit status of a worker that was ended for taking too long
_one_at_a_time = threading.Lock()


def watched(function: Callable[[A], R], argument: A, timeout: float) -> R | Failure:
    """The function's value; the whole process ends when it takes longer than `timeout` seconds, because a thread cannot be stopped."""
    with _one_at_a_time:  # also in a worker with several threads: a unit's work is not written for company
        watch = threading.Timer(timeout, os._exit, (HUNG,))
        watch.daemon = True
        watch.start()
        try:
            return guarded(function, argument)
        finally:
            watch.cancel()


class Cluster:
    """Workers behind a Dask scheduler. UsageError when Dask is not installed or nobody answers at the address."""

    def __init__(self, address: str, timeout: float) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise UsageError("--scheduler 要先装 Dask：pip install 'yusuan[cluster]'") from None
        try:
            self.client: Any = Client(address, timeout=10, set_as_default=False)
        except (OSError, ValueError) as e:
            raise UsageError(f"连不上调度器 {address}（{e}）；先运行 dask scheduler 和 dask worker") from None
        self.timeout = timeout
        self.workers = sum(self.client.nthreads().values())

    def run(self, function: Callable[[A], R], arguments: Sequence[A]) -> Iterator[tuple[A, R | Failure]]:
        from distributed import as_completed

        sent = {self.client.submit(watched, function, a, self.timeout, pure=False): a for a in arguments}
        try:
            for future in as_completed(list(sent), loop=self.client.loop):
                fault = future.exception()
                value: R | Failure = future.result() if fault is None else _failure(fault, self.timeout)
                argument = sent[future]
                future.release()
                yield argument, value
        finally:
            self.client.cancel([f for f in sent if not f.done()], reason="stopped")

    def close(self) -> None:
        self.client.close()


def _failure(fault: BaseException, timeout: float) -> Failure:
    if type(fault).__name__ == "KilledWorker":
        return Failure("崩溃", f"做这个单位的几个进程都中途退出，或者超过了 {timeout:g} 秒；工作簿可能是坏的", str(fault))
    return Failure("出错", f"调度器没有给出结果：{type(fault).__name__}: {fault}")
