"""Executors of this machine and of a cluster: what a lost process was doing is done by another."""

from __future__ import annotations

import contextlib
import functools
import subprocess
import sys
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.scale import work

from linq_contract.sweep.executors import ClusterError, LostClusterError, on_cluster, processes, results

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.scale.conftest import Cluster

pytestmark = pytest.mark.long

ALONE = [[number] for number in range(40)]
DOUBLED = {number: 2 * number for number in range(40)}


def two_threads() -> contextlib.AbstractContextManager[ThreadPoolExecutor]:
    return contextlib.nullcontext(ThreadPoolExecutor(2))


def once_each(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    found = list(pairs)
    assert len(found) == len(dict(found))
    return dict(found)


def test_every_job_is_done_once_by_processes() -> None:
    assert once_each(results(functools.partial(processes, 2), work.double, ALONE)) == DOUBLED


def test_jobs_of_one_lane_are_done_one_after_the_other() -> None:
    under_way: list[int] = []

    def alone_in_its_lane(number: int) -> int:
        assert number % 2 not in under_way
        under_way.append(number % 2)
        work.double(number)
        under_way.remove(number % 2)
        return number

    lanes = [range(0, 10, 2), range(1, 10, 2)]
    order = [number for number, _ in results(two_threads, alone_in_its_lane, lanes)]

    assert sorted(order) == list(range(10))
    assert [number for number in order if number % 2] == [1, 3, 5, 7, 9]


def test_a_process_that_dies_takes_no_result_with_it(tmp_path: Path) -> None:
    marker = str(tmp_path / "died")
    jobs = [[(number, marker)] for number in range(10)]
    found = list(results(functools.partial(processes, 2), work.double_or_die, jobs))

    assert Path(marker).exists()
    assert sorted(result for _, result in found) == [2 * number for number in range(10)]


def test_work_that_kills_each_process_is_given_up() -> None:
    with pytest.raises(BrokenExecutor, match="5 times a process died in which work was done"):
        list(results(functools.partial(processes, 1), work.die, [[1]]))


def test_what_a_job_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        list(results(two_threads, work.refuse, ALONE))


def test_every_job_is_done_once_by_a_cluster(cluster: Cluster) -> None:
    assert once_each(results(functools.partial(on_cluster, cluster.address), work.double, ALONE)) == DOUBLED


def test_a_worker_that_is_killed_in_the_middle_takes_no_result_with_it(cluster: Cluster) -> None:
    found: dict[int, int] = {}
    for number, result in results(functools.partial(on_cluster, cluster.address), work.double, ALONE):
        assert number not in found
        found[number] = result
        if len(found) == 5:
            cluster.workers[0].kill()

    assert cluster.workers[0].wait() < 0
    assert found == DOUBLED


def test_a_cluster_that_loses_a_worker_at_each_try_gives_up_with_a_sentence(cluster: Cluster) -> None:
    with pytest.raises(ClusterError, match=f"The cluster at {cluster.address} has given up: KilledWorker"):
        list(results(functools.partial(on_cluster, cluster.address), work.die, [[1]]))


def test_work_of_which_all_workers_are_gone_is_given_up_with_a_sentence(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("linq_contract.sweep.executors._SECONDS_WITHOUT_WORKERS", 0)
    monkeypatch.setattr("linq_contract.sweep.executors._SECONDS_BETWEEN_LOOKS", 0.1)
    pairs = results(functools.partial(on_cluster, cluster.address), work.double, ALONE)
    next(pairs)
    for worker in cluster.workers:
        worker.kill()

    with pytest.raises(LostClusterError, match=f"All workers of the cluster at {cluster.address} are gone"):
        list(pairs)


def test_a_scheduler_that_does_not_answer_is_named() -> None:
    with (
        pytest.raises(ClusterError, match=r"No scheduler of Dask answers at tcp://127\.0\.0\.1:1: "),
        on_cluster("tcp://127.0.0.1:1"),
    ):
        pass


def test_a_scheduler_without_workers_is_refused(cluster: Cluster) -> None:
    for worker in cluster.workers:
        worker.terminate()
        worker.wait()
    with pytest.raises(ClusterError, match="has no workers: start some"), on_cluster(cluster.address):
        pass


def test_workers_that_have_another_version_are_refused(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    def another_version(_: str) -> str:
        return "9.9.9"

    monkeypatch.setattr("linq_contract.sweep.executors.version", another_version)
    with (
        pytest.raises(ClusterError, match=r"has version 0\.1\.0, and this is 9\.9\.9: install the same"),
        on_cluster(cluster.address),
    ):
        pass


def test_without_dask_a_cluster_is_a_sentence() -> None:
    code = (
        "import sys; sys.modules['distributed'] = None\n"
        "from linq_contract.cli import main\n"
        "main(['sweep', '--seeds', '1', '--cluster', 'tcp://127.0.0.1:1'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert (
        "--cluster needs distributed, which is not installed: pip install 'linq-phone-numbers[dask]'"
        in done.stderr
    )
