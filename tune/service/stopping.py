"""A sweep on a cluster, stopped so that nothing says any more that it runs.

The driver has Ray's grace period for that, which its job brings with it (`submission.job_environment`).
Where it was killed first, `fxsweep doctor` does it in its place, as a job.
"""

from __future__ import annotations

import shlex

from tune.errors import InfrastructureLost
from tune.service.errands import run_errand
from tune.service.jobs import attempt, told_by
from tune.service.submission import Place
from tune.service.submit import JobServer

KILLED = "Its driver was killed before it had put everything in order"


def stop_in_order(server: JobServer, name: str) -> str:
    """Stops it; a sentence about what was done.

    Raises:
        InvalidInput: there is no such sweep, or it doesn't run.
        InfrastructureLost: what the driver left could not be put in order.
    """
    job = server.job(name)
    in_order = server.stop(name)
    if not server.has_begun(name) and attempt(job.submission_id) == 1:
        return f"Stopped sweep {name} before it had begun."
    if in_order:
        return f"Stopped sweep {name}."
    told = told_by(job)
    if "home" not in told:
        return f"Stopped sweep {name}. {KILLED}; on the cluster: fxsweep doctor {name}"
    command = f"doctor {shlex.quote(name)} --home {shlex.quote(told['home'])}"
    done = run_errand(server, command, Place(told["home"], told.get("python") or None))
    if done.code != 0:
        last = (done.said.strip().splitlines() or [f"exit code {done.code}"])[-1]
        raise InfrastructureLost(f"sweep '{name}': is stopped. {KILLED}, and `fxsweep {command}` failed there, too: {last}")
    return f"Stopped sweep {name}. {KILLED}; that has been done since."
