"""The one way out, in two phases.

`release` stages the true cells of a declared product. When every notebook has staged its own,
`write_bundle` protects them together and writes the edition's bundle: a folder of `<name>.csv` and
a `manifest.json` that describes each. `read_released` reads a table back; only that may be shown.
"""

from helpers.release.bundle import (
    MANIFEST,
    MARKS,
    STATUSES,
    check_bundle,
    check_declared,
    compare_bundles,
    holds_register,
    list_earlier,
    list_revised,
    read_manifest,
    read_rules,
    write_bundle,
)
from helpers.release.leaks import (
    check_leaks,
    holds_people,
    prepare_scan,
)
from helpers.release.released import Released, read_released
from helpers.release.staging import Source, find_least, release

__all__ = [
    "MANIFEST",
    "MARKS",
    "STATUSES",
    "Released",
    "Source",
    "check_bundle",
    "check_declared",
    "check_leaks",
    "compare_bundles",
    "find_least",
    "holds_people",
    "holds_register",
    "list_earlier",
    "list_revised",
    "prepare_scan",
    "read_manifest",
    "read_released",
    "read_rules",
    "release",
    "write_bundle",
]
