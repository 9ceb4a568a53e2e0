"""The figures of the last audit, for the page that says what the book promises."""

from __future__ import annotations

from math import inf
from pathlib import Path

from helpers.disclosure import (
    REMAINING,
    Audit,
    audit_bundle,
    check_audit,
    list_exceptions,
)
from helpers.edition import DATA, Edition, read_rows
from helpers.labels import format_list, format_number, format_share, text, translate
from helpers.release import holds_register, list_earlier, list_revised, read_rules

# How crossed tables fare to the unit and rounded to five (`tests/bench/bench_rounding.py`).
MEASURED = DATA / "measured" / "rounding.csv"
# For how many hidden counts enough numbers remain for whoever runs the protection
# (`tests/bench/bench_choice.py`).
CHOICE = DATA / "measured" / "choice.csv"


def attack(bundle: Path, edition: Edition) -> Audit:
    """The audit of the tables of a bundle, with all committed ones of the same registers. Raises
    DisclosureError, with a line a finding, so that no site shows what can be worked out."""
    earlier = list_earlier(edition, is_real=holds_register(bundle), folder=bundle, is_audit=True)
    audit = audit_bundle(
        bundle,
        read_rules(bundle),
        earlier=earlier,
        revised=list_revised(edition, earlier),
    )
    check_audit(audit)
    return audit


def describe_audit(audit: Audit, language: str) -> dict[str, str]:
    """What the audit of the bundle found, as words that pages name: {{ audit_cells }}, ..."""
    hidden, least = len(audit.widths), min(audit.widths.values(), default=inf)
    exceptions = [f"{name}: {translate(why, language)}" for name, why in list_exceptions().items()]
    counts = {
        "cells": audit.n_cells,
        "hidden": hidden,
        "differences": audit.n_implied,
        "printed": len(audit.printed),
        "beside": len(audit.beside),
        "findings": len(audit.findings),
        "remaining": REMAINING,
    }
    prints = [format_number(number, language) for number in (audit.n_prints, audit.n_tests)]
    share = hidden / audit.n_cells if audit.n_cells else 0
    return {
        **{f"audit_{name}": format_number(number, language) for name, number in counts.items()},
        "audit_share": format_share(share, language, decimals=1 if audit.n_cells else 0),
        "audit_prints": format_list(prints, language),
        "audit_narrowest": "-" if least == inf else format_number(least, language),
        "audit_exceptions": "; ".join(exceptions) or text("audit_none", language),
        **_describe_rounding(language),
        **_describe_choice(language),
    }


def _describe_rounding(language: str) -> dict[str, str]:
    rows = {row["shown_to"]: row for row in read_rows(MEASURED)}
    told = {
        "cells": rows["unit"]["n_cells"],
        "unit": rows["unit"]["n_hidden"],
        "five": rows["five"]["n_hidden"],
    }
    return {f"rounding_{name}": format_number(int(n), language) for name, n in told.items()}


def _describe_choice(language: str) -> dict[str, str]:
    [row] = read_rows(CHOICE)
    told = {"tried": row["n_cells"], "enough": row["n_enough"], "fewest": row["fewest"]}
    return {f"choice_{name}": format_number(int(n), language) for name, n in told.items()}
