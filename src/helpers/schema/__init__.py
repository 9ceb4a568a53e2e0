"""The register contract: every table and column declared once.

Validation, the generator, the empty templates and the data dictionary page are made from these
declarations.
"""

from helpers.definitions import NOT_RECORDED, UNKNOWN
from helpers.schema.declare import (
    ENTERED,
    KEEPERS,
    LIVED,
    RAPPORTEUR,
    SEPARATOR,
    STATISTICS_OFFICE,
    Column,
    Reference,
    Rule,
    Table,
)
from helpers.schema.tables import TABLES, find_table, list_codes

__all__ = [
    "ENTERED",
    "KEEPERS",
    "LIVED",
    "NOT_RECORDED",
    "RAPPORTEUR",
    "SEPARATOR",
    "STATISTICS_OFFICE",
    "TABLES",
    "UNKNOWN",
    "Column",
    "Reference",
    "Rule",
    "Table",
    "find_table",
    "list_codes",
]
