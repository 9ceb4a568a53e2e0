"""What others printed about the rest of the chain: criminal justice, residence rules, shelter, the
municipality, other countries; and what the registers count of it, where an extract has them:
places, criminal cases and their suspects."""

from helpers.chain.beside import compare_with_victims
from helpers.chain.chosen import read_chosen, tabulate_chosen
from helpers.chain.justice import count_cases, count_sentences, count_suspects
from helpers.chain.left_out import USES, list_fates, read_sections, read_unused
from helpers.chain.local import (
    count_places,
    cross_places,
    describe_places,
    pair_places,
    place_victims,
)
from helpers.chain.places import Place, find_place
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
    "Place",
    "compare_with_victims",
    "count_cases",
    "count_places",
    "count_sentences",
    "count_suspects",
    "cross_places",
    "describe_places",
    "find_place",
    "list_fates",
    "pair_places",
    "place_victims",
    "read_chosen",
    "read_sections",
    "read_unused",
    "read_words",
    "tabulate_chosen",
    "tabulate_limits",
    "tabulate_profiles",
    "tabulate_words",
]
