"""What is left of a sweep, read as others would: by Optuna, by MLflow's client, from the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import optuna
from drivers import ledgers
from mlflow import MlflowClient
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial

from tune.ledger.home import SweepFolder

TOLD = ("train/", "validation/", "eval/", "control/")  # not how long it took

Numbers = dict[int, dict[str, Any]]


@dataclass(frozen=True)
class Work:
    """Epochs of a sweep, and how many were reported more than once."""

    epochs: int
    again: int


def numbers(folder: SweepFolder) -> Numbers:
    """By trial: its parameters, and what every epoch scored."""
    params = {trial.number: trial.params for trial in study(folder)}
    return {number: {"params": params[number], "epochs": epochs} for number, epochs in _scores(folder).items()}


def work(folder: SweepFolder) -> Work:
    found = [[report["epoch"] for report in reports] for reports in ledgers(folder).values()]
    distinct = sum(len(set(epochs)) for epochs in found)
    return Work(distinct, sum(map(len, found)) - distinct)


def study(folder: SweepFolder) -> list[FrozenTrial]:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = JournalStorage(JournalFileBackend(str(folder.journal)))
    if folder.name not in optuna.get_all_study_names(storage):
        return []  # its driver died before it had one
    return list(optuna.load_study(study_name=folder.name, storage=storage).get_trials(deepcopy=False))


def check_nothing_runs(folder: SweepFolder, status: Mapping[str, Any]) -> None:
    """Right after an end in order: neither MLflow nor Optuna has anything RUNNING."""
    assert "RUNNING" not in {trial.state.name for trial in study(folder)}
    assert "running" not in {status["state"], *(trial["state"] for trial in status["trials"])}
    assert "RUNNING" not in {run.info.status for run in runs(status)}


def check_whole(folder: SweepFolder, status: Mapping[str, Any], expected: Numbers, pictures: bool = False) -> None:
    """After the end: nothing lost, nothing doubled, nothing running, and the numbers of a sweep that was left alone."""
    check_nothing_runs(folder, status)
    assert numbers(folder) == expected
    assert status["state"] == "complete" and [trial["number"] for trial in status["trials"]] == sorted(expected)
    assert [(trial.number, trial.state.name) for trial in study(folder)] == [(n, "COMPLETE") for n in sorted(expected)]
    for trial in study(folder):
        assert sorted(trial.intermediate_values) == sorted(expected[trial.number]["epochs"])
    check_runs(status, folder)
    check_registered(status)
    assert not pictures or all((folder.pictures(number) / "latent_map.png").is_file() for number in expected)


def check_runs(status: Mapping[str, Any], folder: SweepFolder) -> None:
    """One finished run a trial and one of the sweep; every metric once an epoch, as the ledger has it."""
    found = runs(status)
    assert {run.info.status for run in found} == {"FINISHED"}
    children = [run for run in found if "mlflow.parentRunId" in run.data.tags]
    assert {child.info.run_id for child in children} == {trial["run_id"] for trial in status["trials"]}
    assert len(children) == len(status["trials"]) == len(found) - 1
    client, reports = MlflowClient(tracking_uri=status["mlflow"]["uri"]), ledgers(folder)
    for child in children:
        measured = _by_metric(reports[int(child.data.tags["fxsweep.trial"])])
        assert measured.keys() <= child.data.metrics.keys()
        for name, values in measured.items():
            points = [(point.step, point.value) for point in client.get_metric_history(child.info.run_id, name)]
            assert sorted(points) == sorted(values.items()), (child.data.tags["fxsweep.trial"], name)


def check_registered(status: Mapping[str, Any]) -> None:
    """The best trial's model, once."""
    client = MlflowClient(status["mlflow"]["uri"], status["mlflow"]["uri"])
    (version,) = client.search_model_versions("name = 'fx-small'")
    assert (status["model"]["name"], status["model"]["version"]) == ("fx-small", str(version.version))
    assert version.run_id == status["trials"][status["best"]]["run_id"]
    assert client.get_model_version_by_alias("fx-small", "champion").version == version.version


def runs(status: Mapping[str, Any]) -> list[Any]:
    """The parent's and the children's, and whatever else calls itself part of the sweep."""
    client = MlflowClient(tracking_uri=status["mlflow"]["uri"])
    return list(client.search_runs([status["mlflow"]["experiment"]], f"tags.`fxsweep.sweep` = '{status['name']}'"))


def _scores(folder: SweepFolder) -> dict[int, dict[int, dict[str, float]]]:
    """Trial -> epoch -> scores. An epoch that was trained twice must have scored the same."""
    found: dict[int, dict[int, dict[str, float]]] = {}
    for number, reports in ledgers(folder).items():
        epochs = found.setdefault(number, {})
        for report in reports:
            scores = {name: value for name, value in report.items() if name.startswith(TOLD)}
            assert epochs.setdefault(report["epoch"], scores) == scores, f"trial {number}, epoch {report['epoch']}"
    return found


def _by_metric(reports: list[dict[str, Any]]) -> dict[str, dict[int, float]]:
    """Metric -> epoch -> value, of what can have no two values. Controls are the same at every epoch, and told at the first."""
    found: dict[str, dict[int, float]] = {}
    for report in reports:
        for name, value in report.items():
            if name.startswith(TOLD) and not (name.startswith("control/") and name in found):
                found.setdefault(name, {})[report["epoch"]] = value
    return found
