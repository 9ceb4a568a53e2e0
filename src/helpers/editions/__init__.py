"""Editions as vintages: a new one, two compared, what was revised, and the way out of the secure
side and in again."""

from helpers.editions.compare import Comparison, compare_editions, find_bundle, find_nearest
from helpers.editions.export import write_export
from helpers.editions.importing import Export, read_export
from helpers.editions.new import begin_edition, check_coverage, check_whole_years, define_new
from helpers.editions.provenance import (
    RAP,
    SIGNED,
    find_run,
    find_seconds,
    tabulate_provenance,
)
from helpers.editions.revisions import tabulate_headline, tabulate_revisions

__all__ = [
    "RAP",
    "SIGNED",
    "Comparison",
    "Export",
    "begin_edition",
    "check_coverage",
    "check_whole_years",
    "compare_editions",
    "define_new",
    "find_bundle",
    "find_nearest",
    "find_run",
    "find_seconds",
    "read_export",
    "tabulate_headline",
    "tabulate_provenance",
    "tabulate_revisions",
    "write_export",
]
