"""The colours of pages and figures, by role, for a light and a dark ground.

Series are those of M. Okabe & K. Ito (2008), which the colour-blind tell apart; on a dark ground they are lighter. Figures never
tell things apart by colour alone.
"""

from __future__ import annotations

from functools import cache

LIGHT = {
    "page": "#ffffff", "panel": "#f5f5f3", "ink": "#222222", "quiet": "#5f5f5f", "faint": "#dcdcdc",
    "blue": "#0072b2", "orange": "#d55e00", "green": "#007d5a", "purple": "#b05a93", "gold": "#b98300", "sky": "#3a94c9",
    "grey": "#8a8a8a",
}  # fmt: skip
DARK = {
    "page": "#17191c", "panel": "#212428", "ink": "#ececec", "quiet": "#adb1b6", "faint": "#3a3f45",
    "blue": "#58b2ec", "orange": "#ff8f45", "green": "#2fc498", "purple": "#e29bc7", "gold": "#f0bc3c", "sky": "#93cff2",
    "grey": "#8f959b",
}  # fmt: skip
EFFECTS_BY_NIGHT = {  # those of trainables/maps/pictures.py, lighter where a dark ground would swallow them
    "#cc6677": "#cc6677", "#332288": "#857ab8", "#c8a415": "#c8a415", "#117733": "#3e915a", "#5eb4e0": "#5eb4e0",
    "#882255": "#b06d8f", "#44aa99": "#44aa99", "#999933": "#999933", "#aa4499": "#b864aa", "#555555": "#818181",
}  # fmt: skip
SERIES = ("blue", "orange", "green", "purple", "gold", "sky")
STOPS = 33  # of viridis, which is as even to the colour-blind and in print


def variables(night: bool) -> str:
    """As CSS has them: `--ink: #222222; ...`."""
    effects = {colour.replace("#", "effect-"): by_night if night else colour for colour, by_night in EFFECTS_BY_NIGHT.items()}
    return " ".join(f"--{role}: {colour};" for role, colour in ((DARK if night else LIGHT) | effects).items())


def css_colour(colour: str) -> str:
    """A role, or an effect's colour, as the variable that a page defines; another colour as it is."""
    if colour.startswith("#"):
        return f"var(--{colour.replace('#', 'effect-')})" if colour in EFFECTS_BY_NIGHT else colour
    return f"var(--{colour})"


def print_colour(colour: str) -> str:
    """A role on white paper."""
    return colour if colour.startswith("#") else LIGHT[colour]


@cache
def viridis() -> tuple[str, ...]:
    """STOPS colours from dark blue to yellow."""
    import matplotlib  # not while nobody looks at a surface
    from matplotlib.colors import to_hex

    return tuple(to_hex(matplotlib.colormaps["viridis"](place / (STOPS - 1))) for place in range(STOPS))


def scale_colour(share: float) -> str:
    """The colour of a value that lies at `share`, 0 to 1, between lowest and highest."""
    return viridis()[round(min(1.0, max(0.0, share)) * (STOPS - 1))]
