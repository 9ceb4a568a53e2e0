"""How untidy the synthetic registers are: the rates at which records are faulty, incomplete or look
like something else."""

from __future__ import annotations

import pandas as pd

from helpers.synthetic import care, people, police, repeats, reports

# Rate in percent, and of what, in English and Dutch.
RATES = (
    (reports.TWICE_PERCENT, "reports that stand twice", "meldingen die er tweemaal staan"),
    (
        reports.LATE_PERCENT,
        "victims with several reports whose first report lacks the age (likewise the sex, and the nationality)",
        "slachtoffers met meer meldingen van wie de eerste de leeftijd mist (evenzo het geslacht, en de nationaliteit)",
    ),
    (
        reports.AGAIN_PERCENT,
        "victims of a year who are reported in the next year too",
        "slachtoffers van een jaar die ook het jaar erna gemeld zijn",
    ),
    (
        people.OPEN_PERCENT,
        "trafficking offences without a last day",
        "mensenhandelfeiten zonder laatste dag",
    ),
    (
        people.LONG_AGO_PERCENT,
        "trafficking offences that began years before",
        "mensenhandelfeiten die jaren eerder begonnen",
    ),
    (
        police.SECOND_INDEX_PERCENT,
        "trafficking incidents with a second, general code",
        "mensenhandelincidenten met een tweede, algemene code",
    ),
    (
        repeats.SECOND_CODE_PERCENT,
        "other incidents with a second code",
        "andere incidenten met een tweede code",
    ),
    (
        repeats.EARLIER_PERCENT,
        "people with another offence before the trafficking",
        "mensen met een ander delict vóór de mensenhandel",
    ),
    (
        repeats.BEFORE_STUDY_PERCENT,
        "people with trafficking before the study period",
        "mensen met mensenhandel vóór de onderzoeksperiode",
    ),
    (
        repeats.SAME_DAY_PERCENT,
        "people with another offence registered on the same day",
        "mensen met een ander delict dat op dezelfde dag is geregistreerd",
    ),
    (
        police.LEFT_PERCENT,
        "people who left the population register",
        "mensen die uit het bevolkingsregister vertrokken",
    ),
    (
        police.GAP_PERCENT,
        "people with a gap in the population register",
        "mensen met een gat in het bevolkingsregister",
    ),
    (police.DEAD_PERCENT, "people who died", "mensen die overleden"),
    (
        police.NO_BIRTH_PERCENT,
        "people outside the population register without a birth date",
        "mensen buiten het bevolkingsregister zonder geboortedatum",
    ),
    (
        100 / care.OPEN_EVERY,
        "aid of controls that goes on",
        "hulp aan controlepersonen die doorloopt",
    ),
    (
        care.OTHER_YEARS_PERCENT,
        "controls with youth care that ended before the year looked at (as many: that began after it)",
        "controlepersonen met jeugdhulp die eindigde vóór het bekeken jaar (evenveel: die erna begon)",
    ),
)


def tabulate_noise() -> pd.DataFrame:
    """One row a kind of noise, ready for release: `noise_en`, `noise_nl`, `share` (0 to 1)."""
    table = pd.DataFrame(RATES, columns=["percent", "noise_en", "noise_nl"])
    return pd.DataFrame(
        {
            "noise_en": table["noise_en"],
            "noise_nl": table["noise_nl"],
            "share": table["percent"] / 100,
            "status": "released",
            "mark": "synthetic",
        }
    )
