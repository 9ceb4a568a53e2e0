"""Runs the notebooks of an edition, and leaves executed copies in `book/chapters`.

A copy is the same wherever and whenever it was made: no time, path or host name is left in it. What
has not changed since the last run is taken from the cache.
"""

from helpers.execute.beside import choose_context, do_side_by_side, read_ahead
from helpers.execute.copies import NotebookFailed, normalise, write_source_outputs
from helpers.execute.guard import (
    BUNDLE_PREFIX,
    hold_checkout,
    restore_folder,
    swap_folder,
    watch_parent,
)
from helpers.execute.kernels import read_libraries
from helpers.execute.languages import put_prose
from helpers.execute.parameters import (
    PARAMETERS_TAG,
    assign_parameters,
    list_notebooks,
    read_declared,
)
from helpers.execute.review import (
    choose_chapter,
    list_pictures,
    list_words,
    review_checkout,
    write_reviewed,
)
from helpers.execute.run import (
    JOBS,
    SKIPPED_TAG,
    Job,
    Run,
    find_bundle_of_chapters,
    hash_shared,
    list_tables_read,
    make_tables,
    run_chapter,
    run_notebooks,
)
from helpers.execute.unchanged import audit_once, is_unchanged, keep_signature, sign_book

__all__ = [
    "BUNDLE_PREFIX",
    "JOBS",
    "PARAMETERS_TAG",
    "SKIPPED_TAG",
    "Job",
    "NotebookFailed",
    "Run",
    "assign_parameters",
    "audit_once",
    "choose_chapter",
    "choose_context",
    "do_side_by_side",
    "find_bundle_of_chapters",
    "hash_shared",
    "hold_checkout",
    "is_unchanged",
    "keep_signature",
    "list_notebooks",
    "list_pictures",
    "list_tables_read",
    "list_words",
    "make_tables",
    "normalise",
    "put_prose",
    "read_ahead",
    "read_declared",
    "read_libraries",
    "restore_folder",
    "review_checkout",
    "run_chapter",
    "run_notebooks",
    "sign_book",
    "swap_folder",
    "watch_parent",
    "write_reviewed",
    "write_source_outputs",
]
