"""Makes the second part of the plan of the police register: the youth care and shelter of victims
and controls.

What was printed holds; of the rest kinds share alike. Where many counts give a printed test, those
nearest to a like share are taken; of the other tests victims and controls differ in the direction
alone, by enough to be significant.
"""

from __future__ import annotations

from helpers.definitions import UNKNOWN
from helpers.labels import list_known
from helpers.synthetic import plan_police
from helpers.synthetic.allocation import share_out
from helpers.synthetic.plan_police import read_number, take
from helpers.synthetic.plan_tests import choose_pair
from helpers.synthetic.program import Linear, Numbers, Parts, Program, add_up

# Of a kind and a referrer the monitor says that victims have them less often than controls; where
# the test says that they hardly differ either may have them more; the others victims have more.
LESS = ("foster_care", "general_practitioner")
ALIKE = ("neighbourhood_team", "day_care", "youth_doctor", "medical_specialist", "none")
# The share of some 145 victims differs from that of many controls at 0.001 where it lies so many
# points away, whatever the share (two-sided, 3.29 times the root of a quarter of 145, and something
# for what drawing adds).
SURE_POINTS = 16
# What the controls in shelter can come to, beyond the bound of other cells.
MOST_CONTROLS = 20_000


def state_care(program: Program, sets: Numbers) -> None:
    """Victims and controls in youth care, and how many of them in a crisis (figures 3.1 and
    3.3)."""
    victims = program.add("0", "youth_care", "victims", near=read_number("youth_care:victims"))
    controls = program.add(
        "0",
        "youth_care",
        "controls",
        near=read_number("youth_care:controls"),
        high=2 * read_number("youth_care:controls"),
    )
    program.count("youth_care:victims", victims)
    program.count("youth_care:controls", controls)
    program.count("youth_care:persons", victims + controls)
    minors = Linear({}, sets["0", "aid", "minor"])
    program.share("youth_care:share_of_minors", victims, minors)
    for side, whole in (("victims", victims), ("controls", controls)):
        key = (
            "youth_care:share:crisis"
            if side == "victims"
            else "youth_care:share_of_controls:crisis"
        )
        near = take(read_number(f"youth_care:{side}"), read_number(key))
        program.share(key, program.add("0", "youth_care", f"crisis_{side}", near=near), whole)
    program.stated |= {"p_value:youth_care", "p_value:crisis", "order:crisis"}


def state_kinds(program: Program, victims: int, controls: int) -> None:
    """Care types and referrers: so many victims have each, one at least a victim, and so many
    controls, one each (figures 3.2 and 3.4)."""
    residential = ("closed", "other_residential")
    for name, kinds in (
        ("care_type", list_known("care_type")),
        ("referrer", [*list_known("referrer"), UNKNOWN]),
    ):
        own, others = {}, {}
        for kind, percent in zip(kinds, share_out(100, [1] * len(kinds)), strict=True):
            key = f"youth_care:share:{kind}"
            share = read_number(key) if kind in residential else percent
            own[kind] = program.add("0", name, kind, near=take(victims, share), high=victims)
            others[kind] = program.add(
                "0", f"{name}_controls", kind, near=take(controls, percent), high=controls
            )
            if kind in residential:
                program.share(key, own[kind], Linear({}, victims))
            _hold_test(program, kind, (own[kind], others[kind]), (victims, controls), percent)
        program.equal(f"{name} of every control", add_up(others.values()), controls)
        program.hold(f"{name} of every victim", add_up(own.values()), low=victims)
        if name == "referrer":
            _order_referrers(program, own, others)
    program.stated |= {"order:heavier_care", "order:care_not_significant"}


def _hold_test(
    program: Program,
    kind: str,
    cells: tuple[Linear, Linear],
    sizes: tuple[int, int],
    percent: int,
) -> None:
    """Victims and controls differ in a kind as the printed test says: by counts that give its
    statistic where it is one to hold to, else significantly."""
    statistic, p_value = f"chi_square:{kind}", f"p_value:{kind}"
    program.stated |= {statistic, p_value}
    for test in program.printed.get(statistic, ()):
        is_less = None if kind in ALIKE else kind in LESS
        pair = choose_pair(test, *sizes, percent=percent, is_less=is_less)
        for cell, n in zip(cells, pair, strict=True):
            program.equal(statistic, cell, n)
        return
    (own, others), (victims, controls) = cells, sizes
    apart = controls * own - victims * others
    least = SURE_POINTS * victims * controls // 100
    program.hold(p_value, -1 * apart if kind in LESS else apart, low=least)


def _order_referrers(program: Program, own: dict[str, Linear], others: dict[str, Linear]) -> None:
    for leading, cells in (("certified_institution", own), ("general_practitioner", others)):
        program.order(
            "order:referrers",
            *((cells[leading], cells[kind]) for kind in cells if kind not in (leading, UNKNOWN)),
        )
    program.stated.add("order:referrers_not_significant")


def state_ends(program: Program, victims: int) -> None:
    """End reasons of victims, one at least each, and of a hundred controls in the same shares
    (section 3.3.3)."""
    printed = ("as_planned", "early_by_client")
    others = ("early_agreed", "early_by_provider", "early_external")
    for group, whole in (("end_reason", victims), ("end_reason_controls", 100)):
        near = {
            name: round(whole * read_number(f"youth_care:share_ended:{name}") / 100)
            for name in printed
        }
        near |= dict(zip(others, share_out(whole - sum(near.values()), [1] * 3), strict=True))
        cells = {name: program.add("0", group, name, near=n) for name, n in near.items()}
        for name in printed:
            program.share(f"youth_care:share_ended:{name}", cells[name], Linear({}, whole))
        program.order(
            "order:ended_by_client",
            *((cells["early_by_client"], cells[name]) for name in others),
        )
        program.equal(f"{group} in all", add_up(cells.values()), whole)


def state_shelter(program: Program, victims: int, controls: int) -> None:
    """Victims and controls in shelter and sheltered housing, and the types, sheltered housing the
    most (figures 3.5 and 3.6)."""
    own = program.add("0", "shelter", "victims", near=read_number("shelter:victims"))
    program.count("shelter:victims", own)
    program.share("shelter:share", own, Linear({}, victims))
    n = read_number("shelter:victims")
    # Of less than one percent a half.
    near_controls = take(controls, read_number("shelter:share_of_controls")) // 2
    others = program.add("0", "shelter", "controls", near=near_controls, high=MOST_CONTROLS)
    program.share("shelter:share_of_controls", others, Linear({}, controls))
    kinds = list_known("shelter_type")
    for group, whole in (("shelter_type", own), ("shelter_type_controls", Linear({}, 100))):
        size = n if group == "shelter_type" else 100
        near = dict(zip(kinds, share_out(size, [1] * len(kinds)), strict=True))
        cells = {kind: program.add("0", group, kind, near=part) for kind, part in near.items()}
        program.equal(f"{group} in all", add_up(cells.values()), whole)
        program.order(
            "order:sheltered_housing",
            *(
                (cells["sheltered_housing"], cells[kind])
                for kind in kinds
                if kind != "sheltered_housing"
            ),
        )
    program.stated |= {"p_value:shelter", *(f"p_value:shelter:{kind}" for kind in kinds)}


def make_police() -> tuple[Numbers, set[str]]:
    """The rows of the plan by year, group and what; and the measures of the calibration that it
    holds to."""
    parts = Parts(plan_police.start)
    solve = parts.solve
    sets = solve("sets of controls", plan_police.state_sets)
    victims = sets["0", "aid", "persons"]
    persons = solve("persons", lambda one: plan_police.state_persons(one, victims))
    forms = solve("forms", lambda one: plan_police.state_forms(one, persons, sets))
    solve("sex", lambda one: plan_police.state_sex(one, persons))
    solve("ages", lambda one: plan_police.state_ages(one, persons, sets))
    solve("registered again", lambda one: plan_police.state_again(one, persons, forms))
    solve("kinds of incidents", lambda one: plan_police.state_kinds(one, persons))
    solve("outside the population register", plan_police.state_unregistered)
    care = solve("youth care", lambda one: state_care(one, sets))
    helped = care["0", "youth_care", "victims"]
    in_care = care["0", "youth_care", "controls"]
    solve("care types and referrers", lambda one: state_kinds(one, helped, in_care))
    solve("end reasons", lambda one: state_ends(one, helped))
    controls = read_number("aid:controls")
    solve("shelter", lambda one: state_shelter(one, victims, controls))
    # What only ties the parts together is no row.
    between = {("half",), ("0", "aid", "persons"), ("0", "aid", "minor")}
    return {key: n for key, n in parts.rows.items() if key not in between}, parts.stated
