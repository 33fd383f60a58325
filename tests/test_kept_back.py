from __future__ import annotations

from tune.service.kept_back import kept_back, told_kept_back
from tune.sweep_file.spec import parse_sweep

SECRETS = {"MLFLOW_TRACKING_PASSWORD": "hush", "AWS_SECRET_ACCESS_KEY": "hush", "MLFLOW_TRACKING_TOKEN": "hush"}
OTHERS = {"PATH": "/bin", "MLFLOW_TRACKING_USERNAME": "", "MY_HOOK": "hush", "STUDY": "hush", "NEITHER": "x"}


def test_secrets_are_told_by_their_names_alone() -> None:
    found = kept_back(parse_sweep({"name": "x"}), SECRETS | OTHERS)
    assert found == ["AWS_SECRET_ACCESS_KEY", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN"]
    assert "hush" not in told_kept_back(found) and "MLFLOW_TRACKING_PASSWORD" in told_kept_back(found)


def test_variables_that_the_sweep_names_are_among_them() -> None:
    sweep = parse_sweep(
        {"name": "x", "notify": {"url": "$MY_HOOK"}, "study": {"storage": "postgresql://me:${STUDY}@host/studies"}}
    )
    assert kept_back(sweep, OTHERS) == ["MY_HOOK", "STUDY"]


def test_without_secrets_nothing_is_told() -> None:
    assert told_kept_back(kept_back(parse_sweep({"name": "x"}), {"PATH": "/bin"})) == ""
