"""What the linked registers say of aid where the monitor printed a number (chapter 3, annex B1.3),
counted with the chapter's own tables.

Counts of controls are counts of matches: a person who is a control of two victims counts twice.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers import aid
from helpers.aid.contrasts import CRISIS, SHELTER
from helpers.calibration.compare import SIGNIFICANT, Measures, add_up, holds, run_test, share
from helpers.cohort import place_people
from helpers.definitions import UNKNOWN, find_age
from helpers.labels import list_known, read_codes

RULES = aid.Definitions(
    first_year=2016, last_year=2020, control_year=2019, cost_years=(2016, 2017, 2018)
)
RESIDENTIAL = ("family_style", "closed", "other_residential")
# Words of the constraints for two kinds of aid.
NAMES = {CRISIS: "crisis"}


def measure_aid(tables: Mapping[str, pd.DataFrame], *, groups: Mapping[str, str]) -> Measures:
    """Every measure that data/codes/calibration_aid.csv names; shares are percentages, costs euro.
    `groups` gives the crime group of each offence code."""
    people = aid.find_people(aid.link_tables(tables), groups=groups, definitions=RULES)
    return {
        **_measure_population(people),
        **_measure_youth_care(people),
        **_measure_shelter(people),
        **{f"costs:{side}": mean for side, mean in aid.average_costs(people).items()},
    }


def _measure_population(people: aid.People) -> Measures:
    """Who they are (section 3.2), and that controls have the sex and age of their victim."""
    n, flow = len(people.victims), people.flow.set_index("step_of_flow")["n"]
    traits = aid.describe_population(people)
    minors = aid.describe_population(people.select(people.is_minor))
    sizes = np.bincount(people.victim, minlength=n)
    counts = {code: add_up(traits, category=code) for code in ("minor", "adolescent", "female")}
    forms = traits[traits["breakdown"] == "form"].set_index("category")["n"]
    return {
        "persons_not_registered": float(flow["in_period"] - flow["in_register"]),
        "aid:victims": float(n),
        "aid:controls": float(len(people.control)),
        "aid:persons": float(n + len(people.control)),
        "aid:controls_per_victim": float(np.median(sizes[sizes > 0])),
        "aid:minors": counts["minor"],
        "aid:share_minor": share(counts["minor"], n),
        "aid:adolescents": counts["adolescent"],
        "aid:share_adolescent": share(counts["adolescent"], n),
        "aid:women": counts["female"],
        "aid:share_female": share(counts["female"], n),
        **{f"aid:share_form:{form}": share(count, n) for form, count in forms.items()},
        "aid:share_domestic:minors": share(
            add_up(minors, category="domestic_sexual"), counts["minor"]
        ),
        "order:same_sex_and_age": holds(_is_matched(people)),
    }


def _is_matched(people: aid.People) -> bool:
    """True where each control has the sex of the victim, and the same age on 1 January of the
    victim's index year (annex B1.3.2)."""
    place = place_people(people.persons["person"], people.size)
    persons = people.persons.iloc[place[people.control]]
    victims = people.victims.iloc[people.victim]
    day = victims["start"].dt.to_period("Y").dt.start_time.reset_index(drop=True)
    theirs, own = (
        find_age(rows["birth_date"].reset_index(drop=True), day) for rows in (persons, victims)
    )
    same_sex = persons["sex"].astype(object).to_numpy() == victims["sex"].to_numpy()
    return bool(same_sex.all() and theirs.equals(own))


def _compare(table: pd.DataFrame, category: str, name: str) -> tuple[Measures, Measures]:
    """Events and sizes of victims and controls in a category, as shares; and the test of both,
    named so."""
    n, of = (
        [add_up(table, column, category=category, side=side) for side in ("victims", "controls")]
        for column in ("n_events", "n_known")
    )
    sides = zip(("victims", "controls"), n, of, strict=True)
    statistic, p_value = run_test(n, of)
    shares = {side: share(part, whole) for side, part, whole in sides}
    return shares, {f"chi_square:{name}": statistic, f"p_value:{name}": p_value}


def _measure_youth_care(people: aid.People) -> Measures:
    """Figures 3.1 to 3.4 and the end reasons (3.3.3)."""
    total, parts, _ = aid.compare_youth_care(
        people,
        care_types=list_known("care_type"),
        referrers=[*list_known("referrer"), UNKNOWN],
    )
    n, size = (total.set_index("side")[column] for column in ("n_events", "n_known"))
    shares, test = _compare(total, "youth_care", "youth_care")
    measures = {
        "aid:minor_controls": float(size["controls"]),
        "aid:minor_persons": float(size.sum()),
        "youth_care:victims": float(n["victims"]),
        "youth_care:controls": float(n["controls"]),
        "youth_care:persons": float(n.sum()),
        "youth_care:share_of_minors": shares["victims"],
        "youth_care:times": shares["victims"] / shares["controls"],
        **test,
    }
    of_kinds = {}
    for category in dict.fromkeys(parts["category"]):
        name = NAMES.get(category, category)
        of_kinds[name], test = _compare(parts, category, name)
        measures |= test
        measures[f"youth_care:share:{name}"] = of_kinds[name]["victims"]
        measures[f"youth_care:share_of_controls:{name}"] = of_kinds[name]["controls"]
    return measures | _order_youth_care(of_kinds, measures) | _measure_ends(people)


def _order_youth_care(shares: Mapping[str, Measures], measures: Measures) -> Measures:
    """What the chapter says of direction and significance."""
    more = {name for name, sides in shares.items() if sides["victims"] > sides["controls"]}
    unclear = {name for name in shares if measures[f"p_value:{name}"] > SIGNIFICANT}
    leading = {
        side: max(list_known("referrer"), key=lambda name: shares[name][side])
        for side in ("victims", "controls")
    }
    return {
        "order:heavier_care": holds(
            more.issuperset(RESIDENTIAL), "foster_care" not in more | unclear
        ),
        "order:care_not_significant": holds(unclear.issuperset({"neighbourhood_team", "day_care"})),
        "order:crisis": holds("crisis" in more),
        "order:referrers": holds(
            leading == {"victims": "certified_institution", "controls": "general_practitioner"},
            more.issuperset({"certified_institution", "municipality"}),
            "general_practitioner" not in more,
        ),
        "order:referrers_not_significant": holds(
            unclear.issuperset({"youth_doctor", "medical_specialist", "none"})
        ),
    }


def _measure_ends(people: aid.People) -> Measures:
    ends = aid.count_end_reasons(people, reasons=list(read_codes("end_reason")))
    reasons = {
        row.category: share(row.n_events, row.n_known) for row in ends.itertuples(index=False)
    }
    early = ("early_by_provider", "early_agreed", "early_external")
    return {
        **{f"youth_care:share_ended:{code}": value for code, value in reasons.items()},
        "order:ended_by_client": holds(
            reasons["early_by_client"] > max(reasons[code] for code in early)
        ),
    }


def _measure_shelter(people: aid.People) -> Measures:
    """Figures 3.5 and 3.6."""
    kinds = list_known("shelter_type")
    table, _ = aid.compare_shelter(people, shelter_types=kinds)
    of_adults, _ = aid.compare_shelter(people.select(~people.is_minor), shelter_types=[])
    shares, test = _compare(table, SHELTER, "shelter")
    of_kinds = [_compare(table, code, f"shelter:{code}")[1] for code in kinds]
    own = table[table["side"] == "victims"].set_index("category")["n_events"]
    return {
        "shelter:victims": float(own[SHELTER]),
        "shelter:share": shares["victims"],
        "shelter:share_of_adults": _compare(of_adults, SHELTER, "shelter")[0]["victims"],
        "shelter:share_of_controls": shares["controls"],
        **{key: value for one in (test, *of_kinds) for key, value in one.items()},
        "order:sheltered_housing": holds(
            own.drop(SHELTER).idxmax() == "sheltered_housing",
            shares["victims"] > shares["controls"],
        ),
    }
