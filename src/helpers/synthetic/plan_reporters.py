"""Makes the second part of the plan of the reports: who reported the victims of each form and year.

What was printed holds; of the rest each cell is as near to its share as that leaves it: a reporter
has the same share of the reports of each form, or where a share of a form was printed, that share
in each year.
"""

from __future__ import annotations

from helpers.definitions import FORMS, UNKNOWN
from helpers.synthetic.allocation import share_out
from helpers.synthetic.plan_forms import (
    BEFORE,
    CROSS_BORDER,
    LAST,
    WHOLE,
    YEARS,
    Cells,
    count_form,
    read_number,
    read_size,
    share_years,
    weigh_years,
)
from helpers.synthetic.program import Linear, Numbers, Program, add_up

# Of labour exploitation alone; the others report of every form.
OF_LABOUR = ("labour_inspectorate", "fairwork")
CONSENT = ("care_coordinator", "other", "fairwork")
REPORTERS = ("police", "kmar", "care_coordinator", "other", *OF_LABOUR)
NORTH, NATIONAL = "north_netherlands", "national_unit"


def state_reporters(program: Program, forms: Numbers) -> None:
    """A victim is known through the police alone, through another alone, or through the police and
    one other; the border police report beside the police (figure 2.9)."""
    near = _share_reporters(program, forms)
    cells: Cells = {}
    for year in YEARS:
        cells[year] = {}
        for form in FORMS:
            size = read_size(forms, year, form)
            own = {
                name: program.add(str(year), form, name, near=near[name, year, form], high=size)
                for name in REPORTERS
                if form == "labour" or name not in OF_LABOUR
            }
            both = program.add(str(year), form, "second_reporter", near=near["both", year, form])
            others = add_up(cell for name, cell in own.items() if name != "police")
            program.equal(f"reporters of {form} {year}", own["police"] + others - both, size)
            for name, whole in (("police", own["police"]), ("others", others)):
                program.hold(f"both reporters of {form} {year}: {name}", whole - both, low=0)
            program.hold(f"border police of {form} {year}", both - own["kmar"], low=0)
            cells[year] |= {f"{name} {form}": cell for name, cell in own.items()}
    _hold_reporters(program, cells)
    _hold_forms(program, cells)
    _hold_labour(program, cells, forms)


def _share_reporters(program: Program, forms: Numbers) -> dict[tuple[str, int, str], int]:
    """What each cell would be by the printed totals of a year and shares of a form."""
    victims, printed = weigh_years(program), program.printed
    excess = read_number(program, f"reports:{WHOLE}") - sum(victims.values())
    both = share_years(program, excess)
    fairwork = read_number(program, f"share_of_labour_victims:fairwork:{LAST}")
    near: dict[tuple[str, int, str], int] = {}
    for year in YEARS:
        sizes = [read_size(forms, year, form) for form in FORMS]
        shared = dict(zip(FORMS, share_out(both[year], sizes), strict=True))
        for form, size in zip(FORMS, sizes, strict=True):
            key = f"share_of_reports:police:{form}"
            share = read_number(program, key if key in printed else "share_of_reports:police")
            reports = size + shared[form]
            police = share * reports // 100
            border = shared[form] // 10
            rest = reports - police - border
            near |= {
                ("both", year, form): shared[form],
                ("police", year, form): police,
                ("kmar", year, form): border,
                ("labour_inspectorate", year, form): rest // 5,
                ("fairwork", year, form): fairwork * size // 100 if year == LAST else rest // 5,
                ("care_coordinator", year, form): rest // (4 if form == "labour" else 2),
                ("other", year, form): rest // (4 if form == "labour" else 2),
            }
    return near


def _add(cells: dict[str, Linear], *names: str, form: str = "") -> Linear:
    return add_up(
        cell
        for key, cell in cells.items()
        if (not names or key.split()[0] in names) and form in ("", key.split()[1])
    )


def _hold_reporters(program: Program, cells: Cells) -> None:
    """Reports by reporter and year."""
    every = {year: _add(part) for year, part in cells.items()}
    by = {name: {year: _add(part, name) for year, part in cells.items()} for name in REPORTERS}
    consent = {year: _add(part, *CONSENT) for year, part in cells.items()}
    for year in YEARS:
        for name in REPORTERS:
            program.count(f"reports:{name}:{year}", by[name][year])
        program.count(f"reports:without_legal_basis:{year}", consent[year])
        program.share(f"share_of_reports:police:{year}", by["police"][year], every[year])
    program.count(f"reports:{WHOLE}", add_up(every.values()))
    program.count(f"reports:police:{WHOLE}", add_up(by["police"].values()))
    police = by["police"]
    program.share(
        f"change_in_reports:police:{LAST}",
        police[BEFORE] - police[LAST],
        police[BEFORE],
        is_loose=True,
    )
    program.order(
        "order:police_by_year",
        (police[2016], police[2017]),
        (police[2018], police[2017]),
        (police[2019], police[2018]),
    )
    program.ratio(f"times_as_many:fairwork:{LAST}", by["fairwork"][LAST], by["fairwork"][BEFORE])
    loose = {year: _add(cells[year], "care_coordinator", "other") for year in (BEFORE, LAST)}
    # The share falls too where the number falls by more than the reports do, a third at most.
    program.order(
        f"order:consent_reporters_fall:{LAST}",
        (loose[BEFORE], loose[LAST]),
        (loose[BEFORE], 2 * loose[LAST]),
    )


def _hold_forms(program: Program, cells: Cells) -> None:
    """Shares of the reports of each form over the period."""
    whole = {name: add_up(part[name] for part in cells.values()) for name in cells[LAST]}
    for form in ("", *FORMS):
        every, suffix = _add(whole, form=form), f":{form}" if form else ""
        key = f"share_of_reports:police{suffix}"
        program.share(key, _add(whole, "police", form=form), every, is_loose=not form)
        consent = _add(whole, *CONSENT, form=form)
        program.share(f"share_of_reports:without_legal_basis{suffix}", consent, every)
    inspectorate = whole["labour_inspectorate labour"]
    program.share(
        "share_of_labour_reports:labour_inspectorate", inspectorate, _add(whole, form="labour")
    )


def _hold_labour(program: Program, cells: Cells, forms: Numbers) -> None:
    labour = Linear({}, count_form(forms, LAST, "labour"))
    for name in OF_LABOUR:
        program.share(
            f"share_of_labour_victims:{name}:{LAST}", cells[LAST][f"{name} labour"], labour
        )


def state_units(program: Program, reporters: Numbers) -> None:
    """Reports of North Netherlands, of the National Unit, and those by a second unit (figure 2.10);
    the other units share what is left by the weights that `victims` draws them with. Second units
    report cross-border sexual exploitation."""
    police = {
        (year, form): reporters[str(year), form, "police"] for year in YEARS for form in FORMS
    }
    whole = read_number(program, f"police_reports:{WHOLE}")
    excess = whole - sum(police.values())
    north = {
        year: read_number(program, f"police_reports:{NORTH}:{year}") for year in (BEFORE, LAST)
    }
    of_year = {year: sum(police[year, form] for form in FORMS) for year in YEARS}
    cells: Cells = {}
    second = share_out(excess, [police[year, CROSS_BORDER] for year in YEARS])
    for year, extra in zip(YEARS, second, strict=True):
        near = north.get(year, north[LAST] * of_year[year] // of_year[LAST])
        cells[year] = {
            form: program.add(
                str(year),
                form,
                NORTH,
                near=near * police[year, form] // of_year[year],
                high=police[year, form],
            )
            for form in FORMS
        }
        program.add(str(year), CROSS_BORDER, "second_unit", near=extra, low=extra, high=extra)
        program.count(f"police_reports:{NORTH}:{year}", add_up(cells[year].values()))
    _order_units(program, cells, police)
    for year in (YEARS[0], LAST):
        national = program.add(str(year), CROSS_BORDER, NATIONAL, near=1)
        program.count(f"police_reports:{NATIONAL}:{CROSS_BORDER}:{year}", national)


def _order_units(program: Program, cells: Cells, police: dict[tuple[int, str], int]) -> None:
    """North Netherlands leads where it is printed to; East Brabant and Rotterdam, with the weights
    of an eighth and a quarter of what is left, lead in domestic sexual exploitation and in form
    unknown."""
    program.stated |= {
        f"police_reports:{WHOLE}",
        f"order:units:{LAST}",
        *(f"rank_of_unit:{unit}:{LAST}" for unit in ("east_netherlands", "amsterdam")),
        f"order:units_fall:{LAST}",
        "order:units_report_cross_border_most",
        "order:national_unit",
    }
    for form, part in ((FORMS[0], 9), (UNKNOWN, 6)):
        total = sum(police[year, form] for year in YEARS)
        own = add_up(cells[year][form] for year in YEARS)
        program.order("order:units_by_form", (Linear({}, total), part * own))
