"""Offence codes beyond the six of trafficking: made-up codes, each in a crime group, as
`extract.yml` declares them."""

from __future__ import annotations

OFFENCE_GROUPS = {
    "X01": "property",
    "X02": "property",
    "X03": "violence",
    "X04": "violence:homicide",
    "X05": "threat",
    "X06": "sexual",
    "X07": "other",
    "X08": "other",
}
CODES = {
    "trafficking": ["F5293", "F561", "F562", "F563"],
    "sexual": ["X06"],
    "violence": ["X03"],
    "homicide": ["X04"],
    "threat": ["X05"],
    "property": ["X01", "X02"],
    "other": ["X07", "X08"],
}
