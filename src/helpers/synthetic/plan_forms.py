"""Makes the first part of the plan of the reports: how many victims of each form a year, with which
other forms, of which sex and age.

What was printed holds; of the rest each cell is as near to its share as that leaves it. A form's
share of a year is that of the year's victims, and within a year every form has the same share of
women, of minors and of adolescents.
"""

from __future__ import annotations

from collections.abc import Mapping

from helpers.definitions import FORMS, SEXUAL, UNKNOWN, YOUNG
from helpers.synthetic.allocation import share_out
from helpers.synthetic.constraints import read_printed
from helpers.synthetic.program import Linear, Numbers, Program, add_up
from helpers.synthetic.victims import (
    ADOLESCENTS,
    ADULTS,
    LABOUR_ADULTS,
    MINORS,
)

CHAPTER = "signalling"
YEARS = range(2016, 2021)
WHOLE = "2016-2020"
BEFORE, LAST = YEARS[-2], YEARS[-1]
DOMESTIC, CROSS_BORDER = SEXUAL
BESIDE = ("also_labour", "also_criminal", "also_labour_and_criminal")
Cells = dict[int, dict[str, Linear]]
# How far the mean of ages that are dealt out may lie from the mean of its group, in years.
MARGIN = 0.1


def start(about: str) -> Program:
    """A program that holds to the numbers of the chapter."""
    return Program(f"plan of the reports, {about}", read_printed(CHAPTER))


def read_number(program: Program, key: str) -> int:
    """The printed value of a measure, rounded to a whole number."""
    return round(program.printed[key][0].value)


def weigh_years(program: Program) -> dict[int, int]:
    """The printed number of victims of each year."""
    return {year: read_number(program, f"victims:{year}") for year in YEARS}


def share_years(program: Program, total: int) -> dict[int, int]:
    """A total over the years in proportion to their victims."""
    weights = weigh_years(program)
    return dict(zip(weights, share_out(total, list(weights.values())), strict=True))


def state_forms(program: Program) -> None:
    """Victims by leading form, and those of several forms (figure 2.2)."""
    victims = weigh_years(program)
    totals = {
        DOMESTIC: read_number(program, f"forms:{DOMESTIC}:{WHOLE}"),
        "labour": read_number(program, f"forms:labour:{WHOLE}"),
        "criminal": read_number(program, f"forms:criminal:{WHOLE}"),
    }
    totals[CROSS_BORDER] = read_number(program, f"forms:sexual:{WHOLE}") - totals[DOMESTIC]
    totals[UNKNOWN] = read_number(program, f"forms:{WHOLE}") - sum(totals.values())
    near = {form: share_years(program, total) for form, total in totals.items()}
    several = share_years(
        program, read_number(program, f"forms:{WHOLE}") - read_number(program, f"victims:{WHOLE}")
    )
    cells: Cells = {}
    for year in YEARS:
        cells[year] = {
            form: program.add(str(year), form, "victims", near=near[form][year]) for form in FORMS
        }
        # Two other forms at once are so few that the printed four of 2020 stand for each year.
        pairs = share_out(several[year], [1, 1, 1])
        for name, n in zip(("also_labour", "also_criminal"), pairs, strict=False):
            cells[year][name] = program.add(str(year), "sexual", name, near=n)
        triple = read_number(program, f"overlap:all_three:{LAST}") * victims[year] // victims[LAST]
        cells[year][BESIDE[2]] = program.add(str(year), "sexual", BESIDE[2], near=triple)
        cells[year]["labour_criminal"] = program.add(
            str(year), "labour", "also_criminal", near=pairs[2]
        )
        program.count(f"victims:{year}", add_up(cells[year][form] for form in FORMS))
    everybody = {year: add_up(part[form] for form in FORMS) for year, part in cells.items()}
    program.count(f"victims:{WHOLE}", add_up(everybody.values()))
    before, last = everybody[BEFORE], everybody[LAST]
    program.share(f"change_in_victims:{LAST}", before - last, before)
    counted = {year: count_forms(part) for year, part in cells.items()}
    _state_totals(program, counted)
    _state_years(program, counted)
    _state_combinations(program, cells)


def count_forms(cells: Mapping[str, Linear]) -> dict[str, Linear]:
    """Victims in each of their forms, from leading forms and those beside them."""
    return {
        DOMESTIC: cells[DOMESTIC],
        CROSS_BORDER: cells[CROSS_BORDER],
        "labour": cells["labour"] + cells["also_labour"] + cells[BESIDE[2]],
        "criminal": cells["criminal"]
        + cells["also_criminal"]
        + cells[BESIDE[2]]
        + cells["labour_criminal"],
        UNKNOWN: cells[UNKNOWN],
    }


def _state_totals(program: Program, counted: Cells) -> None:
    whole = {form: add_up(part[form] for part in counted.values()) for form in FORMS}
    program.count(f"forms:{WHOLE}", add_up(whole.values()))
    program.count(f"forms:sexual:{WHOLE}", whole[DOMESTIC] + whole[CROSS_BORDER])
    for form in (DOMESTIC, "labour", "criminal"):
        program.count(f"forms:{form}:{WHOLE}", whole[form])


def _state_years(program: Program, counted: Cells) -> None:
    for year, forms in counted.items():
        every = add_up(forms.values())
        for form in FORMS:
            program.count(f"forms:{form}:{year}", forms[form])
            program.share(f"share_of_forms:{form}:{year}", forms[form], every)
        program.count(f"forms:labour_and_criminal:{year}", forms["labour"] + forms["criminal"])
    before, last = counted[BEFORE]["labour"], counted[LAST]["labour"]
    program.share(f"change_in_labour:{LAST}", last - before, before)
    program.order(
        f"order:labour_leads:{LAST}",
        *((last, counted[LAST][form]) for form in FORMS if form != "labour"),
    )
    # Of the victims, whose number is known, in place of all their forms: hardly another share.
    victims, domestic = weigh_years(program), {y: part[DOMESTIC] for y, part in counted.items()}
    falls = int(program.printed[f"years_of_decline:{DOMESTIC}"][0].value)
    program.order(
        f"years_of_decline:{DOMESTIC}",
        *(
            (domestic[year - 1] * victims[year], domestic[year] * victims[year - 1])
            for year in YEARS[-falls:]
        ),
        (
            domestic[LAST - falls] * victims[LAST - falls - 1],
            domestic[LAST - falls - 1] * victims[LAST - falls],
        ),
    )


def _state_combinations(program: Program, cells: Cells) -> None:
    """Forms beside each other; and what other publishers count, each victim in one group."""
    last = cells[LAST]
    triple = last[BESIDE[2]]
    program.count(f"overlap:all_three:{LAST}", triple)
    program.count(f"overlap:sexual_criminal:{LAST}", last["also_criminal"] + triple)
    program.count(f"overlap:sexual_labour:{LAST}", last["also_labour"] + triple)
    program.count(f"overlap:labour_criminal:{LAST}", last["labour_criminal"] + triple)
    for year, part in cells.items():
        sexual, another = part[DOMESTIC] + part[CROSS_BORDER], add_up(part[name] for name in BESIDE)
        program.count(f"leading:sexual:{year}", sexual)
        program.count(f"sexual_alone:{year}", sexual - another)
        program.count(f"sexual_and_another:{year}", another)
        program.count(f"leading:labour_and_criminal:{year}", part["labour"] + part["criminal"])
        program.count(f"criminal_without_sexual:{year}", part["criminal"] + part["labour_criminal"])


def read_size(forms: Numbers, year: int, form: str) -> int:
    """Victims of a year whose leading form this is."""
    return forms[str(year), form, "victims"]


def count_form(forms: Numbers, year: int, form: str) -> int:
    """Victims of a year who count in this form, leading or beside another (figure 2.2)."""
    beside = {
        "labour": (("sexual", "also_labour"), ("sexual", BESIDE[2])),
        "criminal": (
            ("sexual", "also_criminal"),
            ("sexual", BESIDE[2]),
            ("labour", "also_criminal"),
        ),
    }
    own = read_size(forms, year, form)
    return own + sum(forms[str(year), *names] for names in beside.get(form, ()))


def state_sex(program: Program, forms: Numbers) -> None:
    """Women and victims of unknown sex by year and leading form (figure 2.6)."""
    victims = weigh_years(program)
    women, men = (
        read_number(program, f"share_of_victims:{sex}:{WHOLE}") for sex in ("female", "male")
    )
    cells: Cells = {}
    for year in YEARS:
        key = f"share_of_victims:female:{year}"
        share = read_number(program, key) if key in program.printed else women
        cells[year] = {}
        for form in FORMS:
            size = read_size(forms, year, form)
            unknown = program.add(
                str(year), form, "sex_unknown", near=(100 - women - men) * size // 100
            )
            female = program.add(str(year), form, "female", near=share * size // 100)
            male = Linear({}, size) - female - unknown
            program.hold(f"men of {form} {year}", male, low=0)
            cells[year] |= {f"{form} female": female, f"{form} male": male}
        of_sex = {sex: _add_sex(cells[year], sex) for sex in ("female", "male")}
        program.share(key, of_sex["female"], Linear({}, victims[year]))
    _order_sex(program, cells, forms)


def _add_sex(cells: Mapping[str, Linear], sex: str) -> Linear:
    return add_up(cell for name, cell in cells.items() if name.endswith(f" {sex}"))


def _order_sex(program: Program, cells: Cells, forms: Numbers) -> None:
    """Over the period; men are few in domestic sexual exploitation (less than one in ten), and
    their share is larger in labour and criminal than in sexual exploitation."""
    everybody = Linear({}, sum(weigh_years(program).values()))
    for sex in ("female", "male"):
        total = add_up(_add_sex(part, sex) for part in cells.values())
        program.share(f"share_of_victims:{sex}:{WHOLE}", total, everybody)
    size = {form: sum(read_size(forms, year, form) for year in YEARS) for form in FORMS}
    male = {form: add_up(part[f"{form} male"] for part in cells.values()) for form in FORMS}
    program.order(
        "order:men_in_labour_and_criminal",
        (Linear({}, size[DOMESTIC]), 10 * male[DOMESTIC]),
        *(
            (male[more] * size[less], male[less] * size[more])
            for more in ("labour", "criminal")
            for less in SEXUAL
        ),
    )


def state_ages(program: Program, forms: Numbers, fairwork: Mapping[int, int]) -> None:
    """Minors, adolescents and victims of unknown age by year and leading form (figure 2.8). Of
    labour exploitation half of those whom FairWork reported have no age, of other forms one in
    fifty."""
    victims = weigh_years(program)
    shares = {name: read_number(program, f"share_of_victims:{name}:{WHOLE}") for name in YOUNG}
    of_labour = read_number(program, "share_under_23:labour")
    cells: Cells = {}
    for year in YEARS:
        cells[year] = {}
        for form in FORMS:
            size = read_size(forms, year, form)
            unknown = fairwork[year] // 2 if form == "labour" else size // 50
            near = {name: share * size // 100 for name, share in shares.items()}
            if form == "labour":
                near = dict.fromkeys(shares, of_labour * size // 200)
            near["age_unknown"] = unknown
            own = {name: program.add(str(year), form, name, near=n) for name, n in near.items()}
            own["adult"] = Linear({}, size) - add_up(own.values())
            program.hold(f"adults of {form} {year}", own["adult"], low=0)
            cells[year] |= {f"{form} {name}": cell for name, cell in own.items()}
        _hold_year(program, year, cells[year], victims[year])
    _order_ages(program, cells, forms)


def _add_age(cells: Mapping[str, Linear], name: str) -> Linear:
    return add_up(cells[f"{form} {name}"] for form in FORMS)


def _hold_year(program: Program, year: int | str, cells: Mapping[str, Linear], n: int) -> None:
    whole = Linear({}, n)
    minor, adolescent = (_add_age(cells, name) for name in YOUNG)
    program.count(f"victims:minor:{year}", minor)
    program.count(f"victims:adolescent:{year}", adolescent)
    program.share(f"share_of_victims:minor:{year}", minor, whole)
    program.share(f"share_of_victims:adolescent:{year}", adolescent, whole)
    program.share(f"share_of_victims:under_23:{year}", minor + adolescent, whole)
    hold_mean(program, f"mean_age:{year}", cells, FORMS)


def hold_mean(
    program: Program, key: str, cells: Mapping[str, Linear], forms: tuple[str, ...]
) -> None:
    """The mean age of those whose age is known, each age group at the mean that it is dealt."""
    program.stated.add(key)
    known, total = [], []
    for form in forms:
        adults = LABOUR_ADULTS if form == "labour" else ADULTS
        for name, ages in (("minor", MINORS), ("adolescent", ADOLESCENTS), ("adult", adults)):
            known.append(cells[f"{form} {name}"])
            total.append((ages.start + ages.stop - 1) * known[-1])
    for one in program.printed.get(key, ()):
        low, high = (float(limit) for limit in (one.limits.low, one.limits.high) if limit)
        tenth = round(20 * (low + MARGIN)), round(20 * (high - MARGIN))
        program.hold(key, 10 * add_up(total) - tenth[0] * add_up(known), low=0)
        program.hold(key, tenth[1] * add_up(known) - 10 * add_up(total), low=0)


def _order_ages(program: Program, cells: Cells, forms: Numbers) -> None:
    whole = {name: add_up(part[name] for part in cells.values()) for name in cells[LAST]}
    _hold_year(program, WHOLE, whole, sum(weigh_years(program).values()))
    size = {form: sum(read_size(forms, year, form) for year in YEARS) for form in FORMS}
    young = {form: whole[f"{form} minor"] + whole[f"{form} adolescent"] for form in FORMS}
    program.share("share_under_23:labour", young["labour"], Linear({}, size["labour"]))
    hold_mean(program, "mean_age:labour", whole, ("labour",))
    program.count(f"minors:sexual:{WHOLE}", add_up(whole[f"{form} minor"] for form in SEXUAL))
    program.count(f"minors:unknown:{WHOLE}", whole["unknown minor"])
    program.count(f"minors:{DOMESTIC}:2018", cells[2018][f"{DOMESTIC} minor"])
    # "Much more often": half as often again.
    program.order(
        "order:young_are_domestic",
        *(
            (2 * size[form] * young[DOMESTIC], 3 * size[DOMESTIC] * young[form])
            for form in FORMS[1:-1]
        ),
    )
