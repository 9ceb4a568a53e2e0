"""The figures of the last audit, for the page that says what the book promises."""

from __future__ import annotations

from math import inf
from pathlib import Path

from helpers.disclosure import REMAINING, Audit, audit_bundle, list_exceptions
from helpers.labels import format_list, format_number, format_share, translate
from helpers.release import read_manifest


def attack(bundle: Path) -> Audit:
    """The audit of the tables of a bundle."""
    records = read_manifest(bundle)["tables"]
    return audit_bundle(bundle, {name: record["rule_set"] for name, record in records.items()})


def describe_audit(audit: Audit, language: str) -> dict[str, str]:
    """What the audit of the bundle found, as words that pages name: {{ audit_cells }}, ..."""
    hidden, least = len(audit.widths), min(audit.widths.values(), default=inf)
    exceptions = [f"{name}: {translate(why, language)}" for name, why in list_exceptions().items()]
    counts = {
        "cells": audit.n_cells,
        "hidden": hidden,
        "differences": audit.n_implied,
        "printed": len(audit.printed),
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
        "audit_exceptions": "; ".join(exceptions) or "-",
    }
