"""The nine effects of the seed study, by its names, in its order: six it trained on, then three it held out."""

EFFECT_NAMES = (
    "multiband",
    "overdrive",
    "ambience",
    "delay",
    "flanger",
    "limiter",
    "leslie",
    "combo",
    "loudness",
)
SEED_HELD_OUT = ("leslie", "combo", "loudness")
DRY = "dry"  # the tenth class: no effect at all
BACKENDS = ("auto", "mda", "pedalboard")
