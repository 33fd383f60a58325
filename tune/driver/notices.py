"""What a sweep tells a webhook: that it has ended, has failed, or has a new best trial."""

from __future__ import annotations

import os
from typing import Any

from tune.driver.postman import PATIENCE, Patience, Postman
from tune.errors import InvalidInput
from tune.ledger.status import SweepStatus
from tune.sweep_file.notify_section import NOT_KEPT, VARIABLE, Event, Notify
from tune.tracking.links import trials_url


class Notices:
    """Tells those who asked to be told; nobody, without an address.

    Args:
        url: of the webhook, a secret; "" for nobody.
        wanted: which events.
    """

    def __init__(self, url: str = "", wanted: tuple[Event, ...] = (), patience: Patience = PATIENCE) -> None:
        self._postman = Postman(url, patience) if url and wanted else None
        self._wanted, self._best = wanted, -1

    def known(self, status: SweepStatus) -> None:
        """What was best under an earlier driver is no news."""
        best = status.best()
        self._best = best.number if best else -1

    def trial_ended(self, status: SweepStatus) -> None:
        """Tells of a new best, if the trial that has just ended is that."""
        if self._postman is None or "best" not in self._wanted:
            return
        best = status.best()
        if best is not None and best.number != self._best and best.state == "complete":
            self._best = best.number
            self._postman.post(note("best", status))

    def sweep_ended(self, status: SweepStatus) -> None:
        """Tells of the end, as it came."""
        event: Event = "failed" if status.state == "failed" else "ended"
        if self._postman is not None and event in self._wanted:
            self._postman.post(note(event, status))

    def close(self) -> list[str]:
        """Waits a few seconds for the last ones; a sentence about what did not arrive, if there is something."""
        lost = self._postman.close() if self._postman is not None else ""
        return [lost] if lost else []


def notices_of(notify: Notify) -> Notices:
    """Those that a sweep file asks for.

    Raises:
        InvalidInput: the variable that has the address is not set, or has none.
    """
    return Notices(address(notify), notify.on)


def address(notify: Notify) -> str:
    """The webhook's; "" if there is none, or if it was not kept."""
    url = notify.url or ""
    if url == NOT_KEPT or not VARIABLE.fullmatch(url):
        return "" if url == NOT_KEPT else url
    found = os.environ.get(url.strip("${}"), "")
    if not found.startswith(("http://", "https://")):
        state = "has no http(s) address" if found else "is not set"
        raise InvalidInput(f"notify.url {url}: {state}. Export it, here and on the cluster, or leave notify out.")
    return found


def unkept(notify: Notify) -> list[str]:
    """What is said of a sweep that is taken up again and tells nobody, because its webhook's address was not kept."""
    told = "notify   nobody: the webhook's address is not kept. To be told after a resume, too, write a variable: url: $NAME"
    return [told] if notify.url == NOT_KEPT else []


def note(event: Event, status: SweepStatus) -> dict[str, Any]:
    """The JSON: event, name, state, best (trial, metric, score), link, and all of it as a sentence (`text`)."""
    best = status.best()
    found = None if best is None else {"trial": best.number, "metric": status.objective["metric"], "score": best.score}
    link = _link(status)
    return {
        "event": event,
        "name": status.name,
        "state": status.state,
        "best": found,
        "link": link,
        "text": f"{_sentence(event, status)}{f' {link}' if link else ''}",
    }


def _sentence(event: Event, status: SweepStatus) -> str:
    best = status.best()
    told = (
        ""
        if best is None or best.score is None
        else f" Best: trial {best.number}, {status.objective['metric']} {best.score:.3f}."
    )
    if event == "best":
        return f"Sweep {status.name} has a new best trial.{told}"
    return f"Sweep {status.name}: {status.state}, {len(status.trials)} trials.{told}"


def _link(status: SweepStatus) -> str:
    """The table of its trials; "" where MLflow is a file of one machine."""
    place = status.mlflow
    if not place.get("uri", "").startswith("http") or not place.get("run_id"):
        return ""
    return trials_url(place["uri"], place["experiment"], place["run_id"])
