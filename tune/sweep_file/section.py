"""What all sections of a sweep file are: closed mappings, which tell mistakes in our own words."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

from tune.sweep_file.problems import Problem

CLOSED = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Section(BaseModel):
    """A closed mapping: frozen, unknown keys refused, no conversion between types."""

    model_config = CLOSED


def problems_error(problems: tuple[Problem, ...]) -> PydanticCustomError:
    """Carries our own problems through pydantic; their paths go on from where it is raised."""
    return PydanticCustomError("problems", "not valid", {"problems": problems})
