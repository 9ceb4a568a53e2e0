"""What an edition came from: commit, lock, inputs, and how long each chapter took."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from helpers.edition import BUNDLES, CACHE, CODES, LOCK, ROOT, Edition, find_run_record, read_run
from helpers.labels import text
from helpers.published.files import hash_file
from helpers.release import read_manifest

SIGNED = CODES / "signed_definitions.csv"
RAP = CODES / "rap_levels.csv"


def find_run(edition: str) -> dict[str, Any]:
    """What the run behind the committed bundle read (`inputs`, a fingerprint a table) and the
    seconds that its chapters took; of an edition without a committed bundle, what its last run
    did."""
    for bundles in (BUNDLES, CACHE / "bundles"):
        found = read_run(find_run_record(bundles, edition))
        if found:
            return found
    return {}


def find_seconds(edition: str) -> dict[str, float]:
    """Seconds of each chapter, counting and showing together, in the run behind the committed
    bundle: those of any other run would make the page another one each time."""
    run = read_run(find_run_record(BUNDLES, edition))
    parts = [run.get(f"seconds_{phase}", {}) for phase in ("staging", "showing")]
    names = sorted(set().union(*parts))
    return {name: sum(part.get(name, 0.0) for part in parts) for name in names}


def find_commit(language: str = "en") -> str:
    """The commit of this checkout, and that it is not all where committed files were changed since;
    "" where there is no git or no history."""
    commit = _ask_git("rev-parse", "HEAD")
    if commit and _ask_git("status", "--porcelain", "--untracked-files=no"):
        return f"{commit} ({text('provenance_changed', language)})"
    return commit


def _ask_git(*question: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *question],
            capture_output=True,
            text=True,
            check=False,
            encoding="utf-8",
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def tabulate_provenance(edition: Edition, bundle: Path) -> dict[str, str]:
    """What the provenance page lists first: commit, lock, edition, parameters, rule sets,
    versions."""
    manifest = read_manifest(bundle)
    rule_sets = sorted({record["rule_set"] for record in manifest["tables"].values()})
    named = {key: value for key, value in manifest["parameters"].items() if key != "edition"}
    return {
        "commit": find_commit(edition.language),
        "lock": hash_file(LOCK),
        "edition": edition.edition,
        "parameters": "; ".join(f"{key} {value}" for key, value in sorted(named.items())),
        "versions": "; ".join(f"{key} {value}" for key, value in manifest["versions"].items()),
        "rule_sets": "; ".join(rule_sets),
        "rules": hash_file(CODES / "disclosure.yml"),
        "bundle": hash_file(bundle / "manifest.json"),
    }
