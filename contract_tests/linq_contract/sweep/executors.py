"""What does the work: the executors of `concurrent.futures`, on this machine or on a cluster of Dask."""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from contextlib import AbstractContextManager
from importlib.metadata import version
from typing import Any, TypeAlias, TypeVar

_Job = TypeVar("_Job")
_Done = TypeVar("_Done")
OpenExecutor: TypeAlias = Callable[[], AbstractContextManager[Executor]]
_EXECUTORS = 5  # that break one after the other before the work is at fault, and not the machine
_SECONDS_TO_CONNECT = 10  # as long as Dask itself gives a scheduler that starts
_SECONDS_WITHOUT_WORKERS = 300  # in which whatever has lost them starts others; Dask itself waits for ever
_SECONDS_BETWEEN_LOOKS = 1  # the scheduler is asked no more often than that


class ClusterError(ValueError):
    """A cluster cannot do the work; the message says why and what to do."""


class LostClusterError(ClusterError):
    """A cluster has begun the work, and cannot go on with it."""


def results(
    open_executor: OpenExecutor, work: Callable[[_Job], _Done], lanes: Iterable[Iterable[_Job]]
) -> Iterator[tuple[_Job, _Done]]:
    """Do jobs at the same time, those of one lane one after the other; give each with its result as it comes.

    A process that dies breaks its executor: what has no result then is done by another one. Raises
    BrokenExecutor when that does not help, and whatever a job raises.
    """
    waiting = [queue for lane in lanes if (queue := deque(lane))]
    for _ in range(_EXECUTORS):
        with open_executor() as executor:
            yield from _results_of(executor, work, waiting)
        waiting = [queue for queue in waiting if queue]
        if not waiting:
            return
    raise BrokenExecutor(f"{_EXECUTORS} times a process died in which work was done.")


def _results_of(
    executor: Executor, work: Callable[[_Job], _Done], waiting: Iterable[deque[_Job]]
) -> Iterator[tuple[_Job, _Done]]:
    under_way: dict[Future[_Done], deque[_Job]] = {}

    def begin(queue: deque[_Job]) -> None:
        if queue:
            with contextlib.suppress(BrokenExecutor):
                under_way[executor.submit(work, queue[0])] = queue

    for queue in waiting:
        begin(queue)
    while under_way:
        for future in wait(under_way, return_when=FIRST_COMPLETED).done:
            queue = under_way.pop(future)
            with contextlib.suppress(BrokenExecutor):
                done = future.result()
                yield queue.popleft(), done
                begin(queue)


@contextlib.contextmanager
def processes(workers: int) -> Generator[Executor]:
    """Processes of this machine, which take nothing over from this one."""
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


@contextlib.contextmanager
def on_cluster(address: str) -> Generator[Executor]:
    """The workers of a Dask scheduler, which does elsewhere what a worker was doing that is lost.

    Raises ClusterError when it does not answer, has no workers, or has some that have another version.
    """
    try:
        from distributed import Client  # noqa: PLC0415 - an extra, which most do without
    except ModuleNotFoundError as error:
        raise ClusterError(
            f"--cluster needs {error.name}, which is not installed: pip install 'linq-phone-numbers[dask]'"
        ) from error
    try:
        connect: Any = Client  # which has no types
        client = connect(address, timeout=_SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(f"No scheduler of Dask answers at {address}: {error}") from error
    with client:
        _refuse_other_versions(client, address)
        executor, without_workers = client.get_executor(pure=False), threading.Event()
        try:
            with _cancelled_without_workers(client, without_workers):
                yield executor
        except Exception as error:
            if without_workers.is_set():
                raise LostClusterError(
                    f"All workers of the cluster at {address} are gone since {_SECONDS_WITHOUT_WORKERS} s: "
                    "start some with dask worker."
                ) from error
            if isinstance(error, CancelledError) or type(error).__module__.startswith("distributed."):
                raise LostClusterError(f"The cluster at {address} has given up: {error!r}") from error
            raise
        finally:
            executor.shutdown(wait=False)


@contextlib.contextmanager
def _cancelled_without_workers(client: Any, without_workers: threading.Event) -> Generator[None]:
    """Cancel what waits once there have been no workers for long; then the event is set."""
    is_over = threading.Event()

    def watch() -> None:
        seen = time.monotonic()
        while not is_over.wait(_SECONDS_BETWEEN_LOOKS):
            if _has_workers(client):
                seen = time.monotonic()
            elif time.monotonic() - seen > _SECONDS_WITHOUT_WORKERS:
                without_workers.set()
                _cancel_all(client)
                return

    with ThreadPoolExecutor(1) as thread:
        thread.submit(watch)
        try:
            yield
        finally:
            is_over.set()


def _cancel_all(client: Any) -> None:
    from distributed import Future as DaskFuture  # noqa: PLC0415 - an extra, which most do without

    of_key: Any = DaskFuture  # which has no types
    client.cancel([of_key(key, client) for key in client.futures])


def _has_workers(client: Any) -> bool:
    with contextlib.suppress(OSError):
        return bool(client.scheduler_info()["workers"])
    return False


def installed_version() -> str:
    """The version of this package, as a worker is asked for it."""
    return version("linq-contract")


def _refuse_other_versions(client: Any, address: str) -> None:
    try:
        versions: dict[str, str] = client.run(installed_version)
    except ModuleNotFoundError as error:
        raise ClusterError(
            f"The workers at {address} lack {error.name}: install there what is installed here."
        ) from error
    if not versions:
        raise ClusterError(f"The scheduler at {address} has no workers: start some with dask worker.")
    for worker, other in versions.items():
        if other != installed_version():
            raise ClusterError(
                f"The worker {worker} has version {other}, and this is {installed_version()}: "
                "install the same on both."
            )
