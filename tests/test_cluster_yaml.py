"""cluster.yaml: what can be known of it without a cloud."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import ray.autoscaler
import yaml
from ray.autoscaler._private.util import prepare_config, validate_config

ROOT = Path(__file__).parent.parent
SCHEMA = json.loads((Path(ray.autoscaler.__file__).parent / "ray-schema.json").read_text(encoding="utf-8"))
START_COMMANDS = ("head_start_ray_commands", "worker_start_ray_commands")


@pytest.fixture
def cluster() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "cluster.yaml").read_text(encoding="utf-8"))
    return loaded


def starts(cluster: dict[str, Any]) -> list[str]:
    return [command for key in START_COMMANDS for command in cluster[key] if "ray start" in command]


def test_it_has_no_key_that_ray_does_not_know(cluster: dict[str, Any]) -> None:
    jsonschema.validate(cluster, SCHEMA)


def test_ray_refuses_a_key_that_it_does_not_know(cluster: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(cluster | {"min_workers": 1}, SCHEMA)


def test_ray_accepts_it_as_ray_up_would(cluster: dict[str, Any]) -> None:
    validate_config(prepare_config(copy.deepcopy(cluster)))


def test_nodes_get_the_ray_that_is_pinned(cluster: dict[str, Any]) -> None:
    pinned = re.search(r"^ray==(\S+)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)
    installed = re.findall(r"'ray\[default,tune,train\]==([^']+)'", "\n".join(cluster["setup_commands"]))
    assert pinned is not None
    assert installed == [pinned[1]]


def test_the_project_is_installed_with_the_pinned_versions(cluster: dict[str, Any]) -> None:
    [install] = [command for command in cluster["setup_commands"] if "pip install" in command]
    assert "-c ~/fxsweep-source/constraints.txt" in install
    assert install.endswith(" ~/fxsweep-source")


def test_everything_that_is_copied_to_the_nodes_is_here(cluster: dict[str, Any]) -> None:
    own = [source for source in cluster["file_mounts"].values() if not source.startswith("~")]
    assert {"pyproject.toml", "constraints.txt", "tune", "trainables"} < set(own)
    assert [source for source in own if not (ROOT / source).exists()] == []


def test_the_head_offers_no_cpu_and_every_worker_does(cluster: dict[str, Any]) -> None:
    types = cluster["available_node_types"]
    assert types.pop(cluster["head_node_type"])["resources"]["CPU"] == 0
    assert types and all(node["resources"]["CPU"] > 0 for node in types.values())


def test_workers_are_there_from_the_start_and_are_spot_instances(cluster: dict[str, Any]) -> None:
    worker = cluster["available_node_types"]["worker"]
    assert 0 < worker["min_workers"] == worker["max_workers"] == cluster["max_workers"]
    assert worker["node_config"]["InstanceMarketOptions"] == {"MarketType": "spot"}


def test_workers_offer_a_render_actor_for_every_trial_at_once(cluster: dict[str, Any]) -> None:
    resources = cluster["available_node_types"]["worker"]["resources"]
    assert resources["render"] >= resources["CPU"]


def test_every_start_of_ray_asks_for_tokens_and_the_token_is_copied(cluster: dict[str, Any]) -> None:
    assert len(starts(cluster)) == 2
    assert all(command.startswith("RAY_AUTH_MODE=token ray start ") for command in starts(cluster))
    assert "~/.ray/auth_token" in cluster["file_mounts"]


def test_the_dashboard_listens_on_loopback_only(cluster: dict[str, Any]) -> None:
    hosts = re.findall(r"--dashboard-host=(\S+)", " ".join(starts(cluster)))
    assert hosts == ["127.0.0.1"]


def test_it_says_that_it_was_not_launched() -> None:
    assert "Not launched on AWS" in (ROOT / "cluster.yaml").read_text(encoding="utf-8")
