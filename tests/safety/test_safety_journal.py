"""The journal: on disk before the first update, whole, private, and never two for one line."""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import stat
import sys
from typing import TYPE_CHECKING

import pytest

from linq_contract.contract.lines import Line
from linq_contract.http.credentials import ACCOUNT
from linq_contract.safety.journal import Journal
from linq_contract.safety.journals import BusyError, in_the_way, unfinished
from linq_contract.safety.records import JournalError, UnreadableError, read

if TYPE_CHECKING:
    from pathlib import Path

SERVER = "http://127.0.0.1:1/api/partner"
FIRST = Line(
    "AAAAAAAA-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000001", "+12025550100", None
)
SECOND = FIRST._replace(id="b", key="b", forwarding_number="+13105550100")
NUMBER = "+12125550123"

pytestmark = pytest.mark.usefixtures("state")


def begin(*lines: Line, path: Path | None = None) -> Journal:
    return Journal.begin(SERVER, {ACCOUNT: lines}, path)


def drop(journal: Journal) -> Path:
    """Let go of a journal with lines that are not settled, as a process does that is killed."""
    assert journal.path is not None
    journal.let_go()
    return journal.path


def test_the_file_is_whole_private_and_synchronised_before_it_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    synchronised: list[int] = []
    monkeypatch.setattr(os, "fsync", synchronised.append)
    journal = begin(FIRST, SECOND)
    assert journal.path is not None
    status = journal.path.stat()
    read = Journal.resume(drop(journal)).contents

    assert stat.S_IMODE(status.st_mode) == 0o600
    assert stat.S_IMODE((journal.path.parent / "lock").stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.path.parent.stat().st_mode) == 0o700
    assert len(synchronised) == 2
    assert [(e.line_id, e.account, e.number) for e in read.pending] == [
        (FIRST.id, ACCOUNT, None),
        (SECOND.id, ACCOUNT, "+13105550100"),
    ]


def test_one_synchronisation_for_each_line_is_enough_however_often_it_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    journal = begin(FIRST)
    synchronised: list[int] = []
    monkeypatch.setattr(os, "fsync", synchronised.append)
    for _ in range(50):
        journal.sending([(ACCOUNT, FIRST), (ACCOUNT, SECOND)], {NUMBER})

    assert len(synchronised) == 1


def test_what_a_run_may_have_set_is_told_from_what_others_set() -> None:
    journal = begin(FIRST, SECOND)
    journal.sending([(ACCOUNT, FIRST)], {NUMBER})
    read = Journal.resume(drop(journal)).contents
    first, second = read.pending

    assert (first.is_written, second.is_written) == (True, False)
    assert read.is_of_the_run(first, NUMBER)
    assert read.is_of_the_run(second, NUMBER)
    assert read.is_of_the_run(first, "not a number")
    assert not read.is_of_the_run(first, "+12125550124")
    assert read.is_of_the_run(first, None)


@pytest.mark.parametrize(
    ("server", "is_of_the_run"), [(SERVER, True), ("https://api.example.com/api/partner", False)]
)
def test_a_clear_of_a_line_that_was_not_updated_is_of_the_run_on_this_machine_alone(
    server: str, *, is_of_the_run: bool
) -> None:
    journal = Journal.in_memory(server, {ACCOUNT: [FIRST]})

    assert journal.contents.is_of_the_run(journal.contents.pending[0], None) == is_of_the_run


def test_a_line_that_somebody_changed_before_its_first_update_gets_that_number_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    journal = begin(FIRST)
    synchronised: list[int] = []
    monkeypatch.setattr(os, "fsync", synchronised.append)
    journal.sending([(ACCOUNT, FIRST._replace(forwarding_number=NUMBER))], ())

    assert len(synchronised) == 1
    assert Journal.resume(drop(journal)).contents.pending[0].number == NUMBER


def test_a_line_that_the_run_changed_with_another_before_its_first_update_keeps_what_it_had() -> None:
    journal = begin(FIRST, SECOND)
    journal.sending([(ACCOUNT, FIRST)], {NUMBER})
    journal.sending([(ACCOUNT, SECOND._replace(forwarding_number=NUMBER))], ())

    assert [entry.number for entry in journal.contents.pending] == [None, SECOND.forwarding_number]


def test_a_journal_that_is_cut_at_any_byte_still_has_every_line_before_the_cut() -> None:
    journal = begin(FIRST)
    journal.sending([(ACCOUNT, SECOND)], {NUMBER})
    path = drop(journal)
    whole = path.read_bytes()
    complete = [whole[: end + 1].count(b'"forwarding_number"') for end in range(len(whole))]
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        resumed = Journal.resume(path)
        ended = whole[:length].rfind(b"\n")

        assert len(resumed.contents.originals) == (complete[ended] if ended >= 0 else 0)
        assert not resumed.contents.damaged
        drop(resumed)


def test_a_line_that_was_changed_on_disk_is_not_believed() -> None:
    path = drop(begin(FIRST, SECOND))
    path.write_bytes(path.read_bytes().replace(b"+13105550100", b"+13105550109"))
    contents = Journal.resume(path).contents

    assert [entry.key for entry in contents.pending] == [FIRST.key]
    assert contents.damaged == 1


def test_a_damaged_journal_is_kept_when_all_it_still_has_is_settled_until_forced() -> None:
    path = drop(begin(FIRST))
    path.write_bytes(path.read_bytes() + b"x\n")
    journal = Journal.resume(path)
    journal.settle(journal.contents.pending[0])
    journal.close()
    assert path.exists()
    Journal.resume(path).close(force=True)
    assert not path.exists()


def test_a_journal_is_removed_when_all_is_settled_and_kept_otherwise() -> None:
    journal = begin(FIRST, SECOND)
    assert journal.path is not None
    first, second = journal.contents.pending
    journal.settle(first)
    journal.close()
    assert [entry.key for entry in Journal.resume(journal.path).contents.pending] == [SECOND.key]

    other = begin(FIRST)
    assert other.path is not None
    for entry in (first, second, *other.contents.pending):
        other.settle(entry)
    other.close()
    assert not other.path.exists()


def test_two_runs_cannot_have_the_same_line_while_both_live() -> None:
    first = begin(FIRST)
    with pytest.raises(BusyError, match="Another run is changing line"):
        begin(SECOND, FIRST)
    second = begin(SECOND)
    with pytest.raises(BusyError, match="Another run is changing line"):
        second.sending([(ACCOUNT, FIRST)], ())

    assert [entry.key for entry in first.contents.pending] == [FIRST.key]
    assert [entry.key for entry in second.contents.pending] == [SECOND.key]
    assert unfinished() == []


def test_a_line_of_the_same_id_on_another_server_is_another_line() -> None:
    begin(FIRST)
    other = Journal.begin("https://api.example.com", {ACCOUNT: [FIRST]})

    assert [entry.key for entry in other.contents.pending] == [FIRST.key]


def test_of_several_lines_that_another_run_has_the_first_is_named() -> None:
    journal = begin(FIRST, SECOND)
    with pytest.raises(BusyError, match=f"changing line {FIRST.id} and 1 more of"):
        begin(SECOND, FIRST)

    assert len(journal.contents.pending) == 2


def test_of_a_single_line_that_another_run_has_no_more_is_said() -> None:
    journal = begin(FIRST)
    with pytest.raises(BusyError, match=f"changing line {FIRST.id} of"):
        begin(SECOND, FIRST)

    assert len(journal.contents.pending) == 1


def test_what_a_killed_run_has_left_is_found_by_its_server() -> None:
    path = drop(begin(FIRST))

    assert in_the_way(SERVER) == unfinished() == [path]
    assert in_the_way("http://127.0.0.1:2/api/partner") == []
    with pytest.raises(BusyError, match=f"killed run has left line {FIRST.id} of {SERVER} changed") as raised:
        begin(FIRST)
    assert raised.value.left == path


def test_a_journal_elsewhere_is_found_as_well_and_forgotten_with_its_file(tmp_path: Path) -> None:
    path = drop(begin(FIRST, path=tmp_path / "own.journal"))

    assert path == tmp_path / "own.journal"
    assert unfinished() == [path]
    path.unlink()
    assert unfinished() == []


@pytest.mark.parametrize("is_settled", [True, False], ids=["settled", "deleted"])
def test_the_journals_after_one_of_no_more_use_are_found(state: Path, *, is_settled: bool) -> None:
    journals = {drop(begin(line)) for line in (FIRST, SECOND)}
    useless, useful = sorted(state.glob("*.journal"))
    if is_settled:
        journal = Journal.resume(useless)
        journal.settle(journal.contents.pending[0])
        drop(journal)
    else:
        useless.unlink()
        useless.symlink_to(state / "gone")

    assert journals == {useless, useful}
    assert unfinished() == [useful]
    assert list(state.glob("*.journal")) == [useful]


def test_the_journal_of_a_living_run_stays_when_all_its_lines_are_settled() -> None:
    journal = begin(FIRST)
    assert journal.path is not None
    journal.settle(journal.contents.pending[0])

    assert unfinished() == []
    assert journal.path.exists()
    journal.close()


def test_whoever_only_reads_a_journal_is_no_living_run() -> None:
    path = drop(begin(FIRST))
    with path.open() as file:
        fcntl.flock(file, fcntl.LOCK_SH)

        assert unfinished() == [path]


@pytest.mark.parametrize(
    ("server", "is_in_the_way"), [(SERVER, False), ("https://api.example.com/api/partner", True)]
)
def test_what_a_run_has_reported_stops_no_other_run_on_this_machine(
    server: str, *, is_in_the_way: bool
) -> None:
    journal = Journal.begin(server, {ACCOUNT: [FIRST]})
    journal.close()

    assert unfinished() == [journal.path]
    assert bool(in_the_way(server)) is is_in_the_way


def test_a_journal_that_exists_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "own.journal").write_text("something")
    with pytest.raises(JournalError, match="exists already"):
        begin(FIRST, path=tmp_path / "own.journal")

    assert (tmp_path / "own.journal").read_text() == "something"


def test_a_line_that_was_updated_is_entered_once_and_keeps_what_it_had_before() -> None:
    journal = begin(FIRST)
    assert journal.path is not None
    journal.sending([(ACCOUNT, FIRST)], {NUMBER})
    size = journal.path.stat().st_size
    journal.sending([(ACCOUNT, FIRST._replace(forwarding_number="+12125550124"))], {NUMBER})

    assert journal.path.stat().st_size == size
    assert [(one.number, one.is_written) for one in journal.contents.pending] == [(None, True)]


def test_a_run_that_is_going_on_is_not_one_that_is_resumed() -> None:
    journal = begin(FIRST)

    assert not journal.is_resumed
    assert Journal.resume(drop(journal)).is_resumed


def test_a_journal_that_cannot_be_looked_into_is_named_and_why(state: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    state.mkdir(parents=True)
    (state / "x.journal").symlink_to(tmp_path / "file" / "x")
    with pytest.raises(UnreadableError, match=f"The journal {tmp_path}/file/x cannot be opened: Not a dir"):
        unfinished()
    with pytest.raises(UnreadableError, match=f"The journal {tmp_path}/x cannot be opened: No such file"):
        Journal.resume(tmp_path / "x")
    with pytest.raises(UnreadableError, match=f"The journal {tmp_path} cannot be read: Is a dir"):
        read(tmp_path)


def test_a_folder_of_journals_that_cannot_be_used_is_named_and_what_names_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with pytest.raises(JournalError, match=r"cannot be used: Not a directory\. XDG_STATE_HOME names another"):
        begin(FIRST)


def test_a_user_without_a_home_is_told_what_names_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("XDG_STATE_HOME", "HOME"):
        monkeypatch.delenv(variable)
    monkeypatch.setattr(pwd, "getpwuid", dict[int, object]().__getitem__)
    with pytest.raises(JournalError, match=r"This user has no home.* XDG_STATE_HOME names one"):
        begin(FIRST)


def test_a_system_without_file_locks_is_told_that_updates_need_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with pytest.raises(JournalError, match="needs the file locks of a POSIX system"):
        begin(FIRST)


def test_a_journal_in_a_folder_that_does_not_exist_lets_nothing_begin(state: Path, tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"gone/x cannot be written \(No such file or directory\)"):
        begin(FIRST, path=tmp_path / "gone" / "x")

    assert list(state.glob("*.journal")) == []


@pytest.mark.parametrize("content", ["{}\n", "\n", "00000000 {}\n", json.dumps({"journal": 1}) + "\n"])
def test_another_file_is_no_journal(tmp_path: Path, content: str) -> None:
    (tmp_path / "x").write_text(content)
    with pytest.raises(UnreadableError, match="is not a journal"):
        Journal.resume(tmp_path / "x")


def test_a_disk_that_is_full_lets_nothing_begin_and_leaves_nothing_behind(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "write", _no_space)
    with pytest.raises(JournalError, match="No space left on device"):
        begin(FIRST)

    assert list(state.glob("*.journal")) == []


def test_a_journal_whose_name_may_not_be_on_the_disk_lets_nothing_begin(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("linq_contract.safety.journals.sync_folder", _no_space)
    with pytest.raises(JournalError, match=r"cannot be written \(No space left on device\)"):
        begin(FIRST)

    assert list(state.glob("*.journal")) == []


@pytest.mark.parametrize("fails", ["with little space", "with no space"])
def test_after_a_failed_record_no_other_is_appended_to_what_is_cut(
    monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    journal = begin(FIRST)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", _little_space if fails == "with little space" else _no_space)
        with pytest.raises(JournalError, match=r"(?i)no space left"):
            journal.sending([(ACCOUNT, SECOND)], ())
    with pytest.raises(JournalError, match="cut short before"):
        journal.sending([(ACCOUNT, FIRST)], ())

    assert [entry.key for entry in Journal.resume(drop(journal)).contents.pending] == [FIRST.key]


def test_a_record_that_may_not_be_on_the_disk_is_not_taken_for_that_of_another_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    journal = begin(FIRST)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", _no_space)
        with pytest.raises(JournalError, match="No space left"):
            journal.sending([(ACCOUNT, SECOND)], ())
    with pytest.raises(JournalError, match="cut short before"):
        journal.sending([(ACCOUNT, SECOND)], ())


def test_a_journal_that_somebody_removes_meanwhile_is_closed_as_well() -> None:
    journal = begin(FIRST)
    assert journal.path is not None
    journal.path.unlink()
    journal.settle(journal.contents.pending[0])
    journal.close()

    assert unfinished() == []


_write = os.write


def _little_space(file: int, data: bytes) -> int:
    return _write(file, data[:10])


def _no_space(_file: object, _data: bytes = b"") -> int:
    raise OSError(28, "No space left on device")
