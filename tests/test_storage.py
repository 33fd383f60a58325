"""Where a sweep keeps its checkpoints: what may be named, what is refused, and what trials go on from there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from dead_sweeps import dead_sweep, result, sweep_of

from trainables.stored_files import StoredFile, within, write_file
from trainables.training.checkpoint import read_checkpoint
from tune.cli import main
from tune.driver.earlier import read_earlier
from tune.errors import InfrastructureLost, InvalidInput
from tune.ledger.checkpoints import checkpoint_at, checkpoints_of, saved_epoch, set_aside
from tune.ledger.home import SweepFolder
from tune.ledger.measurements import append_result, trial_results
from tune.ledger.status import read_status
from tune.ledger.storage import begin_storage, check_inside, check_storage, storage_of, why_not_writable
from tune.ledger.sweep_study import catch_up_study, known_trials
from tune.sweep_file.spec import parse_sweep


@pytest.mark.parametrize(
    ("storage", "why"),
    [
        ("checkpoints", "A relative path means another folder on every machine"),
        ("/data/../etc", "could lead out of the storage"),
        ("s3://bucket/a/../b", "could lead out of the storage"),
        ("s3://key:hush@bucket/x", "Keys are taken from the environment"),
        ("s3:///x", "names no bucket"),
        ("s3://bucket/x?access_key=hush", "only endpoint_override, region, scheme may follow"),
        ("gs://bucket/x", r"Only s3:// and folders are known"),
    ],
)
def test_a_storage_that_means_nothing_or_holds_a_key_is_refused(storage: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        parse_sweep({"name": "x", "storage": storage})


@pytest.mark.parametrize("storage", ["s3://key:hush@bucket/x", "s3://bucket/x?access_key=hush"])
def test_a_key_in_a_storage_is_told_to_nobody_and_sent_nowhere(storage: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_sweep({"name": "x", "storage": storage})
    assert "hush" not in str(caught.value)
    assert main(["resume", "x", "--storage", storage, "--address", "http://127.0.0.1:1"]) == 2
    told = capsys.readouterr().err
    assert "hush" not in told and "--storage 's3://" in told


@pytest.mark.parametrize("storage", ["/data/sweeps", "~/sweeps", "s3://bucket", "s3://bucket/a?region=eu-west-1"])
def test_a_folder_and_a_bucket_may_be_named(storage: str) -> None:
    assert parse_sweep({"name": "x", "storage": storage}).storage == storage


def test_a_storage_that_cannot_be_written_is_refused_with_the_reason_and_nothing_is_left_in_one_that_can(tmp_path: Path) -> None:
    check_storage(None)
    check_storage(str(tmp_path))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InvalidInput, match=r"storage .*/none: cannot be written \(there is no such folder\)\. Keys come from"):
        check_storage(str(tmp_path / "none"))
    assert "Could not connect" in why_not_writable("s3://x/y?endpoint_override=127.0.0.1:9&scheme=http&region=us-east-1")


def test_a_sweep_begins_only_where_there_is_none_of_its_name(tmp_path: Path) -> None:
    folder = SweepFolder(tmp_path / "home" / "mine")
    folder.path.mkdir(parents=True)
    begin_storage(folder, None)
    assert storage_of(folder) is None
    begin_storage(folder, str(tmp_path / "kept"))
    assert storage_of(folder) == str(tmp_path / "kept" / "mine")
    write_file(within(str(tmp_path), "kept", "mine", "status.json"), b"{}")
    with pytest.raises(
        InvalidInput, match=r"holds a sweep of this name already\. Give --name another one, or go on with it: fxs"
    ):
        begin_storage(folder, str(tmp_path / "kept"))


@pytest.mark.parametrize(
    ("storage", "root", "inside"),
    [
        ("{home}/kept", "", True),
        ("{home}-elsewhere/kept", "", False),
        ("{home}/link/kept", "", False),
        ("s3://any/x", "", True),
        ("s3://lab/sweeps/a", "s3://lab/sweeps", True),
        ("s3://lab/sweeps-of-others/a", "s3://lab/sweeps", False),
        ("s3://other/x", "s3://lab/sweeps", False),
        ("{home}/kept", "s3://lab/sweeps", False),
        ("{home}-elsewhere/kept", "{home}-elsewhere", True),
    ],
)
def test_a_submitted_sweep_stays_in_the_storage_of_its_cluster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, storage: str, root: str, inside: bool
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "link").symlink_to(tmp_path)
    monkeypatch.setenv("FXSWEEP_STORAGE_ROOT", root.format(home=home))
    if inside:
        check_inside(storage.format(home=home), home)
        return
    with pytest.raises(InvalidInput, match=r"storage '.*': a submitted sweep writes below .*, only\. Name a place there\."):
        check_inside(storage.format(home=home), home)


# ---- a dead sweep's checkpoints
@pytest.fixture
def folder(tmp_path: Path) -> SweepFolder:
    """Of a sweep whose checkpoints are in a storage."""
    folder = dead_sweep(tmp_path, sweep_of())
    begin_storage(folder, str(tmp_path / "kept"))
    for path in folder.trials.rglob("trial.pt"):
        stored = tmp_path / "kept" / path.relative_to(tmp_path)
        stored.parent.mkdir(parents=True)
        path.replace(stored)
    return folder


def epochs_of(*checkpoints: Path | StoredFile) -> list[int]:
    return [read_checkpoint(checkpoint)[1]["epoch"] for checkpoint in checkpoints]


def test_checkpoints_are_found_in_the_storage(folder: SweepFolder) -> None:
    (found,) = checkpoints_of(folder, 0)
    assert found == checkpoint_at(folder, "anywhere/trial-0/checkpoint_000001") and epochs_of(found) == [2]
    assert saved_epoch(folder, 3) == 2 and checkpoints_of(folder, 9) == ()


def test_a_storage_that_does_not_answer_is_told_in_a_paragraph(folder: SweepFolder) -> None:
    folder.storage.write_text("s3://x/y?endpoint_override=127.0.0.1:9&scheme=http&region=us-east-1")
    with pytest.raises(
        InfrastructureLost, match=r"storage s3://x/y/trials/trial-0\?.*: does not answer \(AWS Error NETWORK_CONN"
    ):
        checkpoints_of(folder, 0)


def test_the_newest_is_the_first_however_often_a_sweep_is_taken_up(folder: SweepFolder, tmp_path: Path) -> None:
    trial = tmp_path / "kept" / "x" / "trials" / "trial-3"
    for number in (7, 8):  # of the same second, as an object store tells time
        path = trial / f"checkpoint_{number:06}" / "trial.pt"
        path.parent.mkdir()
        path.write_bytes((trial / "checkpoint_000001" / "trial.pt").read_bytes())
        os.utime(path, (2_000_000, 2_000_000))
        assert epochs_of(path) == [2]
    first = set_aside(folder, 3, 2)
    assert [str(one).rpartition("-checkpoint_")[2] for one in first] == ["000008-trial.pt", "000007-trial.pt"]
    assert not list(trial.glob("checkpoint_*/trial.pt")), "so that Ray Tune numbers its own from 0"
    assert set_aside(folder, 3, 2) == first


def test_a_trial_goes_on_from_no_epoch_that_the_ledgers_lack(folder: SweepFolder) -> None:
    def left_over() -> list[int]:
        catch_up_study(sweep_of(), folder)
        earlier = read_earlier(folder, read_status(folder.status), known_trials(sweep_of(), folder))
        return epochs_of(*earlier.left_over[3])

    assert left_over() == [2]
    ledger = trial_results(folder, 3)
    ledger.write_text(ledger.read_text().splitlines()[0] + "\n")  # the second epoch's line was not copied any more
    assert left_over() == []
    append_result(ledger, result(2, 0.6))
    assert left_over() == [2]
