"""Assembles the book, checks it, and puts it in place of the last one."""

from helpers.site.build import SITE, SiteFailed, build_site, check_site
from helpers.site.copied import find_changed_tables
from helpers.site.one_place import CHAPTER, build_place
from helpers.site.pages import explain_marks, mend_labels
from helpers.site.raw import read_release_epoch
from helpers.site.soups import list_pages

__all__ = [
    "CHAPTER",
    "SITE",
    "SiteFailed",
    "build_place",
    "build_site",
    "check_site",
    "explain_marks",
    "find_changed_tables",
    "list_pages",
    "mend_labels",
    "read_release_epoch",
]
