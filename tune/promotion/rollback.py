"""`fxsweep promote --rollback MODEL`."""

from __future__ import annotations

from tune.errors import InvalidInput
from tune.models.aliases import roll_back
from tune.tracking.runs import connect, reaching
from tune.tracking.stores import tracking_at


def take_back(tracking_uri: str, model_name: str) -> tuple[str, str]:
    """Makes the version champion that was it before.

    Returns:
        The version that was champion until now, and the one that is it again.

    Raises:
        InvalidInput: no such store or model, or nobody was champion before. InfrastructureLost: the registry doesn't answer.
    """
    tracking = tracking_at(tracking_uri)
    if tracking.database is not None and not tracking.database.is_file():
        raise InvalidInput(
            f"model '{model_name}': there is no store of models at {tracking.database}. Name its --home or --tracking."
        )
    client = connect(tracking)
    with reaching(tracking):
        return roll_back(client, model_name)
