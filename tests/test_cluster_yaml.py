"""cluster.yaml: what can be known of it without a cloud."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest
import ray.autoscaler
import yaml
from cluster_files import README_VARIANTS, project_cluster, variant
from ray.autoscaler._private.util import prepare_config, validate_config
from ray.dashboard.modules.job.job_supervisor import JobSupervisor

from tune.service import submit

ROOT = Path(__file__).parent.parent
SCHEMA = json.loads((Path(ray.autoscaler.__file__).parent / "ray-schema.json").read_text(encoding="utf-8"))
START_COMMANDS = ("head_start_ray_commands", "worker_start_ray_commands")


@pytest.fixture
def cluster() -> dict[str, Any]:
    return project_cluster()


def starts(cluster: dict[str, Any]) -> list[str]:
    return [command for key in START_COMMANDS for command in cluster[key] if "ray start" in command]


def workers(cluster: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for name, node in cluster["available_node_types"].items() if name != cluster["head_node_type"]]


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


def test_the_head_can_run_the_tracking_server_and_gets_none_of_its_secrets(cluster: dict[str, Any]) -> None:
    copied = {source for source in cluster["file_mounts"].values() if source.startswith("mlflow")}
    scripts = {path.name for path in (ROOT / "mlflow").iterdir() if path.is_file() and path.read_bytes().startswith(b"#!")}
    assert copied == {f"mlflow/{name}" for name in (*scripts, "settings.sh")}
    assert all(cluster["file_mounts"][f"~/fxsweep-source/{source}"] == source for source in copied)
    [install] = [command for command in cluster["head_setup_commands"] if "pip install" in command]
    assert install.endswith(" ~/fxsweep-source'[tracking]'") and "-c ~/fxsweep-source/constraints.txt" in install
    assert "[tracking]" not in "".join(cluster["setup_commands"]), "workers need none of it"


def test_the_head_offers_no_cpu_and_every_worker_does(cluster: dict[str, Any]) -> None:
    types = cluster["available_node_types"]
    assert types.pop(cluster["head_node_type"])["resources"]["CPU"] == 0
    assert types and all(node["resources"]["CPU"] > 0 for node in types.values())


def test_renderers_are_there_from_the_start(cluster: dict[str, Any]) -> None:
    renderer = cluster["available_node_types"]["renderer"]
    assert 0 < renderer["min_workers"] == renderer["max_workers"]


def test_all_workers_may_be_there_at_once(cluster: dict[str, Any]) -> None:
    assert cluster["max_workers"] == sum(node["max_workers"] for node in workers(cluster))


def test_workers_are_spot_instances_and_the_head_is_not(cluster: dict[str, Any]) -> None:
    head = cluster["available_node_types"][cluster["head_node_type"]]["node_config"]
    assert [node["node_config"]["InstanceMarketOptions"] for node in workers(cluster)] == [{"MarketType": "spot"}] * 2
    assert "InstanceMarketOptions" not in head


def test_renderers_offer_a_render_actor_for_every_trial_at_once(cluster: dict[str, Any]) -> None:
    resources = cluster["available_node_types"]["renderer"]["resources"]
    assert resources["render"] >= resources["CPU"]


def test_gpus_are_for_training_alone(cluster: dict[str, Any]) -> None:
    with_gpus = [node for node in workers(cluster) if "GPU" in node["resources"]]
    assert with_gpus == [cluster["available_node_types"]["trainer"]]
    assert all(node["resources"]["CPU"] >= node["resources"]["GPU"] for node in with_gpus)
    assert all("render" not in node["resources"] for node in with_gpus)


def test_the_head_offers_no_cpu_where_no_node_type_says_so(cluster: dict[str, Any]) -> None:
    [head, worker] = starts(cluster)
    assert " --num-cpus=0 --num-gpus=0 " in head and "--num-" not in worker


def test_a_stopped_job_has_more_time_than_rays_default_and_less_than_is_waited_for(cluster: dict[str, Any]) -> None:
    [seconds] = re.findall(r"RAY_JOB_STOP_WAIT_TIME_S=(\d+) ", starts(cluster)[0])
    assert JobSupervisor.DEFAULT_RAY_JOB_STOP_WAIT_TIME_S < int(seconds) < submit.STOP_SECONDS


def test_every_start_of_ray_asks_for_tokens_and_the_token_is_copied(cluster: dict[str, Any]) -> None:
    assert len(starts(cluster)) == 2
    assert all(re.match(r"RAY_AUTH_MODE=token (\w+=\d+ )?ray start ", command) for command in starts(cluster))
    assert "~/.ray/auth_token" in cluster["file_mounts"]


def test_the_dashboard_listens_on_loopback_only(cluster: dict[str, Any]) -> None:
    hosts = re.findall(r"--dashboard-host=(\S+)", " ".join(starts(cluster)))
    assert hosts == ["127.0.0.1"]


# ---- other machines than AWS's
def test_the_readme_tells_of_other_machines() -> None:
    assert README_VARIANTS == ("local", "gcp")


@pytest.mark.parametrize("provider", README_VARIANTS)
def test_a_variant_of_the_readme_has_no_key_that_ray_does_not_know(provider: str) -> None:
    jsonschema.validate(variant(provider), SCHEMA)


@pytest.mark.parametrize("provider", README_VARIANTS)
def test_ray_accepts_a_variant_of_the_readme_as_ray_up_would(provider: str) -> None:
    prepared = prepare_config(variant(provider))
    validate_config(prepared)
    assert prepared["provider"]["type"] == provider
    assert sum(node.get("min_workers", 0) for node in prepared["available_node_types"].values()) == 2


@pytest.mark.parametrize("provider", README_VARIANTS)
def test_a_variant_of_the_readme_leaves_nothing_of_aws(provider: str) -> None:
    used = yaml.safe_dump({key: variant(provider)[key] for key in ("provider", "available_node_types")})
    assert [word for word in ("ami-", "Instance", "aws", "region: eu-west-1") if word in used] == []


def test_ray_refuses_node_types_where_the_provider_is_local(cluster: dict[str, Any]) -> None:
    wrong = variant("local") | {"available_node_types": cluster["available_node_types"]}
    with pytest.raises(click.ClickException):
        prepare_config(wrong)


def test_a_variant_of_gcp_offers_what_the_file_does(cluster: dict[str, Any]) -> None:
    own, theirs = cluster["available_node_types"], variant("gcp")["available_node_types"]
    assert {name: node["resources"] for name, node in theirs.items()} == {name: own[name]["resources"] for name in theirs}


def test_it_says_that_it_was_not_launched() -> None:
    assert "Not launched on AWS" in (ROOT / "cluster.yaml").read_text(encoding="utf-8")
