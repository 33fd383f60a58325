"""What was measured of made-up plugins, kept in a folder of the test's own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from made_up_hosts import Counted

from trainables.effects.isolation import foreign, probing
from trainables.effects.isolation.isolated import stop
from trainables.effects.isolation.measurements import Measurement, keep, recall

MEASUREMENT = Measurement(1, ("level", "spare"), ("meter",), (7, 1 << 31))


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/fxsweep/plugins"


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    for module in (foreign, probing):
        monkeypatch.setattr(module, "SLOW_SECONDS", float("inf"))  # a busy machine would ask for more takes
    counted = Counted(tmp_path)
    yield counted
    stop(counted.hosted)


def load_anew(counted, build="build"):
    """Its identity, and how many takes were needed to load it, as by a process that never did."""
    before = counted.taken() if counted.log.exists() else 0
    stop(counted.hosted)
    foreign.measured.cache_clear()
    return counted.load(build).identity, counted.taken() - before


def test_what_is_kept_is_recalled_and_nothing_is_left_beside_it(cache):
    keep("key", MEASUREMENT)
    assert recall("key") == MEASUREMENT and recall("other") is None
    assert [path.name for path in cache.iterdir()] == ["key.json"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"3",
        b"\xff",
        b"null",
        b'{"measurement": {}}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_measurement_is_passed_over(cache, content):
    keep("key", MEASUREMENT)
    (cache / "key.json").write_bytes(content)
    assert recall("key") is None


def test_a_changed_measurement_is_passed_over(cache):
    keep("key", MEASUREMENT)
    path = cache / "key.json"
    kept = json.loads(path.read_text())
    kept["measurement"]["frozen"] = ["level"]
    path.write_text(json.dumps(kept, indent=1))
    assert recall("key") is None


def test_where_nothing_can_be_kept_nothing_is(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    keep("key", MEASUREMENT)
    assert recall("key") is None


def test_the_second_load_in_another_process_takes_the_two_trial_takes_only(plugin, tmp_path):
    identity, takes = load_anew(plugin)
    assert takes > 40
    before = plugin.taken()
    code = f"from pathlib import Path; from made_up_hosts import Counted; print(Counted(Path({str(tmp_path)!r})).load().identity)"
    paths = f"import sys; sys.path[:0] = {[str(Path(__file__).parent), *sys.path]}; "
    other = subprocess.run([sys.executable, "-c", paths + code], capture_output=True, text=True, check=True)
    assert (other.stdout.strip(), plugin.taken() - before) == (identity, foreign.EXPECTED_TAKES)


def test_a_broken_file_is_measured_anew_and_replaced(plugin, cache):
    first = load_anew(plugin)
    [path] = cache.iterdir()
    whole = path.read_text()
    path.write_text(whole[:-9])
    assert load_anew(plugin) == first and path.read_text() == whole


def test_what_the_first_host_does_not_give_again_is_measured_anew_and_replaced(plugin, cache):
    identity, takes = load_anew(plugin)
    [path] = cache.iterdir()
    whole, kept = path.read_text(), recall(path.stem)
    keep(path.stem, Measurement(kept.way, ("knob",), (), (1, 2)))
    assert load_anew(plugin) == (identity, takes + foreign.EXPECTED_TAKES) and path.read_text() == whole


@pytest.mark.parametrize("changed", [{"way": 1}, {"way": -1}, {"expected": ()}])
def test_what_this_version_cannot_use_is_measured_anew(plugin, cache, changed):
    first = load_anew(plugin)
    [path] = cache.iterdir()
    whole, kept = path.read_text(), recall(path.stem)
    keep(path.stem, Measurement(**{**vars(kept), **changed}))
    assert load_anew(plugin) == first and path.read_text() == whole


def test_another_build_has_another_measurement(plugin, cache):
    (identity, takes), (other_identity, other_takes) = load_anew(plugin), load_anew(plugin, "another build")
    assert identity != other_identity and takes == other_takes
    assert len(list(cache.iterdir())) == 2
