"""A whole sweep that keeps its checkpoints in an object store, loses its machine, and goes on from the store alone."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from drivers import PATIENCE_SECONDS, Drivers, ledgers
from object_stores import KEYS, ObjectStore, object_store
from small_sweep import changed, facts, fxsweep, write_sweep

from trainables.stored_files import StoredFile, list_files, within
from trainables.training.checkpoint import read_checkpoint
from tune.ledger.checkpoints import checkpoints_of

pytestmark = pytest.mark.slow


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectStore]:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    with object_store() as started:
        yield started


def stored(store: ObjectStore) -> list[str]:
    return [listed.name for listed in list_files(within(store.url(), "small"))]


def resumed_on(drivers: Drivers, storage: str) -> None:
    """Starts `fxsweep resume` as soon as the lost driver counts as lost."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        drivers._start("resume", "small", "--storage", storage)
        while drivers.running() and not drivers.sweep.path.exists():
            time.sleep(0.1)
        if drivers.sweep.path.exists():
            return
        assert drivers.exit_code() == 2 and "was alive" in drivers.last_output, drivers.output
        assert time.monotonic() < end, drivers.output
        time.sleep(10)


def test_a_sweep_whose_machine_is_lost_goes_on_from_its_storage(store: ObjectStore, tmp_path: Path) -> None:
    spec = changed(storage=store.url(), train={"max_epochs": 6}, scheduler={"grace_epochs": 2})
    (tmp_path / "one").mkdir()
    lost = Drivers(tmp_path / "one", tmp_path / "one" / "home", spec, more=KEYS)
    try:
        lost.run()
        lost.wait_for(lambda: lost.epochs() >= 8 and any(name.endswith("trial.pt") for name in stored(store)), "checkpoints")
        lost.signal(signal.SIGKILL, group=True)
    finally:
        lost.close()
    assert not list(lost.home.rglob("trial.pt")), "its home has none"
    before = {number: [report["epoch"] for report in reports] for number, reports in ledgers(lost.sweep).items()}
    shutil.rmtree(lost.home)
    (tmp_path / "two").mkdir()
    bare = Drivers(tmp_path / "two", tmp_path / "two" / "home", spec, more=KEYS)
    try:
        resumed_on(bare, store.url())
        bare.finish()
    finally:
        bare.close()
    status = bare.status()
    assert status["state"] == "complete" and [trial["number"] for trial in status["trials"]] == list(range(5))
    after = {number: sorted({report["epoch"] for report in reports}) for number, reports in ledgers(bare.sweep).items()}
    assert after == {trial["number"]: list(range(1, trial["epochs"] + 1)) for trial in status["trials"] if trial["epochs"]}
    assert sum(map(len, before.values())) >= 8
    for trial in status["trials"]:
        checkpoint, *_ = checkpoints_of(bare.sweep, trial["number"])
        assert read_checkpoint(checkpoint)[1]["epoch"] == trial["epochs"]
    assert status["model"]["version"] == "1"
    no_key_anywhere(store, tmp_path)


def no_key_anywhere(store: ObjectStore, folder: Path) -> None:
    """Neither in the files of the sweep nor in its storage."""
    secret = KEYS["AWS_SECRET_ACCESS_KEY"].encode()
    assert [path for path in folder.rglob("*") if path.is_file() and secret in path.read_bytes()] == []
    objects = {name: StoredFile(within(store.url(), "small", *name.split("/"))).read_bytes() for name in stored(store)}
    assert [name for name, data in objects.items() if secret in data] == []


def test_a_sweep_is_refused_before_it_begins_where_its_storage_cannot_be_written(store: ObjectStore, tmp_path: Path) -> None:
    nowhere = store.url().replace("s3://laboratory/", "s3://no-such-bucket/")
    sweep = str(write_sweep(tmp_path, changed(storage=nowhere)))
    done = fxsweep("run", sweep, "--home", str(tmp_path / "home"), **KEYS)
    assert done.returncode == 2, done.stderr
    assert "storage s3://no-such-bucket/" in done.stderr and "cannot be written" in done.stderr and "Traceback" not in done.stderr
    assert facts("list", "--home", str(tmp_path / "home")) == {"sweeps": []}
