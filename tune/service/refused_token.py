"""What a job server's refusal of a token, or of somebody without one, means to a user."""

from __future__ import annotations


def refused_token(address: str, told: str) -> str:
    """One paragraph with the remedy.

    Args:
        told: by Ray's client; it tells whether a token was sent.
    """
    refusal = "refuses the token that it was sent" if "failed" in told else "asks for a token, and there is none here"
    where = "in ~/.ray/auth_token, or in a file that RAY_AUTH_TOKEN_PATH names"
    return f"job server {address}: {refusal}. Put the cluster's own, which `ray get-auth-token` prints there, {where}."
