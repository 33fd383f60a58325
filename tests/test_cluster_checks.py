from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import ray

from tune.errors import InfrastructureLost, InvalidInput
from tune.service import cluster_checks
from tune.service.cluster_checks import check_audio, check_home, check_paths, check_stored, check_tracking_server
from tune.service.node_look import look
from tune.sweep_file.spec import parse_sweep

Node = Callable[[str, str, str], str]


def node(name: str, alive: bool = True, cpus: float = 4.0) -> dict[str, Any]:
    address = {"NodeManagerHostname": f"host-{name}", "NodeManagerAddress": "10.0.0.2"}
    return {"NodeID": name, "Alive": alive, "Resources": {"CPU": cpus} if cpus else {}} | address


@pytest.fixture
def nodes(monkeypatch: pytest.MonkeyPatch) -> dict[str, Node]:
    """Trainers beside the head: what each does when it is asked to look."""
    answers: dict[str, Node] = {}
    everyone = [node("head"), node("dead", alive=False), node("renders", cpus=0.0)]
    monkeypatch.setattr(ray, "nodes", lambda: [*everyone, *map(node, answers)])
    monkeypatch.setattr(ray, "get_runtime_context", lambda: SimpleNamespace(get_node_id=lambda: "head"))
    monkeypatch.setattr(cluster_checks, "_ask", lambda asked, folder, nonce: (asked["NodeID"], folder, nonce))
    monkeypatch.setattr(ray, "get", lambda question, timeout: answers[question[0]](question[1], question[2], question[0]))
    return answers


def test_recordings_must_be_on_the_head(tmp_path: Path) -> None:
    check_audio("synthetic")
    check_audio(str(tmp_path))
    with pytest.raises(InvalidInput, match=r"audio\.path '.*/none': this folder does not exist on the cluster's head \(.+\)\."):
        check_audio(str(tmp_path / "none"))


def test_a_tracking_server_out_of_the_heads_reach_is_told_as_such(tmp_path: Path) -> None:
    check_tracking_server(parse_sweep({"name": "x", "tracking": {"uri": "sqlite:////x/mlflow.db"}}), tmp_path)
    away = parse_sweep({"name": "x", "tracking": {"uri": "http://127.0.0.1:9"}})
    with pytest.raises(InfrastructureLost, match=r"^from the cluster's head: tracking server http://127\.0\.0\.1:9: it can"):
        check_tracking_server(away, tmp_path)


@pytest.mark.parametrize(
    ("section", "key", "address"),
    [
        ("tracking", "uri", "sqlite:////elsewhere/mlflow.db"),
        ("tracking", "uri", "sqlite:///{home}/../mlflow.db"),
        ("tracking", "uri", "sqlite:///{home}/link/mlflow.db"),
        ("study", "storage", "sqlite:///studies.db"),
        ("study", "storage", "sqlite:////elsewhere/studies.db"),
    ],
)
def test_a_sweep_file_writes_nowhere_but_below_the_home(tmp_path: Path, section: str, key: str, address: str) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "link").symlink_to(tmp_path)
    sweep = parse_sweep({"name": "x", section: {key: address.format(home=tmp_path / "home")}})
    with pytest.raises(InvalidInput, match=rf"{section}\.{key} '.*': a submitted sweep writes below its home, .* only\. Leave"):
        check_paths(sweep, tmp_path / "home")


def test_databases_below_the_home_and_on_servers_pass(tmp_path: Path) -> None:
    inside = f"sqlite:///{tmp_path}/shared.db"
    check_paths(parse_sweep({"name": "x", "tracking": {"uri": inside}, "study": {"storage": inside}}), tmp_path)
    servers = {"tracking": {"uri": "http://server"}, "study": {"storage": "postgresql://me:$P@host/studies"}}
    check_paths(parse_sweep({"name": "x", **servers}), tmp_path)
    check_paths(parse_sweep({"name": "x"}), tmp_path)


def test_a_home_that_every_trainer_sees_passes_and_nothing_is_left_in_it(tmp_path: Path, nodes: dict[str, Node]) -> None:
    nodes |= {"a": look, "b": look}
    check_home(tmp_path / "new" / "home")
    assert list((tmp_path / "new" / "home").iterdir()) == []


def test_a_home_that_the_head_cannot_write_is_refused(tmp_path: Path, nodes: dict[str, Node]) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput, match=r"home .*file/home: cannot be written on the cluster's head \(.*\)\. Give --home"):
        check_home(tmp_path / "file" / "home")


def test_the_node_that_does_not_see_the_home_is_named(tmp_path: Path, nodes: dict[str, Node]) -> None:
    nodes |= {"a": look, "blind": lambda folder, nonce, name: look("/nowhere", nonce, name)}
    with pytest.raises(InvalidInput, match=r"node host-blind \(10\.0\.0\.2\) cannot use it \(what the head wrote.*all nodes sh"):
        check_home(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_node_that_cannot_write_to_the_storage_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_checks, "_other_trainers", lambda: [node("a"), node("keyless")])
    monkeypatch.setattr(cluster_checks, "_ask_node", lambda asked, question, url: (asked["NodeID"], question(url)))
    answers = {"a": "", "keyless": ""}
    monkeypatch.setattr(ray, "get", lambda answer, timeout: answer[1] or answers[answer[0]])
    check_stored(str(tmp_path))
    answers["keyless"] = "AWS Error ACCESS_DENIED"
    with pytest.raises(
        InvalidInput, match=r"node host-keyless \(10\.0\.0\.2\) cannot write there \(AWS Error ACC.*every node the k"
    ):
        check_stored(str(tmp_path))
    with pytest.raises(InvalidInput, match="there is no such folder"):
        check_stored(str(tmp_path / "none"))


def test_a_home_need_not_be_shared_by_a_sweep_that_keeps_its_checkpoints_elsewhere(
    tmp_path: Path, nodes: dict[str, Node]
) -> None:
    nodes["blind"] = lambda folder, nonce, name: look("/nowhere", nonce, name)
    check_home(tmp_path, alone=True)


def test_a_folder_of_the_same_name_that_is_another_one_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "nonce").write_text("another")
    assert look(str(tmp_path), "mine", "a") == "it has another folder of that name"


def test_a_node_that_may_read_and_not_write_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "nonce").write_text("mine")
    (tmp_path / "a").mkdir()
    assert look(str(tmp_path), "mine", "a") == "Is a directory"


def test_a_node_that_does_not_answer_is_named(tmp_path: Path, nodes: dict[str, Node]) -> None:
    def lost(*asked: str) -> str:
        raise ray.exceptions.GetTimeoutError("Get timed out")

    nodes["slow"] = lost
    with pytest.raises(InfrastructureLost, match=r"node host-slow \(10\.0\.0\.2\): has not answered \(Get timed out\)\. Look at"):
        check_home(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_real_node_that_trains_is_asked_and_one_that_only_renders_is_not(tmp_path: Path) -> None:
    home, answers = tmp_path / "home", tmp_path / "answers.json"
    environment = os.environ | {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}  # loopback only
    command = [sys.executable, Path(__file__).parent / "home_on_nodes.py", home, answers]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    unseen = "what the head wrote there is not to be seen"
    assert json.loads(answers.read_text()) == {"trainers": [True], "seen": "", "unseen": unseen, "wrote": True}
