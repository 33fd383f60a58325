"""What a plan says of the cluster that a sweep would be sent to."""

from __future__ import annotations

import json
from typing import Any

import pytest
from job_servers import job
from ray_heads import running_head
from small_sweep import facts

from tune.cli import main
from tune.planning.capacity import Cluster, Node
from tune.planning.cluster_warnings import cluster_warnings, described
from tune.service.submit import JobServer
from tune.sweep_file.spec import parse_sweep

ADDRESS = "http://127.0.0.1:8265"
HEAD, TRAINER = Node("head", 0), Node("trainer", 8)
SERVER = {"tracking": {"uri": "http://head:5000"}}


def warned(sections: dict[str, Any], *nodes: Node) -> list[str]:
    return list(cluster_warnings(parse_sweep({"name": "x", **sections}), Cluster(nodes), "~/fxsweep"))


@pytest.mark.parametrize(
    ("sections", "told"),
    [({}, "tracking.uri is not set: runs"), ({"tracking": {"uri": "sqlite:////data/m.db"}}, "tracking.uri sqlite")],
)
def test_a_file_of_runs_on_the_head_is_warned_of(sections: dict[str, Any], told: str) -> None:
    (warning,) = warned(sections, HEAD, TRAINER)
    assert warning.startswith(told) and "no other machine can read" in warning
    assert warned(SERVER, HEAD, TRAINER) == []


def test_a_home_of_several_nodes_that_train_is_warned_of_unless_there_is_a_storage() -> None:
    (warning,) = warned(SERVER, HEAD, TRAINER, TRAINER)
    assert warning.startswith("home ~/fxsweep: trials write") and "2 nodes train" in warning and "submit --check" in warning
    assert warned(SERVER | {"storage": "s3://bucket/x"}, HEAD, TRAINER, TRAINER) == []


def test_nodes_that_offer_the_same_are_counted() -> None:
    told = described(Cluster((HEAD, TRAINER, Node("gpu", 4, 1), TRAINER)), ADDRESS)
    assert told == f"cluster     {ADDRESS}: 1 node with 0 CPUs, 1 node with 4 CPUs and 1 GPUs, 2 nodes with 8 CPUs"


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stands in for the one at `ADDRESS`: a head, and two nodes of which one has GPUs."""
    monkeypatch.setattr(JobServer, "__init__", lambda self, address: None)
    monkeypatch.setattr(JobServer, "cluster", lambda self: Cluster((HEAD, TRAINER, Node("gpu", 4, 2))))
    busy = job("fxsweep-busy", metadata={"cpus": "4", "gpus": "0", "priority": "0"})
    monkeypatch.setattr(JobServer, "_jobs", lambda self: {"fxsweep-busy": busy})


def planned(capsys: pytest.CaptureFixture[str], *more: str) -> Any:
    assert main(["plan", "quickstart", "--address", ADDRESS, "--json", *more]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("cluster")
def test_a_plan_for_a_cluster_tells_what_fits_there_and_what_is_sent(capsys: pytest.CaptureFixture[str]) -> None:
    found = planned(capsys, "--trials", "30")
    assert (found["concurrency"], found["cpus"], found["gpus"]) == (12, 12, 2)
    assert 500_000 < found["sent_bytes"] < 2**21
    assert planned(capsys, "--trials", "30", "--set", "train.gpus=1")["concurrency"] == 2
    none = planned(capsys, "--workers", "16")
    assert none["concurrency"] == 0 and any("a trial takes 16 CPUs and the cluster has 12" in told for told in none["warnings"])
    assert main(["plan", "quickstart", "--address", ADDRESS]) == 0
    told = capsys.readouterr().out
    assert (
        f"cluster     {ADDRESS}: 1 node with 0 CPUs, " in told and "upload      " in told and "warning     home ~/fxsweep" in told
    )


@pytest.mark.usefixtures("cluster")
def test_what_would_be_refused_when_sent_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (told,) = [told for told in planned(capsys, "--audio", "here/")["warnings"] if told.startswith("audio.path")]
    assert "recordings are not sent" in told
    monkeypatch.setattr("tune.service.parcel.check_size.__defaults__", (1000,))
    assert any("Move the largest files elsewhere" in told for told in planned(capsys)["warnings"])


@pytest.mark.usefixtures("cluster")
def test_a_sweep_that_would_wait_for_others_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    whole = planned(capsys, "--trials", "30")["warnings"]
    assert [told for told in whole if "would wait as number 1" in told]
    beside = planned(capsys, "--trials", "30", "--set", "concurrency=8")["warnings"]
    assert not any("would wait" in told for told in beside), "8 of 12 CPUs are free"


@pytest.mark.usefixtures("cluster")
def test_what_a_cluster_offers_is_not_said_twice(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "quickstart", "--address", ADDRESS, "--cpus", "4"]) == 2
    assert "the cluster itself says what it offers" in capsys.readouterr().err


def test_a_cluster_that_does_not_answer_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "quickstart", "--address", "http://127.0.0.1:9"]) == 6
    assert "job server http://127.0.0.1:9: " in capsys.readouterr().err


@pytest.mark.slow
def test_a_real_cluster_says_what_it_offers() -> None:
    with running_head() as head:
        found = facts("plan", "quickstart", "--trials", "30", "--address", head.address)
    assert (found["cpus"], found["concurrency"], found["gpus"]) == (2, 2, 0)
