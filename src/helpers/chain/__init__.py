"""What others printed about the rest of the chain: criminal justice, residence rules, shelter, the
municipality, other countries. Nothing here is counted from persons."""

from helpers.chain.beside import compare_with_victims
from helpers.chain.chosen import read_chosen, tabulate_chosen
from helpers.chain.left_out import USES, list_fates, read_sections, read_unused
from helpers.chain.words import (
    WORDS,
    read_words,
    tabulate_limits,
    tabulate_profiles,
    tabulate_words,
)

__all__ = [
    "USES",
    "WORDS",
    "compare_with_victims",
    "list_fates",
    "read_chosen",
    "read_sections",
    "read_unused",
    "read_words",
    "tabulate_chosen",
    "tabulate_limits",
    "tabulate_profiles",
    "tabulate_words",
]
