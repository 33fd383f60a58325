"""The model registry: a sweep's best model goes in, with its card; others pull it, and load it without this project.

Models are traced graphs (pt2), never pickles, and what is loaded may bring no code of its own.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import mlflow
import mlflow.artifacts
import mlflow.pyfunc
from mlflow import MlflowClient
from mlflow.entities import LoggedModel, LoggedModelOutput
from mlflow.models import Model

from trainables.configs import TrialConfig
from trainables.errors import nearest
from trainables.training.model_file import read_model
from tune.errors import InvalidInput
from tune.models.aliases import CANDIDATE, CHAMPION, Entry, crown, nominate, whoever
from tune.models.card_files import metadata_of, replace_card, write_card_files
from tune.models.checksums import SUMS, as_tag, check_folder, check_sums, from_tag, sums_of, write_sums
from tune.models.loaded_model import LoadedModel
from tune.models.matcher_model import LoadedMatcher, is_matcher, open_matcher, save_matcher
from tune.models.saved_embedder import WHOLE_MODEL, save_embedder
from tune.tracking.datasets import link_scores
from tune.tracking.runs import connect, reaching
from tune.tracking.stores import Tracking, tracking_at

REFERENCE = re.compile(r"(?P<name>[^@/]+)(@(?P<alias>[^@/]+)|/(?P<version>\d+))?")
CARD_TAGS = ("sweep", "sweep_id", "started_ms", "trial", "evaluation_hash", "spec_hash", "backend", "code_version")


@dataclass(frozen=True)
class ModelVersion:
    """A registered version; `uri` is `models:/NAME/VERSION`, `alias` what it was given at its registration."""

    name: str
    version: str
    uri: str
    alias: str = ""


def register_best(
    tracking: Tracking,
    *,
    run_id: str,
    model_name: str,
    config: TrialConfig,
    state: Mapping[str, Any],
    card: Mapping[str, Any],
    metrics: Mapping[str, float],
    instead_of: Callable[[Entry | None], bool] = whoever,
) -> ModelVersion:
    """As `register_version`; champion if there is none or it may take the title from the one there is, else the candidate."""
    made = register_version(tracking, run_id, model_name, config, state, card, int(metrics.get("epoch", 0)))
    client = connect(tracking)
    with reaching(tracking):
        crowned = crown(client, model_name, made.version, lambda champion: champion is None or instead_of(champion))
        if not crowned:
            nominate(client, model_name, made.version)
    return replace(made, alias=CHAMPION if crowned else CANDIDATE)


def register_version(
    tracking: Tracking,
    run_id: str,
    model_name: str,
    config: TrialConfig,
    state: Mapping[str, Any],
    card: Mapping[str, Any],
    epoch: int = 0,
) -> ModelVersion:
    """Saves the trial's model with its card, linked to the trial's run, under no alias.

    A run that has a version of the model gets no second one: the driver that made it may have died before it could say so.

    Raises:
        InfrastructureLost: the tracking store refused it or is out of reach.
    """
    client = connect(tracking)
    matcher = config.matcher is not None
    with reaching(tracking), tempfile.TemporaryDirectory() as temporary:
        if (found := _version_of_run(client, model_name, run_id)) is not None:
            return found
        experiment_id = client.get_run(run_id).info.experiment_id
        logged = client.create_logged_model(experiment_id, "model", run_id, model_type="matcher" if matcher else "embedder")
        folder = Path(temporary) / "model"
        if matcher:
            save_matcher(folder, config, state, card)
        else:
            about = Model(run_id=run_id, model_id=logged.model_id, model_uuid=logged.model_id)
            save_embedder(folder, config, state, metadata_of(config, card), about)
        write_card_files(folder, model_name, config, card)  # as long as nobody knows its version
        client.log_model_artifacts(logged.model_id, str(folder))
        client.finalize_logged_model(logged.model_id, "READY")
        link_scores(client, run_id, logged.model_id)
        client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=epoch)])
        # A local store looks for a models:/ source at the process's global address, which is nobody's.
        source = f"models:/{logged.model_id}" if tracking.artifact_root is None else logged.artifact_location
        made = _register(client, model_name, logged, source, run_id, card, sums_of(folder))
    replace_card(tracking, model_name, made.version, config, card)
    return made


def pull(tracking_uri: str, reference: str, folder: Path) -> Path:
    """Copies a registered model with its card.

    Args:
        reference: `NAME@ALIAS`, `NAME/VERSION`, or `NAME` (its champion, or its latest version if it has none).
        folder: where to; it must be empty or not there.

    Returns:
        The folder.

    Raises:
        InvalidInput: the folder holds something; no such model, alias or version; a file is not the one that was registered.
        InfrastructureLost: the tracking store is out of reach.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidInput(f"folder {folder}: not an empty folder. Give one that is, or that doesn't exist yet.")
    tracking = tracking_at(tracking_uri)
    if tracking.database is not None and not tracking.database.is_file():
        raise InvalidInput(f"model '{reference}': no store of models at {tracking.database}. Name its --home or --tracking.")
    client = connect(tracking)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with reaching(tracking), tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        name, version = find_version(client, reference)
        source = client.get_model_version_download_uri(name, version)
        got = Path(mlflow.artifacts.download_artifacts(source, dst_path=temporary, tracking_uri=tracking_uri))
        if sums := from_tag(client.get_model_version(name, version).tags.get(SUMS)):
            check_sums(got, sums, f"model '{name}/{version}'")
            write_sums(got, sums)
        got.replace(folder)  # only now, so that nobody finds half a model
    return folder


def find_version(client: MlflowClient, reference: str) -> tuple[str, str]:
    """The model's name and version.

    Raises:
        InvalidInput: what isn't there, and what is.
    """
    if (match := REFERENCE.fullmatch(reference)) is None:
        raise InvalidInput(f"model '{reference}': not a reference. Write NAME, NAME@ALIAS or NAME/VERSION.")
    name, alias, version = match["name"], match["alias"], match["version"]
    models = {model.name: model for model in client.search_registered_models()}
    if name not in models:
        raise InvalidInput(f"model '{name}': not registered in {client.tracking_uri}. {nearest(name, models)}")
    versions = {str(found.version) for found in client.search_model_versions(f"name = '{name}'")}
    aliases = {known: str(number) for known, number in models[name].aliases.items()}
    if alias and alias not in aliases:
        raise InvalidInput(f"model '{reference}': no such alias. {nearest(alias, aliases)}")
    if version and version not in versions:
        raise InvalidInput(f"model '{reference}': no such version. {nearest(version, versions)}")
    return name, version or aliases.get(alias or CHAMPION) or max(versions, key=int)


def version_named(tracking: Tracking, reference: str) -> str:
    """NAME/VERSION of a reference as `pull` takes it; see there for the errors."""
    client = connect(tracking)
    with reaching(tracking):
        name, version = find_version(client, reference)
    return f"{name}/{version}"


def load_embedder(tracking_uri: str, reference: str) -> LoadedModel:
    """A registered model, loaded; see `pull` for the reference and the errors. A folder made by `pull` will do, too."""
    if (Path(reference) / "MLmodel").is_file():
        return open_embedder(Path(reference))
    with tempfile.TemporaryDirectory() as temporary:
        return open_embedder(pull(tracking_uri, reference, Path(temporary) / "model"))


def load_model(tracking_uri: str, reference: str) -> LoadedModel | LoadedMatcher:
    """A registered model of any kind, or a folder made by `pull`; see `load_embedder` and `open_matcher` for the errors."""
    if Path(reference).is_dir():
        return _open(Path(reference))
    with tempfile.TemporaryDirectory() as temporary:
        return _open(pull(tracking_uri, reference, Path(temporary) / "model"))


def _open(folder: Path) -> LoadedModel | LoadedMatcher:
    check_folder(folder)
    return open_matcher(folder, read_card_file(folder)) if is_matcher(folder) else open_embedder(folder)


def read_card_file(folder: Path) -> dict[str, Any]:
    """The card of a pulled model; empty if it has none."""
    card = folder / "card.json"
    return dict(json.loads(card.read_text(encoding="utf-8"))) if card.is_file() else {}


def open_embedder(folder: Path) -> LoadedModel:
    """A pulled model, loaded; nothing is unpickled and no code of the folder's is run.

    Raises:
        InvalidInput: the folder holds no such model.
    """
    if is_matcher(folder):
        raise InvalidInput(f"model folder {folder}: a matcher, which embeds nothing. Use it with: fxsweep match --model {folder}")
    if not (folder / "MLmodel").is_file():
        raise InvalidInput(f"model folder {folder}: there is no MLmodel file in it. Get one with: fxsweep pull NAME -o {folder}")
    check_folder(folder)
    model = Model.load(str(folder))
    flavor = model.flavors.get("python_function", {})
    if flavor.get("loader_module") != "mlflow.pytorch" or flavor.get("code") or not (folder / "data" / "model.pt2").is_file():
        raise InvalidInput(f"model folder {folder}: not a traced model (pt2). Only models registered by fxsweep can be loaded.")
    os.environ["MLFLOW_ALLOW_PICKLE_DESERIALIZATION"] = "false"
    whole = read_model(folder / WHOLE_MODEL) if (folder / WHOLE_MODEL).is_file() else None
    return LoadedModel(dict(model.metadata or {}), mlflow.pyfunc.load_model(str(folder)), read_card_file(folder), whole)


def _register(
    client: MlflowClient,
    name: str,
    logged: LoggedModel,
    source: str,
    run_id: str,
    card: Mapping[str, Any],
    sums: Mapping[str, str],
) -> ModelVersion:
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name, description="Embeddings of audio effects, found by fxsweep.")
    tags = {key: str(card[key]) for key in CARD_TAGS if key in card} | {SUMS: as_tag(sums)}
    about: dict[str, Any] = {"tags": tags, "description": _description(card), "model_id": logged.model_id}
    made = client.create_model_version(name, source, run_id, await_creation_for=0, **about)
    link = json.dumps([{"name": name, "version": made.version}])
    client.set_logged_model_tags(logged.model_id, {"mlflow.modelVersions": link})  # the model's own page names its version
    return ModelVersion(name, str(made.version), f"models:/{name}/{made.version}")


def _version_of_run(client: MlflowClient, name: str, run_id: str) -> ModelVersion | None:
    found = client.search_model_versions(f"name = '{name}' and run_id = '{run_id}'")
    newest = max((int(version.version) for version in found), default=None)
    return None if newest is None else ModelVersion(name, str(newest), f"models:/{name}/{newest}")


def _description(card: Mapping[str, Any]) -> str:
    scores = ", ".join(f"{score.removeprefix('eval/')} {value:.3f}" for score, value in dict(card.get("scores", {})).items())
    return f"Trial {card.get('trial', '?')} of the sweep {card.get('sweep', '?')}: {scores or 'no scores'}."
