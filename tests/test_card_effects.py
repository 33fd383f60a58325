"""The part of a model's card that tells of its effects."""

from tune.models.card_effects import effects_section

METADATA = {"trained_effects": ["delay"], "held_out_effects": ["crush"]}
CARD = {
    "effect_builds": {"delay": "a1b2", "crush": "c3d4", "tone": "e5f6"},
    "effects": [
        {"name": "delay", "source": "delay", "backend": "mda", "knobs": []},
        {"name": "crush", "source": "lv2:http://example.org/crush", "backend": "mda", "knobs": [["bits", [4.0, 8.0]]]},
        {"name": "tone", "source": "tone", "backend": "mda", "knobs": []},
    ],
}


def test_each_effect_has_its_part_source_knobs_and_build() -> None:
    title, text = effects_section(CARD, METADATA)
    assert title == "## Effects\n"
    assert text.splitlines()[2:5] == [
        "| delay | heard | mda | `a1b2` |",
        "| crush | held out | lv2:http://example.org/crush (bits: [4.0, 8.0]) | `c3d4` |",
        "| tone | no | mda | `e5f6` |",
    ]


def test_a_card_that_does_not_tell_builds_has_no_such_part() -> None:
    assert effects_section({"effects": CARD["effects"]}, METADATA) == []
