"""Makes the first part of the plan of the police register: how many persons of each block and year,
for which form, of which sex and age, and who is registered again.

What was printed holds; of the rest each cell is as near to its share as that leaves it. Years share
alike, and so do the blocks of years of which a number was printed for all together. A printed test
gives no number: two groups differ in its direction, by enough to be significant where it is.
"""

from __future__ import annotations

from collections.abc import Iterable

from helpers.definitions import SEVERE, SEXUAL, UNKNOWN, YOUNG
from helpers.published.precision import reach_widely
from helpers.synthetic.allocation import share_out
from helpers.synthetic.constraints import Limits, read_printed
from helpers.synthetic.people import AID, BLOCKS
from helpers.synthetic.program import Linear, Numbers, Program, add_up

CHAPTERS = ("repeats", "aid")
EARLY, MIDDLE, LATE = range(2010, 2016), range(2016, 2019), range(2019, 2021)
SEVEN_YEARS_ON = range(2010, 2014)
FIRST_AID, FORM_YEAR = MIDDLE[0], 2016
AGAIN, ONCE, AID_MIDDLE, BEFORE, AID_LATE, AFTER = BLOCKS
TO_2018 = BLOCKS[:4]
# Of those registered in the first year of the aid chapter one in ten, and in the second one in
# forty, were exploited before it.
BEFORE_EVERY = {2016: 10, 2017: 40}
# Of the aid population a hundredth each: organ removal, other forms, unknown nationality.
RARE_EVERY = 100
RARE = ("F564", "F565", "unknown_nationality_sexual")
# Incidents after the first that a person meets at most.
MOST_MORE = 8
# Of the men who are registered again two in three meet one incident.
MEN_ONCE = (2, 1)


def start(about: str) -> Program:
    """A program that holds to the numbers of both linked chapters."""
    printed = {key: own for name in CHAPTERS for key, own in read_printed(name).items()}
    return Program(f"plan of the police register, {about}", printed)


def read_number(key: str) -> int:
    """The first printed value of a measure, rounded to a whole number."""
    return round(start("").printed[key][0].value)


def take(n: int, percent: int) -> int:
    """So many percent of a number, rounded down."""
    return n * percent // 100


def state_persons(program: Program, in_aid: int) -> None:
    """Persons by block and year, so many of them in the aid population; and those of 2010 to 2013
    who are registered again after five and within seven years."""
    near = _share_persons()
    cells = {
        (block, year): program.add(str(year), block, "persons", near=n)
        for (block, year), n in near.items()
    }

    def count(years: Iterable[int], *blocks: str) -> Linear:
        return add_up(
            cell
            for (block, year), cell in cells.items()
            if year in years and (block in blocks or not blocks)
        )

    everybody = range(EARLY.start, LATE.stop)
    for years in (everybody, range(EARLY.start, LATE.start), EARLY, SEVEN_YEARS_ON):
        program.count(f"persons:{years[0]}-{years[-1]}", count(years))
    program.count(f"persons:{FORM_YEAR}", count([FORM_YEAR]))
    program.equal("aid population", count(everybody, *AID), in_aid)
    again, whole = count(EARLY, AGAIN), count(EARLY)
    program.count("persons_again:5", again)
    program.share("share_again:5", again, whole, is_loose=True)
    # The days to the first repeat are made for two halves of these persons.
    half = program.add("half", near=read_number("persons_again:5") // 2)
    program.equal("two halves", again, 2 * half)
    seven = read_number(f"persons:{SEVEN_YEARS_ON[0]}-{SEVEN_YEARS_ON[-1]}")
    late = take(seven, read_number("share_again:7") - read_number("share_again:5"))
    later = program.add("0", ONCE, "again_in_seven_years", near=late)
    program.share("share_again:7", count(SEVEN_YEARS_ON, AGAIN) + later, count(SEVEN_YEARS_ON))


def _share_persons() -> dict[tuple[str, int], int]:
    """The printed persons of a period, its years alike; blocks of a year by their shares."""
    seven, five, two, whole = (
        read_number(f"persons:2010-{year}") for year in (2013, 2015, 2018, 2020)
    )
    form_year = read_number(f"persons:{FORM_YEAR}")
    of_year = {
        **dict(zip(SEVEN_YEARS_ON, share_out(seven, [1] * 4), strict=True)),
        **dict(zip(EARLY[4:], share_out(five - seven, [1, 1]), strict=True)),
        FORM_YEAR: form_year,
        **dict(zip(MIDDLE[1:], share_out(two - five - form_year, [1, 1]), strict=True)),
        **dict(zip(LATE, share_out(whole - two, [1, 1]), strict=True)),
    }
    again = read_number("share_again:5")
    near = {}
    for year in EARLY:
        near[AGAIN, year] = take(of_year[year], again)
        near[ONCE, year] = of_year[year] - near[AGAIN, year]
    for year in MIDDLE:
        if year in BEFORE_EVERY:
            near[BEFORE, year] = of_year[year] // BEFORE_EVERY[year]
        near[AID_MIDDLE, year] = of_year[year] - near.get((BEFORE, year), 0)
    near[AID_LATE, LATE[0]] = of_year[LATE[0]]
    in_aid = sum(n for (block, _), n in near.items() if block in AID)
    near[AID_LATE, LATE[1]] = read_number("aid:victims") - in_aid
    near[AFTER, LATE[1]] = of_year[LATE[1]] - near[AID_LATE, LATE[1]]
    return near


def state_sets(program: Program) -> None:
    """The aid population, its minors, and the controls of these and of the others: a thousand of a
    victim at most."""
    victims, minors, controls, of_minors = (
        read_number(f"aid:{name}") for name in ("victims", "minors", "controls", "minor_controls")
    )
    size = read_number("aid:controls_per_victim")
    everybody = program.add("0", "aid", "persons", near=victims)
    young = program.add("0", "aid", "minor", near=minors)
    of_young = program.add("0", "matches", "minor_controls", near=of_minors, high=controls)
    near = controls - of_minors
    of_others = program.add("0", "matches", "other_controls", near=near, high=controls)
    program.hold("sets of minors", size * young - of_young, low=0)
    program.hold("sets of others", size * (everybody - young) - of_others, low=0)
    program.count("aid:victims", everybody)
    program.count("aid:minors", young)
    program.share("aid:share_minor", young, everybody)
    program.count("aid:controls", of_young + of_others)
    program.count("aid:persons", of_young + of_others + everybody)
    program.count("aid:minor_controls", of_young)
    program.count("aid:minor_persons", of_young + young)
    program.stated.add("aid:controls_per_victim")


def count_persons(persons: Numbers, *blocks: str, year: int = 0) -> int:
    """Persons of these blocks, of all years or one."""
    return sum(
        n
        for key, n in persons.items()
        if key[-1] == "persons" and key[1] in blocks and year in (0, int(key[0]))
    )


def state_forms(program: Program, persons: Numbers, sets: Numbers) -> None:
    """Victims of sexual exploitation and of other known forms by block, since 2016 by year; the aid
    population by offence code; those of 2016 who are registered again, by form."""
    near = _share_forms(persons)
    cells = {
        (block, year, form): program.add(str(year), block, form, near=n)
        for (block, year, form), n in near.items()
    }
    for block, year in {(block, year) for block, year, _ in near}:
        both = add_up(cells[block, year, form] for form in ("sexual", "other_known"))
        whole = count_persons(persons, block, year=year)
        program.hold(f"forms of {block} {year}", both, high=whole)

    def count(form: str, blocks: Iterable[str], year: int = 0) -> Linear:
        return add_up(
            cell
            for (block, own, name), cell in cells.items()
            if name == form and block in blocks and year in (0, own)
        )

    sexual, other = (count(form, TO_2018) for form in ("sexual", "other_known"))
    program.count("persons:form_known:2010-2018", sexual + other)
    everybody = Linear({}, count_persons(persons, *TO_2018))
    program.share("share_of_persons:form_unknown:2010-2018", everybody - sexual - other, everybody)
    program.share("share_of_persons:sexual:2010-2018", sexual, sexual + other)
    program.share("share_of_persons:other:2010-2018", other, sexual + other)
    _state_form_year(
        program,
        {form: count(form, TO_2018, FORM_YEAR) for form in ("sexual", "other_known")},
        {
            form: sum(n for (_, *key), n in near.items() if key == [FORM_YEAR, form])
            for form in ("sexual", "other_known")
        },
        count_persons(persons, *TO_2018, year=FORM_YEAR),
    )
    _state_codes(program, {form: count(form, AID) for form in ("sexual", "other_known")}, sets)


def _share_forms(persons: Numbers) -> dict[tuple[str, int, str], int]:
    """Of the aid chapter's years the printed shares of its population; of the years before what the
    printed total leaves."""
    share = {
        name: sum(read_number(f"aid:share_form:{form}") for form in forms)
        for name, forms in (
            ("sexual", SEXUAL),
            ("other_known", ("labour", "criminal")),
        )
    }
    # Beside the printed forms one rare one of sexual, and two of other known offence codes.
    share = {"sexual": share["sexual"] + 1, "other_known": share["other_known"] + 2}
    known = read_number("persons:form_known:2010-2018")
    of_known = {
        "sexual": read_number("share_of_persons:sexual:2010-2018"),
        "other_known": read_number("share_of_persons:other:2010-2018"),
    }
    # The year that the chapter on repeats prints by form has the shares of its years.
    all_known = sum(share.values())
    in_form_year = {form: all_known * percent // 100 for form, percent in of_known.items()}
    near = {}
    for form, percent in share.items():
        for block in BLOCKS[2:]:
            for year in sorted({int(key[0]) for key in persons if key[1:2] == (block,)}):
                of_year = in_form_year[form] if year == FORM_YEAR else percent
                near[block, year, form] = take(count_persons(persons, block, year=year), of_year)
        left = take(known, of_known[form]) - sum(
            n for (block, _, name), n in near.items() if name == form and block in TO_2018
        )
        sizes = [count_persons(persons, block) for block in BLOCKS[:2]]
        for block, n in zip(BLOCKS[:2], share_out(left, sizes), strict=True):
            near[block, 0, form] = n
    return near


def _state_form_year(
    program: Program, registered: dict[str, Linear], near: dict[str, int], whole: int
) -> None:
    """Registered again until the end of the data (figure 4.6): printed of two forms, and of unknown
    form as many of a hundred as of all within five years."""
    group = f"again_{FORM_YEAR}"
    for form, name in (("sexual", "sexual"), ("other_known", "other")):
        key = f"share_again:{name}:{FORM_YEAR}"
        again = program.add("0", group, form, near=take(near[form], read_number(key)))
        program.share(key, again, registered[form])
    share = read_number("share_again:5")
    again = program.add("0", group, UNKNOWN, near=take(whole - sum(near.values()), share))
    unknown = Linear({}, whole) - add_up(registered.values())
    program.hold("again of unknown form", unknown - again, low=0)
    program.stated.add("order:form_not_significant")


def _state_codes(program: Program, of_aid: dict[str, Linear], sets: Numbers) -> None:
    """The aid population by offence code and nationality (section 3.2.1): the Dutch victims of
    sexual exploitation are domestic ones, organ removal and other forms count as unknown."""
    victims, minors = (sets["0", "aid", name] for name in ("persons", "minor"))
    share = {
        form: read_number(f"aid:share_form:{form}")
        for form in ("domestic_sexual", "labour", "criminal")
    }
    domestic_minors = take(minors, read_number("aid:share_domestic:minors"))
    near = {
        "F562": take(victims, share["labour"]),
        "F563": take(victims, share["criminal"]),
        **dict.fromkeys(RARE, victims // RARE_EVERY),
        "dutch_minor_sexual": domestic_minors,
        "dutch_adult_sexual": take(victims, share["domestic_sexual"]) - domestic_minors,
    }
    cells = {name: program.add("0", "aid", name, near=n) for name, n in near.items()}
    codes = add_up(cell for name, cell in cells.items() if name.startswith("F"))
    program.equal("codes of other known forms", codes, of_aid["other_known"])
    domestic = cells["dutch_minor_sexual"] + cells["dutch_adult_sexual"]
    by_form = {
        "domestic_sexual": domestic,
        "cross_border_sexual": of_aid["sexual"] - domestic - cells["unknown_nationality_sexual"],
        "labour": cells["F562"],
        "criminal": cells["F563"],
    }
    whole = Linear({}, victims)
    by_form[UNKNOWN] = whole - add_up(by_form.values())
    for form, n in by_form.items():
        program.share(f"aid:share_form:{form}", n, whole)
    program.share("aid:share_domestic:minors", cells["dutch_minor_sexual"], Linear({}, minors))


def state_sex(program: Program, persons: Numbers) -> None:
    """Men by block; among those who are registered again joined with once or several times (figure
    4.4)."""
    sizes = {block: count_persons(persons, block) for block in BLOCKS}
    again, whole = sizes[AGAIN], sizes[AGAIN] + sizes[ONCE]
    share = read_number("share_again:male")
    men = take(whole, 100 - read_number("share_of_persons:female:2010-2018"))
    men_again = take(men, share)
    once, several = share_out(men_again, MEN_ONCE)
    of_aid = 100 - read_number("aid:share_female")
    near = {
        ONCE: men - men_again,
        **{block: take(sizes[block], of_aid) for block in BLOCKS[2:]},
    }
    cells = {block: program.add("0", block, "male", near=n) for block, n in near.items()}
    meet_once = program.add("0", AGAIN, "male_once", near=once)
    meet_several = program.add("0", AGAIN, "male_several", near=several)
    cells[AGAIN] = meet_once + meet_several
    everybody = Linear({}, sum(sizes[block] for block in TO_2018))
    women = everybody - add_up(cells[block] for block in TO_2018)
    program.count("persons:female:2010-2018", women)
    program.share("share_of_persons:female:2010-2018", women, everybody)
    registered = cells[AGAIN] + cells[ONCE]
    program.share("share_again:male", cells[AGAIN], registered)
    women_again = Linear({}, again) - cells[AGAIN]
    others = Linear({}, whole) - registered
    program.share("share_again:female", women_again, others, is_loose=True)
    # Half of all meet several, and so do more than half of the women where fewer of the men do.
    program.order("order:men_once", (meet_once, meet_several))
    in_aid = Linear({}, sum(sizes[block] for block in AID))
    of_aid_women = in_aid - add_up(cells[block] for block in AID)
    program.count("aid:women", of_aid_women)
    program.share("aid:share_female", of_aid_women, in_aid)
    program.stated.add("p_value:sex")


def state_ages(program: Program, persons: Numbers, sets: Numbers) -> None:
    """Minors and adolescents by block (figure 4.5). "Well over a third" of the others are
    registered again, which is within five points of a third; so the ages differ significantly."""
    sizes = {block: count_persons(persons, block) for block in BLOCKS}
    again, whole = sizes[AGAIN], sizes[AGAIN] + sizes[ONCE]
    near = _share_ages(sizes)
    cells = {(block, age): program.add("0", block, age, near=n) for (block, age), n in near.items()}

    def count(age: str, *blocks: str) -> Linear:
        return add_up(cells[block, age] for block in blocks)

    for block, n in sizes.items():
        both = count("minor", block) + count("adolescent", block)
        program.hold(f"ages of {block}", both, high=n)
    everybody = Linear({}, sum(sizes[block] for block in TO_2018))
    for age in YOUNG:
        part = count(age, *TO_2018)
        program.share(f"share_of_persons:{age}:2010-2018", part, everybody, is_loose=True)
    program.equal("minors of the aid population", count("minor", *AID), sets["0", "aid", "minor"])
    adolescents = count("adolescent", *AID)
    program.count("aid:adolescents", adolescents)
    in_aid = Linear({}, sum(sizes[block] for block in AID))
    program.share("aid:share_adolescent", adolescents, in_aid)
    young = {block: count("minor", block) + count("adolescent", block) for block in (AGAIN, ONCE)}
    minors, under_23 = count("minor", AGAIN, ONCE), add_up(young.values())
    older = Linear({}, whole) - under_23
    for name, part, of in (
        ("minor", count("minor", AGAIN), minors),
        ("under_23", young[AGAIN], under_23),
        ("from_23", Linear({}, again) - young[AGAIN], older),
    ):
        program.share(f"share_again:{name}", part, of, is_loose=True)
    for third in program.printed["share_again:from_23"]:
        limits = Limits(None, third.value + reach_widely(third.value, is_percent=True))
        program.divide("p_value:age", 100 * (Linear({}, again) - young[AGAIN]), older, limits)
    program.stated.add("p_value:age")


def _share_ages(sizes: dict[str, int]) -> dict[tuple[str, str], int]:
    """The aid population and later years have its printed shares; the years before what the printed
    shares of all years leave, half of them registered again."""
    share = {
        "minor": read_number("aid:share_minor"),
        "adolescent": read_number("aid:share_adolescent"),
    }
    near = {
        (block, age): take(sizes[block], percent)
        for block in BLOCKS[2:]
        for age, percent in share.items()
    }
    everybody = sum(sizes[block] for block in TO_2018)
    for age in share:
        of_all = take(everybody, read_number(f"share_of_persons:{age}:2010-2018"))
        left = of_all - near[AID_MIDDLE, age] - near[BEFORE, age]
        near[AGAIN, age] = take(left, read_number("share_again:under_23"))
        near[ONCE, age] = left - near[AGAIN, age]
    return near


def state_again(program: Program, persons: Numbers, forms: Numbers) -> None:
    """First repeats of those registered since 2016: within two years what the printed number of
    2010 to 2018 says, of 2016 its share. As many of 2017 as of 2016 later; of the last two years,
    who are followed for a year on average, half."""
    whole = count_persons(persons, *TO_2018)
    within = read_number("persons_again:2")
    early = program.add("0", "again_2010_2018", "within_two_years", near=within)
    program.count("persons_again:2", early)
    program.share("share_again:2", early, Linear({}, whole), is_loose=True)
    of_2016 = count_persons(persons, *TO_2018, year=FORM_YEAR)
    again = sum(n for key, n in forms.items() if key[1] == f"again_{FORM_YEAR}")
    of_year = within * of_2016 // whole
    late = count_persons(persons, AID_LATE, AFTER)
    for group, what, n in (
        (f"again_{FORM_YEAR}", "within_two_years", of_year),
        (f"again_{FORM_YEAR + 1}", "after_two_years", again - of_year),
        ("again_2019_2020", "persons", within * late // whole // 2),
    ):
        program.add("0", group, what, near=n)
    program.stated.add("order:most_once:2")


def state_kinds(program: Program, persons: Numbers) -> None:
    """What those who are registered again within five years meet: how many of them several
    incidents, which kinds (figures 4.2 and 4.3)."""
    again, whole = count_persons(persons, AGAIN), count_persons(persons, AGAIN, ONCE)
    kinds = _state_persons_by_kind(program, again, whole)
    total = read_number("incidents")
    printed = {
        name: read_number(f"incidents:{name}") for name in ("trafficking", "sexual", "homicide")
    }
    rest = ("other", "property", "threat", "violence")
    near = {
        **printed,
        **dict(zip(rest, share_out(total - sum(printed.values()), [1] * len(rest)), strict=True)),
    }
    cells = {name: program.add("0", "incidents", name, near=n) for name, n in near.items()}
    every = add_up(cells.values())
    program.count("incidents", every)
    for name in printed:
        program.count(f"incidents:{name}", cells[name])
    violence = cells["violence"] + cells["homicide"]
    program.order(
        "order:groups",
        (cells["property"], violence),
        (violence, cells["threat"]),
        (cells["threat"], cells["other"]),
    )
    of_kind = {**cells, "violence": violence}
    for name in SEVERE:
        program.hold(f"incidents of {name}", of_kind[name] - kinds[name], low=0)
    program.ratio("incidents_per_person", every, Linear({}, again))
    _state_more(program, every, again)


def _state_persons_by_kind(program: Program, again: int, whole: int) -> dict[str, Linear]:
    """Persons by the kinds of severe incidents they meet, one or two of them; the pairs alike."""
    of = {name: take(whole, read_number(f"share_again:{name}")) for name in SEVERE}
    severe = read_number("persons_again:severe")
    pairs = ("sexual_violence", "trafficking_sexual", "trafficking_violence")
    near = dict(zip(pairs, share_out(sum(of.values()) - severe, [1] * len(pairs)), strict=True))
    single = {
        name: n - sum(count for pair, count in near.items() if name in pair.split("_"))
        for name, n in of.items()
    }
    cells = {
        name: program.add("0", "kinds", name, near=n) for name, n in {**near, **single}.items()
    }
    kinds = {
        name: add_up(cell for pair, cell in cells.items() if name in pair.split("_")) for name in of
    }
    everybody, severe_ones = Linear({}, whole), add_up(cells.values())
    for name, n in kinds.items():
        program.share(f"share_again:{name}", n, everybody)
    program.share("share_again:severe", severe_ones, everybody)
    program.count("persons_again:severe", severe_ones)
    program.share("share_of_again:severe", severe_ones, Linear({}, again), is_loose=True)
    return kinds


def _state_more(program: Program, incidents: Linear, again: int) -> None:
    """Persons by how many incidents they meet after the first: half meet any, half of these more,
    and so on."""
    several = take(again, read_number("share_several:5"))
    weights = [2**place for place in reversed(range(MOST_MORE))]
    near = dict(enumerate(share_out(several, weights), start=1))
    cells = {n: program.add("0", "more_incidents", str(n), near=count) for n, count in near.items()}
    several_ones = add_up(cells.values())
    program.share("share_several:5", several_ones, Linear({}, again))
    program.hold("half meet several", 2 * several_ones, low=again)
    more = add_up(n * cell for n, cell in cells.items())
    program.equal("incidents after the first", more, incidents - again)
    program.stated.add("order:most_several:7")


def state_unregistered(program: Program) -> None:
    """Victims who never were in the population register: those of the aid chapter's four years, and
    as many a year before and after."""
    printed = read_number("persons_not_registered")
    whole = program.add("0", "unregistered", "persons", near=printed)
    program.count("persons_not_registered", whole)
    years = LATE[-1] - FIRST_AID
    for name, n in (("before", len(EARLY)), ("after", 1)):
        program.add("0", "unregistered", name, near=printed * n // years)
