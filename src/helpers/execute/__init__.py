"""Runs the notebooks of an edition, and leaves executed copies in `book/chapters`.

A copy is the same wherever and whenever it was made: no time, path or host name is left in it. What
has not changed since the last run is taken from the cache.
"""

from helpers.execute.copies import NotebookFailed, normalise, write_source_outputs
from helpers.execute.languages import put_prose
from helpers.execute.parameters import (
    PARAMETERS_TAG,
    assign_parameters,
    list_notebooks,
    read_declared,
)
from helpers.execute.run import (
    SKIPPED_TAG,
    Job,
    Run,
    find_bundle_of_chapters,
    run_notebooks,
)

__all__ = [
    "PARAMETERS_TAG",
    "SKIPPED_TAG",
    "Job",
    "NotebookFailed",
    "Run",
    "assign_parameters",
    "find_bundle_of_chapters",
    "list_notebooks",
    "normalise",
    "put_prose",
    "read_declared",
    "run_notebooks",
    "write_source_outputs",
]
