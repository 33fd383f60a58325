"""What a webhook is told of a sweep, and where its address is not to be found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from webhooks import SECRET, webhook

from tune.driver.notices import Notices, address, note, notices_of, unkept
from tune.driver.opening import shown_spec, sweep_params
from tune.errors import InvalidInput
from tune.ledger.status import SweepStatus, TrialState, TrialStatus
from tune.service.submission import Place, plan_submission
from tune.sweep_file.notify_section import Event, Notify
from tune.sweep_file.spec import load_sweep, parse_sweep, spec_hash

ALL: tuple[Event, ...] = ("ended", "failed", "best")
METRIC = "eval/probe_accuracy"
WITH_URL = {"name": "x", "notify": {"url": f"https://hooks.example/{SECRET}"}}


def status(*scores: float, state: TrialState = "running", uri: str = "http://127.0.0.1:5000") -> SweepStatus:
    trials = tuple(TrialStatus(n, "complete", {"latent_size": n}, score) for n, score in enumerate(scores))
    place = {"uri": uri, "experiment": "7", "run_id": "f00d"}
    return SweepStatus("splits", state, {"metric": METRIC, "mode": "max"}, place, trials)


def test_a_note_is_short_and_links_to_the_trials() -> None:
    told = note("ended", status(0.5, 0.7, state="complete"))
    assert told["best"] == {"trial": 1, "metric": METRIC, "score": 0.7}
    assert (told["event"], told["name"], told["state"]) == ("ended", "splits", "complete")
    assert told["link"].startswith("http://127.0.0.1:5000/#/experiments/7/runs?workflowType=machine_learning")
    assert told["text"].startswith("Sweep splits: complete, 2 trials. Best: trial 1, eval/probe_accuracy 0.700. http://")


def test_a_store_of_one_machine_has_no_link_and_a_sweep_without_trials_no_best() -> None:
    told = note("failed", status(state="failed", uri="sqlite:////runs/mlflow.db"))
    assert told["link"] == "" and told["best"] is None and told["text"] == "Sweep splits: failed, 0 trials."


def test_each_new_best_is_told_once_and_what_was_known_before_is_not() -> None:
    with webhook() as hook:
        notices = Notices(hook.url, ALL)
        notices.known(status(0.5))
        for scores in ((0.5,), (0.5, 0.4), (0.5, 0.4, 0.6), (0.5, 0.4, 0.6, 0.55)):
            notices.trial_ended(status(*scores))
        notices.sweep_ended(status(0.5, 0.4, 0.6, 0.55, state="complete"))
        assert notices.close() == []
        assert [(one["event"], one["best"]["trial"]) for one in hook.notes] == [("best", 2), ("ended", 2)]


@pytest.mark.parametrize(
    ("state", "on", "told"),
    [
        ("failed", ("failed",), ["failed"]),
        ("failed", ("ended",), []),
        ("stopped", ("ended",), ["ended"]),
        ("complete", ("best",), []),
        ("complete", (), []),
    ],
)
def test_only_what_is_asked_for_is_told(state: TrialState, on: tuple[Event, ...], told: list[str]) -> None:
    with webhook() as hook:
        notices = Notices(hook.url, on)
        notices.sweep_ended(status(0.5, state=state))
        assert notices.close() == [] and [one["event"] for one in hook.notes] == told


def test_the_address_may_be_a_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FX_HOOK", "https://hooks.example/1")
    assert address(Notify(url="$FX_HOOK")) == address(Notify(url="${FX_HOOK}")) == "https://hooks.example/1"
    monkeypatch.setenv("FX_HOOK", SECRET)
    with pytest.raises(InvalidInput, match=r"notify.url \$FX_HOOK: has no http\(s\) address") as caught:
        notices_of(Notify(url="$FX_HOOK"))
    assert SECRET not in str(caught.value)
    monkeypatch.delenv("FX_HOOK")
    with pytest.raises(InvalidInput, match="is not set"):
        notices_of(Notify(url="$FX_HOOK"))


def test_nobody_is_told_without_an_address() -> None:
    assert address(Notify()) == "" and Notices().close() == []


def test_what_is_kept_and_shown_has_no_address_and_can_be_read_again(tmp_path: Path) -> None:
    sweep = parse_sweep(WITH_URL)
    assert address(sweep.notify) == WITH_URL["notify"]["url"]  # type: ignore[index]
    for shown in (shown_spec(sweep), str(sweep_params(sweep)), yaml.safe_dump(sweep.kept())):
        assert "notify" in shown and SECRET not in shown
    (tmp_path / "sweep.yaml").write_text(yaml.safe_dump(sweep.kept()))
    again = load_sweep(tmp_path / "sweep.yaml")
    assert unkept(sweep.notify) == [] and "is not kept" in unkept(again.notify)[0]
    assert address(again.notify) == "" and again.kept()["notify"] == sweep.kept()["notify"]


def test_a_variables_name_is_kept() -> None:
    assert parse_sweep({"name": "x", "notify": {"url": "$FX_HOOK", "on": ["best"]}}).kept()["notify"]["url"] == "$FX_HOOK"


def test_an_address_is_not_sent_to_a_cluster_but_a_variables_name_is() -> None:
    with pytest.raises(InvalidInput, match="Export it there as a variable") as caught:
        plan_submission(parse_sweep(WITH_URL), "x", Place("~/fxsweep"))
    assert SECRET not in str(caught.value)
    assert "$FX_HOOK" in plan_submission(parse_sweep({"name": "x", "notify": {"url": "$FX_HOOK"}}), "x", Place("~")).sweep_text


@pytest.mark.parametrize("url", [f"ftp://{SECRET}", SECRET, f"https:///{SECRET}", f"http://host/a b{SECRET}", f"$A{SECRET}/$B"])
def test_what_is_no_address_is_refused_without_being_told(url: str) -> None:
    with pytest.raises(InvalidInput, match="not the http") as caught:
        parse_sweep({"name": "x", "notify": {"url": url}})
    assert SECRET not in str(caught.value)


def test_who_is_told_shapes_no_result() -> None:
    assert spec_hash(parse_sweep(WITH_URL)) == spec_hash(parse_sweep({"name": "x"}))


def test_a_best_that_was_stopped_early_is_no_news() -> None:
    with webhook() as hook:
        notices = Notices(hook.url, ALL)
        pruned = status(0.5)
        notices.trial_ended(replace(pruned, trials=(replace(pruned.trials[0], state="pruned"),)))
        assert notices.close() == [] and hook.notes == []
