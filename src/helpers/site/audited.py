"""The figures of the last audit, for the page that says what the book promises."""

from __future__ import annotations

from math import inf
from pathlib import Path

from helpers.disclosure import REMAINING, audit_bundle, list_exceptions
from helpers.release import read_manifest


def describe_audit(bundle: Path) -> dict[str, str]:
    """What the audit of the bundle found, as words that pages name: {{ audit_cells }}, ..."""
    records = read_manifest(bundle)["tables"]
    audit = audit_bundle(bundle, {name: record["rule_set"] for name, record in records.items()})
    hidden, least = len(audit.widths), min(audit.widths.values(), default=inf)
    exceptions = [f"{name}: {why}" for name, why in list_exceptions().items()]
    return {
        "audit_cells": f"{audit.n_cells:,}",
        "audit_hidden": f"{hidden:,}",
        "audit_share": f"{hidden / audit.n_cells:.1%}" if audit.n_cells else "0%",
        "audit_differences": f"{audit.n_implied:,}",
        "audit_narrowest": "-" if least == inf else f"{least:.0f}",
        "audit_prints": f"{audit.n_prints:,} and {audit.n_tests:,}",
        "audit_printed": f"{len(audit.printed):,}",
        "audit_findings": f"{len(audit.findings):,}",
        "audit_remaining": f"{REMAINING}",
        "audit_exceptions": "; ".join(exceptions) or "-",
    }
