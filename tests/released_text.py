"""Tables as the bundle holds them, written in a few words."""

from __future__ import annotations

import pandas as pd


def tables(**content: str) -> dict[str, pd.DataFrame]:
    """Tables of text: columns, then rows, words apart; marked as a register's."""
    made = {}
    for name, text in content.items():
        lines = [line.split() for line in text.strip().splitlines()]
        made[name] = pd.DataFrame(lines[1:], columns=lines[0]).assign(mark="register")
    return made
