"""Makes the third part of the plan of the reports: where victims come from, and the sectors and
ways of their exploitation.

What was printed holds; of the rest each cell is as near to its share as that leaves it: a region
has its printed share of each year and form, sectors share alike, and drug offences have the printed
share of the last year in every year.
"""

from __future__ import annotations

import itertools

from helpers.definitions import EUROPE, FORMS, SEXUAL, UNKNOWN
from helpers.synthetic.allocation import share_out
from helpers.synthetic.plan_forms import (
    BEFORE,
    BESIDE,
    CROSS_BORDER,
    DOMESTIC,
    LAST,
    YEARS,
    Cells,
    count_form,
    read_number,
    read_size,
    weigh_years,
)
from helpers.synthetic.program import Linear, Numbers, Program, add_up
from helpers.synthetic.victims import ADDED_NATIONALITIES

REGIONS = ("africa", "asia", "europe", "latin_america")
NAMED = {
    **dict.fromkeys(("NGA", "UGA", "GMB"), "africa"),
    **dict.fromkeys(("POL", "ROU", "BGR", "HUN"), "europe"),
}
# The first five of the last year, in order (section 2.3.5).
RANKED = ("POL", "NGA", "NLD", "BGR", "HUN")
EASTERN = ("POL", "HUN", "BGR")
# "Just under half" from Europe and the Netherlands, in percent; what is left is Latin America and
# unknown, alike.
JUST_UNDER_HALF = 49
SEXUAL_SECTORS = (
    "window",
    "brothel_club_private_house",
    "street",
    "home",
    "escort_hotel",
    "other_sexual",
)
VISIBLE = SEXUAL_SECTORS[:2]
LABOUR_SECTORS = (
    "hospitality",
    "household",
    "other_services",
    "agriculture",
    "construction",
    "health_welfare",
    "industry",
    "temporary_work",
    "trade",
    "transport_storage",
)
LARGEST = LABOUR_SECTORS[:3]
ACTIVITIES = ("drug_offences", "begging", "fraud", "theft")


def _count_codes(region: str) -> int:
    """How many made-up nationalities a region has."""
    groups = EUROPE if region == "europe" else (region,)
    return sum(group in groups for group in ADDED_NATIONALITIES.values())


def state_origin(program: Program, forms: Numbers) -> None:
    """Nationalities and regions by year, and in the last year by leading form (figure 2.7)."""
    near = _share_regions(program)
    cells = {year: _add_year(program, forms, year, near[year]) for year in YEARS[:-1]}
    cells[LAST] = _add_last(program, forms, near[LAST])
    for year, part in cells.items():
        for name, cell in part.items():
            own = cell + read_size(forms, year, DOMESTIC) if name == "NLD" else cell
            program.count(f"nationality:{name}:{year}", own)
            program.count(f"nationality_of_all:{name}:{year}", own)
    _hold_regions(program, cells, forms)
    _order_nations(program, cells, forms)


def _share_regions(program: Program) -> dict[int, dict[str, int]]:
    """What each nationality and region would be: printed numbers, and the rest of its region's
    share."""
    printed, victims = program.printed, weigh_years(program)
    share = {
        "africa": read_number(program, "share_of_victims:africa"),
        "asia": read_number(program, "share_of_victims:asia"),
        "europe": JUST_UNDER_HALF,
    }
    share["latin_america"] = share[UNKNOWN] = (100 - sum(share.values())) // 2
    dutch = {
        year: read_number(program, f"nationality:NLD:{year}")
        for year in YEARS
        if f"nationality:NLD:{year}" in printed
    }
    of_all = sum(dutch.values()) / sum(victims[year] for year in dutch)
    near = {}
    for year, n in victims.items():
        own = {name: share[name] * n // 100 for name in share}
        key = f"nationality_of_all:NLD:{year}"
        netherlands = read_number(program, key) if key in printed else round(of_all * n)
        netherlands = dutch.get(year, netherlands)
        named = {
            name: read_number(program, key)
            for name in NAMED
            for key in (f"nationality:{name}:{year}", f"nationality_of_all:{name}:{year}")
            if key in printed
        }
        own["europe"] -= netherlands
        for name, count in named.items():
            own[NAMED[name]] -= count
        rest = {name: max(count, 1) for name, count in own.items()}
        near[year] = {"NLD": netherlands, **named, **rest}
    return near


def _add_year(
    program: Program, forms: Numbers, year: int, near: dict[str, int]
) -> dict[str, Linear]:
    """The Dutch, and those of whom it is unknown, among victims of other than sexual exploitation;
    everybody else among all but the domestic ones."""
    domestic = read_size(forms, year, DOMESTIC)
    others = sum(read_size(forms, year, form) for form in FORMS if form not in SEXUAL)
    cells = {
        "NLD": program.add(
            str(year), "not_sexual", "region:netherlands", near=near["NLD"] - domestic
        ),
        UNKNOWN: program.add(str(year), "not_sexual", "region:unknown", near=near[UNKNOWN]),
    }
    program.hold(f"not sexual {year}", cells["NLD"] + cells[UNKNOWN], high=others)
    for name, n in near.items():
        if name not in cells:
            what = f"region:{name}" if name in REGIONS else name
            cells[name] = program.add(str(year), "not_domestic", what, near=n)
    total = weigh_years(program)[year] - domestic
    program.equal(f"nationalities of {year}", add_up(cells.values()), total)
    return cells


def _add_last(program: Program, forms: Numbers, near: dict[str, int]) -> dict[str, Linear]:
    """The last year by form, each with the same shares; victims of cross-border sexual exploitation
    have a known nationality, and not the Dutch one."""
    sizes = {form: read_size(forms, LAST, form) for form in FORMS[1:]}
    near = {**near, "NLD": near["NLD"] - read_size(forms, LAST, DOMESTIC)}
    # The last two of the first five have no number; they are taken as the half and a third of the
    # one before them.
    near |= {"BGR": near["NLD"], "HUN": near["NLD"]}
    parts: dict[str, list[Linear]] = {name: [] for name in near}
    for form, size in sizes.items():
        own = []
        for name, n in near.items():
            known_only = name in ("NLD", UNKNOWN)
            if known_only and form == CROSS_BORDER:
                continue
            whole = sum(sizes.values()) - (sizes[CROSS_BORDER] if known_only else 0)
            is_region = name in (*REGIONS, UNKNOWN, "NLD")
            what = f"region:{'netherlands' if name == 'NLD' else name}" if is_region else name
            own.append(program.add(str(LAST), form, what, near=n * size // whole))
            parts[name].append(own[-1])
            if form == "labour" and name in EASTERN:
                parts.setdefault("eastern", []).append(own[-1])
            if NAMED.get(name, name) == "africa":
                parts.setdefault(f"african {form}", []).append(own[-1])
        program.equal(f"nationalities of {form}", add_up(own), size)
    cells = {name: add_up(part) for name, part in parts.items()}
    labour = Linear({}, count_form(forms, LAST, "labour"))
    program.share(f"share_of_labour:poland_hungary_bulgaria:{LAST}", cells.pop("eastern"), labour)
    african = {form: cells.pop(f"african {form}") for form in sizes}
    _hold_african(program, forms, african)
    return cells


def _hold_african(program: Program, forms: Numbers, african: dict[str, Linear]) -> None:
    """In the last year the victims of several forms are African ones of cross-border sexual
    exploitation, and so are most of those in drugs; others must be left for the rest."""
    beside = {name: forms[str(LAST), "sexual", name] for name in BESIDE}
    program.hold("several forms", african[CROSS_BORDER], low=sum(beside.values()))
    drugs, from_africa = read_drugs(program, forms)
    criminal = beside[BESIDE[1]] + beside[BESIDE[2]]
    program.hold("African victims in drugs", african["criminal"], low=from_africa - criminal)
    size = read_size(forms, LAST, "criminal")
    program.hold("others in drugs", Linear({}, size) - african["criminal"], low=drugs - from_africa)
    program.hold(
        "labour and criminal exploitation",
        Linear({}, read_size(forms, LAST, "labour")) - african["labour"],
        low=forms[str(LAST), "labour", "also_criminal"],
    )


def read_drugs(program: Program, forms: Numbers) -> tuple[int, int]:
    """Victims in drugs in the last year, and how many of them are African with a Dublin
    indication: the whole numbers next to the printed shares."""
    share, african = (
        read_number(program, key)
        for key in (f"share_drug_offences:{LAST}", f"share_african_dublin:drug_offences:{LAST}")
    )
    program.stated |= {f"share_african_dublin:drug_offences:{LAST}"}
    drugs = round(share * count_form(forms, LAST, "criminal") / 100)
    return drugs, round(african * drugs / 100)


def _add_region(cells: dict[str, Linear], region: str) -> Linear:
    return add_up(cell for name, cell in cells.items() if NAMED.get(name, name) == region)


def _hold_regions(program: Program, cells: Cells, forms: Numbers) -> None:
    victims = weigh_years(program)
    everybody = Linear({}, sum(victims.values()))
    domestic = sum(read_size(forms, year, DOMESTIC) for year in YEARS)
    whole = {
        name: add_up(_add_region(part, name) for part in cells.values())
        for name in (*REGIONS, "NLD")
    }
    program.share("share_of_victims:africa", whole["africa"], everybody)
    program.share("share_of_victims:asia", whole["asia"], everybody)
    europe = whole["europe"] + whole["NLD"] + domestic
    program.share("share_of_victims:europe_and_netherlands", europe, everybody)
    before, last = (
        {name: _add_region(cells[year], name) for name in REGIONS} for year in (BEFORE, LAST)
    )
    program.share(
        f"change_in_victims:europe:{LAST}", last["europe"] - before["europe"], before["europe"]
    )
    program.ratio(
        f"times_as_many:latin_america:{LAST}", last["latin_america"], before["latin_america"]
    )
    program.order(
        f"order:africa_falls:{LAST}",
        (before["africa"], last["africa"]),
        (before["africa"] * victims[LAST], last["africa"] * victims[BEFORE]),
    )
    foreign = {
        year: Linear({}, victims[year] - read_size(forms, year, DOMESTIC))
        - cells[year]["NLD"]
        - cells[year][UNKNOWN]
        for year in YEARS[2:]
    }
    program.order(
        "order:foreign_victims",
        (foreign[BEFORE], foreign[BEFORE - 1]),
        (foreign[BEFORE], foreign[LAST]),
    )


def _order_nations(program: Program, cells: Cells, forms: Numbers) -> None:
    """No nationality comes before the last of those that are printed of a year."""
    last = {**cells[LAST], "NLD": cells[LAST]["NLD"] + read_size(forms, LAST, DOMESTIC)}
    key = f"order:nationalities:{LAST}"
    program.order(key, *((last[more], last[less]) for more, less in itertools.pairwise(RANKED)))
    for region in REGIONS:
        n = _count_codes(region)
        program.order(key, (n * last[RANKED[-1]], last[region] + n))
        for year in YEARS[:-1]:
            printed = [
                round(program.printed[name][0].value)
                for name in program.printed
                if name.startswith("nationality:") and name.endswith(f":{year}")
            ]
            if printed:
                program.hold(f"first five of {year}", cells[year][region], high=n * min(printed))


def state_sexual_sectors(program: Program, forms: Numbers) -> None:
    """Victims of sexual exploitation by sector (figure 2.3). One home in ten is an escort too,
    which hardly moves a share: that falls by a point at least."""
    sexual = {year: sum(read_size(forms, year, form) for form in SEXUAL) for year in YEARS}
    known = dict(
        zip(
            YEARS,
            share_out(read_number(program, "sector_known:sexual"), list(sexual.values())),
            strict=True,
        )
    )
    program.stated.add("sector_known:sexual")
    cells: Cells = {}
    for year in YEARS:
        near = share_out(known[year], [1] * len(SEXUAL_SECTORS))
        cells[year] = {
            name: program.add(str(year), "sexual", f"sector:{name}", near=n)
            for name, n in zip(SEXUAL_SECTORS, near, strict=True)
        }
        program.equal(f"sectors of {year}", add_up(cells[year].values()), known[year])
    visible = {year: add_up(cells[year][name] for name in VISIBLE) for year in YEARS}
    program.order("order:visible_sectors_fall", (Linear({}, known[2016]), 2 * visible[2016]))
    for year in YEARS[1:]:
        fall = visible[year - 1] * known[year] - visible[year] * known[year - 1]
        program.hold("order:visible_sectors_fall", fall, low=known[year] * known[year - 1] // 100)
    for first, until in ((2016, 2017), (2017, 2019)):
        years = range(first, until + 1)
        # A mention more of each tenth home.
        mentions = add_up(10 * add_up(cells[y].values()) + cells[y]["home"] for y in years)
        program.share(
            f"share_less_visible:{first}-{until}",
            mentions - 10 * add_up(visible[y] for y in years),
            mentions,
        )
    before, last = cells[BEFORE], cells[LAST]
    program.order(
        f"order:only_escort_and_hotel_rise:{LAST}",
        (
            10 * last["escort_hotel"] + last["home"],
            10 * before["escort_hotel"] + before["home"] + 10,
        ),
        *((before[name], last[name]) for name in SEXUAL_SECTORS if name != "escort_hotel"),
    )


def state_labour_sectors(program: Program, forms: Numbers, fairwork: int) -> None:
    """Victims of labour exploitation by sector (figure 2.4), and of FairWork's reports of the last
    year how many lack it. Of other services every second is health and welfare too, which counts
    first."""
    labour = {year: count_form(forms, year, "labour") for year in YEARS}
    share = read_number(program, "share_sector_known:labour")
    cells: Cells = {}
    for year in YEARS:
        key = f"share_sector_known:labour:{year}"
        own = read_number(program, key) if key in program.printed else share
        near = share_out(own * labour[year] // 100, [1] * len(LABOUR_SECTORS))
        cells[year] = {
            name: program.add(str(year), "labour", f"sector:{name}", near=n)
            for name, n in zip(LABOUR_SECTORS, near, strict=True)
        }
        known = add_up(cells[year].values())
        program.hold(f"sectors of {year}", known, high=labour[year])
        program.share(key, known, Linear({}, labour[year]))
    every = add_up(add_up(part.values()) for part in cells.values())
    program.share("share_sector_known:labour", every, Linear({}, sum(labour.values())))
    last = cells[LAST]
    program.order(
        f"order:labour_sectors:{LAST}",
        *(
            (
                last[more] if more != "other_services" else last[more] - last["health_welfare"],
                last[less],
            )
            for more in LARGEST
            for less in LABOUR_SECTORS[3:]
        ),
    )
    whole = Linear({}, fairwork)
    key = f"share_sector_unknown:fairwork:{LAST}"
    near_unknown = read_number(program, key) * fairwork // 100
    unknown = program.add(str(LAST), "fairwork", "sector_unknown", near=near_unknown)
    program.share(key, unknown, whole)
    program.hold("sectors without FairWork", add_up(last.values()) + unknown, high=labour[LAST])


def state_activities(program: Program, forms: Numbers) -> None:
    """Victims of criminal exploitation by the way of it (figure 2.5)."""
    criminal = {year: count_form(forms, year, "criminal") for year in YEARS}
    share = read_number(program, f"share_drug_offences:{LAST}")
    drugs_last, from_africa = read_drugs(program, forms)
    cells: Cells = {}
    for year, n in criminal.items():
        drugs = share * n // 100
        others = share_out(n - drugs, [1] * len(ACTIVITIES))
        cells[year] = {
            name: program.add(str(year), "criminal", f"activity:{name}", near=near)
            for name, near in zip(ACTIVITIES, [drugs, *others[1:]], strict=True)
        }
        program.hold(f"activities of {year}", add_up(cells[year].values()), high=n)
        program.share(f"share_drug_offences:{year}", cells[year]["drug_offences"], Linear({}, n))
    program.equal("in drugs", cells[LAST]["drug_offences"], drugs_last)
    program.add(
        str(LAST),
        "criminal",
        "african_drug_dublin",
        near=from_africa,
        low=from_africa,
        high=from_africa,
    )
    drugs_by_year = {year: part["drug_offences"] for year, part in cells.items()}
    whole = {name: add_up(part[name] for part in cells.values()) for name in ACTIVITIES}
    program.order(
        "order:drug_offences_lead",
        *(
            (drugs_by_year[year] * criminal[year - 1], drugs_by_year[year - 1] * criminal[year])
            for year in YEARS[1:]
        ),
        *((whole["drug_offences"], whole[name]) for name in ACTIVITIES[1:]),
    )


def state_border_police(program: Program) -> None:
    """Victims of sexual exploitation whom the border police alone reported: what the totals of all
    reporters leave, and in years without one as many of a hundred victims as in the others."""
    printed, victims = program.printed, weigh_years(program)
    known = {
        year: read_number(program, key) - victims[year]
        for year in YEARS
        if (key := f"victims_of_all_reporters:{year}") in printed
    }
    for year in YEARS:
        key = f"reports_of_all:kmar:{year}"
        if key in printed:
            known[year] = read_number(program, key) - read_number(program, f"reports:kmar:{year}")
    share = sum(known.values()) / sum(victims[year] for year in known)
    for year in YEARS:
        near = known.get(year, round(share * victims[year]))
        alone = program.add(str(year), "sexual", "kmar_only", near=near)
        program.count(f"victims_of_all_reporters:{year}", alone + victims[year])
        key = f"reports_of_all:kmar:{year}"
        if key in printed:
            program.count(key, alone + read_number(program, f"reports:kmar:{year}"))
