"""The door to raw files: reads and checks what a re-runner brings; derives nothing."""

from helpers.sources.captures import COUNT, check_captures, list_names, read_captures, sum_regions
from helpers.sources.checking import Validation, validate_extract
from helpers.sources.extract import SUFFIXES, Extract, read_extract
from helpers.sources.problems import Problem, UnreadableExtract
from helpers.sources.report import format_report, summarise, write_report
from helpers.sources.template import write_template
from helpers.sources.typed import read_table

__all__ = [
    "COUNT",
    "SUFFIXES",
    "Extract",
    "Problem",
    "UnreadableExtract",
    "Validation",
    "check_captures",
    "format_report",
    "list_names",
    "read_captures",
    "read_extract",
    "read_table",
    "sum_regions",
    "summarise",
    "validate_extract",
    "write_report",
    "write_template",
]
