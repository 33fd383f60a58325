"""What runs were trained and scored on, as datasets of MLflow's, and a model's scores linked to it and to the dataset.

So the UI names a run's evaluation set, and `search_logged_models` finds a model by its scores on that set. All by explicit ids,
as in tracking.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric
from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT

EVALUATION, RECORDINGS = "evaluation-set", "recordings"
DIGEST_CHARACTERS = 36  # MLflow takes no longer ones
HASH_TAG, CORPUS_TAG = "fxsweep.evaluation_hash", "fxsweep.corpus_id"


def run_datasets(tags: Mapping[str, str]) -> list[DatasetInput]:
    """Those of a run, by its tags; none of a run without them."""
    known = ((EVALUATION, HASH_TAG, "evaluation"), (RECORDINGS, CORPUS_TAG, "training"))
    return [_input(name, tags[tag], context) for name, tag, context in known if tags.get(tag)]


def link_scores(client: MlflowClient, run_id: str, model_id: str) -> int:
    """Links a run's last scores to the model that it logged and to the evaluation set; returns how many.

    Scores of single effects are left out. The run itself gets no value that it has not.

    Raises:
        MlflowException: the store refused it or is out of reach.
    """
    run = client.get_run(run_id)
    digest = run.data.tags.get(HASH_TAG, "")[:DIGEST_CHARACTERS]
    if not digest:
        return 0
    names = [name for name in run.data.metrics if name.startswith("eval/") and name.count("/") == 1]
    last = [max(client.get_metric_history(run_id, name), key=lambda point: (point.step, point.timestamp)) for name in names]
    to = {"model_id": model_id, "dataset_name": EVALUATION, "dataset_digest": digest, "run_id": run_id}
    linked = [Metric(point.key, point.value, point.timestamp, point.step, **to) for point in last]
    client.log_batch(run_id, metrics=linked)
    return len(linked)


def _input(name: str, digest: str, context: str) -> DatasetInput:
    """The digest is all there is to know: what it is made of stands in the sweep's tags."""
    source = json.dumps({"digest": digest})
    dataset = Dataset(name, digest[:DIGEST_CHARACTERS], "fxsweep", source)
    return DatasetInput(dataset, [InputTag(MLFLOW_DATASET_CONTEXT, context)])
