"""Makes the plan of the residence scheme: how many offers and decisions a year, with which outcome,
and who the people are.

What was printed holds; of the rest each cell is as near to its share as that leaves it. A year's
share is that of its reported victims. Granted and rejected share equally, and so do the Dublin
indications, the regions and the nationalities that no number tells apart. Traits are shared alike
by people with a Dublin indication and others.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from helpers.definitions import DUBLIN_INDICATED, NOT_RECORDED, UNKNOWN, YOUNG
from helpers.synthetic.allocation import share_out
from helpers.synthetic.constraints import ALMOST_ALL, BY_FAR, SAME_POINTS, read_printed
from helpers.synthetic.program import MOST, Linear, Numbers, Program, add_up
from helpers.synthetic.residence import AGES, DUBLIN_SINCE, OTHER_EVERY
from helpers.synthetic.victims import ADDED_NATIONALITIES

CHAPTER = "protection"
YEARS = range(2016, 2021)
BEFORE, LAST = YEARS[-2], YEARS[-1]
OUTCOMES = ("granted", "rejected", "other")
# The nationalities that the monitor names, the first of them with a number (section 2.4.3).
FIRST, NAMED = "NGA", ("UGA", "PHL", "SLE", "GMB")
REGIONS = ("africa", "asia", "eu", "europe_other", "latin_america", UNKNOWN)
REGION_OF = {**dict.fromkeys(("NGA", "UGA", "SLE", "GMB"), "africa"), "PHL": "asia"}
GROUPS = ("dublin", "others")
# How far the mean of ages that are dealt out may lie from the mean of its group, in years.
MARGIN = 0.1


def make_residence() -> tuple[Numbers, set[str]]:
    """The rows of the plan by year, group and what; and the measures of the calibration that it
    holds to."""
    use = _start("decisions by year")
    _state_use(use)
    years = use.solve()
    decisions = _start("decisions by outcome")
    _state_temporary(decisions, years)
    _state_continued(decisions, years)
    cells = decisions.solve()
    links = _start("people with several decisions")
    _state_links(links, cells)
    people = _start("people of the scheme")
    _state_people(people, cells)
    rows = {
        **{key: n for key, n in cells.items() if key[0] != "year"},
        **links.solve(),
        **people.solve(),
    }
    programs = (use, decisions, links, people)
    return rows, set().union(*(program.stated for program in programs))


def _start(about: str) -> Program:
    return Program(f"plan of the residence scheme, {about}", read_printed(CHAPTER))


def weigh_years(years: range) -> list[int]:
    """The printed number of reported victims of each year."""
    printed = read_printed("signalling")
    return [int(printed[f"victims:{year}"][0].value) for year in years]


def _share_years(total: int, years: range) -> dict[int, int]:
    return dict(zip(years, share_out(total, weigh_years(years)), strict=True))


def _state_use(program: Program) -> None:
    """Decisions a year (figure 2.11)."""
    printed = program.printed
    whole, late = (
        int(printed[f"decisions:temporary:{period}"][0].value)
        for period in ("2016-2020", f"{BEFORE}-{LAST}")
    )
    near = {
        "temporary": {
            **_share_years(whole - late, range(YEARS.start, BEFORE)),
            **_share_years(late, range(BEFORE, LAST + 1)),
        },
        "continued": _share_years(int(printed["decisions:continued:2016-2020"][0].value), YEARS),
    }
    temporary, continued = (
        {year: program.add(str(year), kind, near=n) for year, n in near[kind].items()}
        for kind in ("temporary", "continued")
    )
    program.count("decisions:temporary:2016-2020", add_up(temporary.values()))
    program.count(
        f"decisions:temporary:{BEFORE}-{LAST}", add_up([temporary[BEFORE], temporary[LAST]])
    )
    program.count("decisions:continued:2016-2020", add_up(continued.values()))
    program.order(
        "order:temporary_decisions",
        (temporary[BEFORE], temporary[BEFORE - 1]),
        (temporary[BEFORE], temporary[LAST]),
    )
    program.order("order:fewer_continued", *((temporary[year], continued[year]) for year in YEARS))


def _share_outcomes(n: int, *, is_nearly_always: bool = False) -> dict[str, int]:
    """Granted and rejected alike, or where words say so nearly always granted."""
    other = n // OTHER_EVERY
    granted = ALMOST_ALL * n // 100 + 1 if is_nearly_always else (n - other) // 2
    return {"granted": granted, "rejected": n - other - granted, "other": other}


def _add_outcome(program: Program, year: int, name: str, n: int) -> Linear:
    """A cell of granted or rejected decisions; other outcomes are as many as their share."""
    high = n if name.endswith("other") else MOST
    return program.add(str(year), *name.split("|"), near=n, low=n if high == n else 0, high=high)


def _state_temporary(program: Program, years: Numbers) -> None:
    """Temporary residence by Dublin indication and outcome (figures 2.12 and 2.13)."""
    total = {year: years[str(year), "temporary"] for year in YEARS}
    cells: dict[int, dict[tuple[str, str], Linear]] = {}
    for year in YEARS:
        kinds = (NOT_RECORDED,) if year < DUBLIN_SINCE else (*DUBLIN_INDICATED, "none")
        near = dict(zip(kinds, share_out(total[year], [1] * len(kinds)), strict=True))
        cells[year] = {
            (kind, outcome): _add_outcome(program, year, f"temporary|{kind}:{outcome}", n)
            for kind in kinds
            for outcome, n in _share_outcomes(
                near[kind], is_nearly_always=kind not in DUBLIN_INDICATED
            ).items()
        }
        program.equal(f"temporary {year}", add_up(cells[year].values()), total[year])
    _order_dublin(program, cells, total)
    _order_outcomes(program, cells, total)


def _pick(
    cells: Mapping[tuple[str, str], Linear], kinds: tuple[str, ...] = (), outcome: str = ""
) -> Linear:
    return add_up(
        cell
        for (kind, result), cell in cells.items()
        if (not kinds or kind in kinds) and outcome in ("", result)
    )


def _order_dublin(
    program: Program, cells: Mapping[int, Mapping[tuple[str, str], Linear]], total: dict[int, int]
) -> None:
    key, since = "order:dublin_of_temporary", range(DUBLIN_SINCE, LAST + 1)
    with_dublin = {year: _pick(cells[year], DUBLIN_INDICATED) for year in since}
    share, per = BY_FAR.as_integer_ratio()
    program.order(
        key,
        *((100 * per * with_dublin[year], share * total[year]) for year in since),
        *((with_dublin[year - 1], with_dublin[year]) for year in since[1:]),
    )
    for year in since[1:]:
        apart = 100 * (with_dublin[year] * total[year - 1] - with_dublin[year - 1] * total[year])
        room = SAME_POINTS * total[year] * total[year - 1] - 1
        program.hold(key, apart, low=-room, high=room)


def _order_outcomes(
    program: Program, cells: Mapping[int, Mapping[tuple[str, str], Linear]], total: dict[int, int]
) -> None:
    """Nearly always granted before the rule changed, and since then without an indication; more and
    more rejected; most with an indication rejected, and in the last year most not granted."""
    key = "order:temporary_granted"
    for year in YEARS:
        kinds = (NOT_RECORDED,) if year < DUBLIN_SINCE else ("none",)
        whole, granted = _pick(cells[year], kinds), _pick(cells[year], kinds, "granted")
        program.order(key, (100 * granted, ALMOST_ALL * whole))
        rejected = _pick(cells[year], outcome="rejected")
        if year >= DUBLIN_SINCE:
            before = _pick(cells[year - 1], outcome="rejected")
            program.order(key, (rejected * total[year - 1], before * total[year]))
    since = [cells[year] for year in YEARS if year >= DUBLIN_SINCE]
    program.order(
        key,
        (
            2 * add_up(_pick(part, DUBLIN_INDICATED, "rejected") for part in since),
            add_up(_pick(part, DUBLIN_INDICATED) for part in since),
        ),
    )
    # Most who report get no protection, the text of the monitor goes on: fewer than half are granted.
    granted, rejected, other = (_pick(cells[LAST], outcome=code) for code in OUTCOMES)
    program.order(key, (rejected + other, granted))


def _state_continued(program: Program, years: Numbers) -> None:
    """Continued residence by outcome (figure 2.14)."""
    total = {year: years[str(year), "continued"] for year in YEARS}
    rejected = {}
    for year in YEARS:
        cells = {
            outcome: _add_outcome(program, year, f"continued|{outcome}", n)
            for outcome, n in _share_outcomes(total[year]).items()
        }
        program.equal(f"continued {year}", add_up(cells.values()), total[year])
        rejected[year] = cells["rejected"]
    for year in range(2018, LAST + 1):
        program.order(
            "order:continued_rejected",
            (rejected[year], rejected[year - 1]),
            (rejected[year] * total[year - 1], rejected[year - 1] * total[year]),
        )


def _state_links(program: Program, cells: Numbers) -> None:
    """Who has several decisions. Of those whom the scheme allows it half were offered the
    reflection period before; of the people without a decision on temporary residence half were
    offered it."""
    temporary = sum(n for (_, group, _), n in cells.items() if group == "temporary")
    without = int(program.printed["persons:2016-2020"][0].value) - temporary
    for_reflection, for_continued = share_out(without, [1, 1])
    offers: dict[int, Linear] = {}
    alone: list[Linear] = []
    earlier = Linear()
    for year, at_once, later in zip(
        YEARS,
        _share_years(for_reflection, YEARS).values(),
        _share_years(for_continued, YEARS).values(),
        strict=True,
    ):
        free = _count(cells, year, ("none", NOT_RECORDED))
        offered = program.add(str(year), "reflection", "offered", near=free // 2 + at_once)
        unlinked = program.add(str(year), "reflection", "alone", near=at_once)
        continued = sum(cells[str(year), "continued", outcome] for outcome in OUTCOMES)
        first = program.add(str(year), "continued", "alone", near=later, high=continued)
        program.hold(f"offers {year}", offered - unlinked, low=0, high=free)
        earlier = earlier + _count(cells, year, ("none", NOT_RECORDED), "granted")
        earlier = earlier + first - continued
        program.hold(f"continued {year} after a grant", earlier, low=0)
        offers[year], alone = offered, [*alone, unlinked, first]
    program.count("persons:2016-2020", add_up(alone) + temporary)
    program.share(f"change_in_offers:{LAST}", offers[BEFORE] - offers[LAST], offers[BEFORE])
    program.order(
        "order:offers",
        (offers[BEFORE - 1], offers[BEFORE]),
        *((offers[year], offers[LAST]) for year in YEARS[:-1]),
    )


def _count(cells: Numbers, year: int, kinds: tuple[str, ...], outcome: str = "") -> int:
    return sum(
        cells.get((str(year), "temporary", f"{kind}:{one}"), 0)
        for kind in kinds
        for one in OUTCOMES
        if outcome in ("", one)
    )


def _state_people(program: Program, cells: Numbers) -> None:
    """Sex, age and nationality of people with a Dublin indication and of others (section 2.4.3)."""
    everybody = int(program.printed["persons:2016-2020"][0].value)
    with_dublin = sum(_count(cells, year, DUBLIN_INDICATED) for year in YEARS)
    sizes = {"dublin": with_dublin, "others": everybody - with_dublin}
    for group, n in sizes.items():
        program.add("0", group, "persons", near=n, low=n, high=n)
    _state_sex(program, sizes)
    _state_ages(program, sizes)
    _state_countries(program, sizes)


def _state_sex(program: Program, sizes: dict[str, int]) -> None:
    everybody = sum(sizes.values())
    women, of_dublin = (
        program.printed[key][0].value
        for key in ("share_of_persons:female", "share_of_persons:male:dublin")
    )
    men = round(everybody * (100 - women) / 100)
    near = round(sizes["dublin"] * of_dublin / 100)
    dublin = program.add("0", "dublin", "male", near=near, high=sizes["dublin"])
    others = program.add("0", "others", "male", near=men - near, high=sizes["others"])
    whole = Linear({}, everybody)
    program.share("share_of_persons:female", whole - dublin - others, whole)
    program.share("share_of_persons:male:dublin", dublin, Linear({}, sizes["dublin"]))


def _state_ages(program: Program, sizes: dict[str, int]) -> None:
    """The oldest are what is left; an age group counts with its mean age."""
    everybody = sum(sizes.values())
    minors = int(program.printed["persons:minor"][0].value)
    young, to_29 = (
        round(everybody * program.printed[f"share_of_persons:{name}"][0].value / 100)
        for name in ("under_23", "23_to_29")
    )
    near = {"minor": minors, "adolescent": young - minors, "young": to_29}
    cells = {
        group: {
            age: program.add("0", group, age, near=n * size // everybody) for age, n in near.items()
        }
        for group, size in sizes.items()
    }
    whole = Linear({}, everybody)
    program.count("persons:minor", add_up(part["minor"] for part in cells.values()))
    program.share(
        "share_of_persons:under_23",
        add_up(part[age] for part in cells.values() for age in YOUNG),
        whole,
    )
    program.share(
        "share_of_persons:23_to_29", add_up(part["young"] for part in cells.values()), whole
    )
    oldest = {
        group: Linear({}, size) - add_up(cells[group].values()) for group, size in sizes.items()
    }
    for group, rest in oldest.items():
        program.hold(f"oldest of {group}", rest, low=0)
    total = {
        group: add_up(twice_mean(age) * cell for age, cell in part.items())
        + twice_mean("older") * oldest[group]
        for group, part in cells.items()
    }
    for key, of, n in (
        ("mean_age:dublin", total["dublin"], sizes["dublin"]),
        ("mean_age:persons", add_up(total.values()), everybody),
    ):
        program.stated.add(key)
        for one in program.printed.get(key, ()):
            low, high = (float(limit) for limit in (one.limits.low, one.limits.high) if limit)
            program.hold(key, of, low=2 * n * (low + MARGIN), high=2 * n * (high - MARGIN))


def twice_mean(age: str) -> int:
    """Twice the mean age of a group, which is a whole number."""
    return AGES[age].start + AGES[age].stop - 1


def _state_countries(program: Program, sizes: dict[str, int]) -> None:
    """The first nationality has a number; those that are named and the regions share the rest."""
    everybody = sum(sizes.values())
    first = int(program.printed["persons:nigerian"][0].value)
    rest = [*NAMED, *(f"region:{name}" for name in REGIONS)]
    near = {
        FIRST: first,
        **dict(zip(rest, share_out(everybody - first, [1] * len(rest)), strict=True)),
    }
    cells = {
        group: {
            what: program.add("0", group, what, near=n * size // everybody)
            for what, n in near.items()
        }
        for group, size in sizes.items()
    }
    for group, size in sizes.items():
        program.equal(f"nationalities of {group}", add_up(cells[group].values()), size)
    both = {what: add_up(part[what] for part in cells.values()) for what in near}
    program.count("persons:nigerian", both[FIRST])
    _order_countries(program, both)
    regions = {name: _add_region(both, name) for name in REGIONS if name != UNKNOWN}
    ranked = ["africa", "asia", "eu"]
    others = [name for name in regions if name not in ranked]
    program.order(
        "order:regions",
        *((regions[more], regions[less]) for more, less in itertools.pairwise(ranked)),
        *((regions["eu"], regions[name]) for name in others),
    )
    dublin = cells["dublin"]
    program.order(
        "order:dublin_of_africa",
        (2 * _add_region(dublin, "africa"), Linear({}, sizes["dublin"])),
        *((dublin[FIRST], cell) for what, cell in dublin.items() if what != FIRST),
    )


def _add_region(cells: Mapping[str, Linear], region: str) -> Linear:
    own = [cell for what, cell in cells.items() if REGION_OF.get(what) == region]
    return add_up([*own, cells[f"region:{region}"]])


def _order_countries(program: Program, cells: Mapping[str, Linear]) -> None:
    """Each that is named comes before each made-up nationality, of which a region has several."""
    pairs = [(cells[FIRST], cells[name]) for name in NAMED]
    for region in REGIONS[:-1]:
        n = list(ADDED_NATIONALITIES.values()).count(region)
        pairs += [(n * cells[name], cells[f"region:{region}"] + n) for name in NAMED]
    program.order("order:nationalities", *pairs)
