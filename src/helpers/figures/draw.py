"""The kinds of picture: a line over years with its breaks, and dots on a scale."""

from __future__ import annotations

import textwrap
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from helpers.definitions import NOT_RECORDED, UNKNOWN
from helpers.edition import Edition
from helpers.figures.picture import Notice, Picture, make_notice, make_picture
from helpers.figures.style import COLOURS, GREY, LINES, MARKERS, WIDTH_INCHES, set_style
from helpers.figures.wording import count_decimals, format_cell, list_series, name_code
from helpers.labels import (
    capitalise,
    format_list,
    format_number,
    format_share,
    label,
    text,
)
from helpers.published import read_documents
from helpers.published.catalogue import VAGUE
from helpers.release import Released

_RING: dict[str, Any] = {
    "linestyle": "",
    "marker": "o",
    "markersize": 11,
    "markerfacecolor": "none",
    "color": "black",
    "markeredgewidth": 1.1,
}

# Words over a line stand on the picture's ground, so that no line crosses them.
_CLEAR: dict[str, Any] = {
    "zorder": 3,
    "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 0.6},
}
_RATIOS = {"times", "times_expected"}
_ORDERED = ("period", "year", "month", "times", "step_of_flow", "chapter", "model")
_LAST = ("other", UNKNOWN, NOT_RECORDED, "none")
# Longer names stand in a legend below the picture.
_LONGEST_DIRECT = 16
_TALL_INCHES = 5.0
# With no more points than this each says its value.
_FEW_VALUES = 12
# The width of the years in points, that of a year in which a value may touch the next one's, and that
# of a small letter; how far a value that leans stands back from its point.
_POINTS_WIDE, _NARROW, _LETTER = 250, 24, 5.5
_AWAY = {"center": 0, "right": 4, "left": -4}
# Characters of a line of the words below the years.
_NOTE_WIDTH = 56


def plot_trend(
    released: Released,
    *,
    y: str = "n",
    hue: str | None = None,
    years: range | None = None,
    breaks: Released | None = None,
    only: dict[str, str] | None = None,
    absent: str = "not_printed",
    printed: Released | None = None,
) -> Picture | Notice:
    """Draw `y` over the years, one line a code of `hue`; the line stops at a gap or a break, and
    gaps stay empty.

    `years` is the axis (by default the edition's years). `breaks` is a released table with `year`
    and `id`; its letters stand above the picture. `only` names codes that the picture is limited
    to; `absent` is the text of a year without a number. `printed` is a table of printed numbers
    with the same columns: they stand as open rings over the line. Rows whose `period` is no single
    year are left out of the picture, not of the table. Where nothing is left, words stand in place
    of a picture.
    """
    edition = released.edition
    years = years or edition.years
    rows = _select_yearly(released, y, only or {})
    if printed is not None and rows.empty:
        return make_notice(released)
    set_style()
    figure, axes = plt.subplots(figsize=(WIDTH_INCHES, 3.5))
    series = [
        code for code in list_series(released, hue) if hue is None or (rows[hue] == code).any()
    ]
    splits = [] if breaks is None else _list_splits(breaks)
    for number, code in enumerate(series):
        part = rows if code is None else rows[rows[hue] == code]
        _draw_line(
            axes,
            part,
            y,
            number,
            splits,
            None if code is None else name_code(code, hue, edition.language),
        )
    rings = rows.iloc[:0] if printed is None else _select_yearly(printed, y, only or {})
    rings = rings[rings["period"].isin(years)]
    _draw_printed(axes, rings, y, hue, series, edition.language)
    axes.set(xlabel="", ylabel="")
    _set_year_axis(axes, years)
    _set_value_axis(axes, pd.concat([rows, rings]), y, edition.language)
    empty = sorted(set(years) - set(rows["period"]))
    _mark_empty_years(axes, empty, text(absent, edition.language))
    if years != edition.years and set(years) & set(edition.years):
        _shade_edition(axes, edition.years, edition.language)
    if breaks is not None:
        _draw_breaks(axes, breaks, years, has_values=printed is None and len(rows) <= _FEW_VALUES)
    is_plain = printed is None
    if is_plain and len(rows) <= _FEW_VALUES:
        _write_values(axes, rows, y, hue, series, edition.language)
    _name_lines(axes, rows, y, hue, series, edition, is_plain=is_plain)
    alt = _describe_trend(released, rows, y, hue, series, years, breaks, empty)
    return make_picture(figure, released, alt, drawn=rows)


def plot_dots(
    released: Released,
    *,
    x: str = "share",
    y: str = "category",
    hue: str | None = None,
    beside: Released | None = None,
    interval: bool = True,
    period: str | None = None,
    printed: Released | None = None,
) -> Picture | Notice:
    """Draw one dot a row on the scale of `x`, one line a code of `y` with its name above it, and
    the number beside the dot.

    A number printed loosely (about, more than, ...) has a hollow dot and its words. Rows without
    `x` are left out, and where the rows have several periods, each name says its own. `beside`
    holds rows of another table, drawn below as a series of its own (their population). `interval`
    False leaves limits out; `period` limits the picture to one. `printed` is a table of printed
    numbers with
    the same columns: they stand as open rings. Where nothing is left, words stand in place of a
    picture.
    """
    edition = released.edition
    rows = _select_dots(released, x, y, hue, beside, period)
    if not interval:
        rows = rows.drop(columns=["ci_lower", "ci_upper"], errors="ignore")
    if rows.empty:
        return make_notice(released)
    rows = rows.assign(
        name=_name_rows(rows, y, edition, is_told=hue == "period"),
        ring=_find_rings(rows, x, [y, *([hue] if hue else []), "period"], printed),
    ).astype({"ring": float})
    series = list(dict.fromkeys(rows[hue])) if hue else [None]
    places, end = _place_dots(rows, hue, series)
    set_style()
    figure, axes = plt.subplots(figsize=(WIDTH_INCHES, 0.7 + 0.264 * (end + 0.3) / 1.1))
    for name in dict.fromkeys(rows["name"]):
        at = min(place for (of, _), place in places.items() if of == name) - 0.95
        axes.text(
            0, at, name, ha="left", va="center", transform=axes.get_yaxis_transform(), **_CLEAR
        )
    for number, code in enumerate(series):
        part = rows if code is None else rows[rows[hue] == code]
        _draw_dots(axes, part, x, [places[name, code] for name in part["name"]], number, edition)
        look: dict[str, Any] = {
            "linestyle": "",
            "marker": MARKERS[number],
            "color": COLOURS[number],
        }
        named = None if code is None else name_code(code, hue, edition.language)
        axes.plot([], [], label=named, **look)
    axes.set_ylim(end - 0.3, -0.8)
    _set_dot_axis(axes, rows, x, edition.language)
    if rows["ring"].notna().any():
        axes.plot([], [], label=text("as_printed", edition.language), **_RING)
    if hue or rows["ring"].notna().any():
        is_tall = figure.get_figheight() > _TALL_INCHES
        _draw_legend(axes, top=None if is_tall else -0.95 / figure.get_figheight())
    return make_picture(figure, released, _describe_dots(released, rows, x, hue), drawn=rows)


def _select_dots(
    released: Released, x: str, y: str, hue: str | None, beside: Released | None, period: str | None
) -> pd.DataFrame:
    """The rows with a number, the largest first; those of the table beside follow in their own
    order."""

    def choose(table: Released) -> pd.DataFrame:
        known = table.known()
        chosen = known[x].notna() & ((known["period"] == period) if period else True)
        return known[chosen].drop_duplicates([y, x, *([hue] if hue else [])])

    rows = _sort_rows(choose(released), x, y)
    return rows if beside is None else pd.concat([rows, choose(beside)], ignore_index=True)


def _find_rings(
    rows: pd.DataFrame, x: str, keys: list[str], printed: Released | None
) -> list[float | None]:
    """The printed number of each row, where the other table has one under the same keys."""
    if printed is None:
        return [None] * len(rows)
    rings = {tuple(row[keys]): row[x] for _, row in printed.known().iterrows()}
    return [rings.get(tuple(row.reindex(keys))) for _, row in rows.iterrows()]


def _place_dots(
    rows: pd.DataFrame, hue: str | None, series: list
) -> tuple[dict[tuple[str, Any], float], float]:
    """The height of each dot by name and series, a line below its name, and where they end."""
    places: dict[tuple[str, Any], float] = {}
    place = 0.0
    for name in dict.fromkeys(rows["name"]):
        of_name = rows[rows["name"] == name]
        present = [code for code in series if hue is None or (of_name[hue] == code).any()]
        places |= {(name, code): place + 0.95 * (line + 1) for line, code in enumerate(present)}
        place += 0.95 * len(present) + 1.25
    return places, place


def _select_yearly(released: Released, y: str, only: dict[str, str]) -> pd.DataFrame:
    known = released.known()
    rows = known[known["period"].str.fullmatch(r"\d{4}") & known[y].notna()]
    for column, code in only.items():
        rows = rows[rows[column] == code]
    return rows.assign(period=rows["period"].astype(int)).sort_values("period", kind="stable")


def _name_rows(rows: pd.DataFrame, y: str, edition: Edition, *, is_told: bool) -> list[str]:
    """The names, with the period where the rows have several and nothing else tells it."""
    names = [name_code(code, y, edition.language) for code in rows[y]]
    if is_told or y == "period" or "period" not in rows or rows["period"].nunique() < 2:
        return names
    return [
        f"{name} ({label(period, edition.language)})"
        for name, period in zip(names, rows["period"], strict=True)
    ]


def _sort_rows(rows: pd.DataFrame, x: str, y: str) -> pd.DataFrame:
    """The rows with the largest first, by the first row of each code of `y`; codes with an order of
    their own (years, ages, steps) keep it, and what is other or unknown stands last."""
    codes = list(dict.fromkeys(rows[y]))
    if y in _ORDERED or any(character.isdigit() for code in codes for character in code):
        return rows
    size = rows.drop_duplicates(y).set_index(y)[x]
    order = sorted(codes, key=lambda code: (code.startswith(_LAST), -size[code]))
    return rows.sort_values(y, key=lambda words: words.map(order.index), kind="stable")


def _draw_legend(axes: Axes, *, top: float | None) -> None:
    """The legend below the picture at `top`; above it where there is none, so that a tall picture
    does not end with the names of what it began with."""
    handles, names = axes.get_legend_handles_labels()
    axes.legend(
        handles,
        [textwrap.fill(name, 44) for name in names],
        frameon=False,
        loc="lower left" if top is None else "upper left",
        bbox_to_anchor=(0, 1 if top is None else top),
        handlelength=2.6,
    )


def _draw_line(
    axes: Axes, rows: pd.DataFrame, y: str, number: int, splits: list[int], name: str | None
) -> None:
    # A later line is thinner, so that one that coincides with it stays in sight.
    look: dict[str, Any] = {
        "color": COLOURS[number],
        "marker": MARKERS[number],
        "linestyle": LINES[number],
        "markersize": 7.5 - 0.5 * number,
        "linewidth": 2.6 - 0.3 * number,
        "markeredgewidth": 0,
    }
    for part in _split_spells(rows, splits):
        sns.lineplot(
            data=part, x="period", y=y, ax=axes, estimator=None, errorbar=None, legend=False, **look
        )
    axes.plot([], [], label=name, **look)
    if "precision" in rows:
        vague = rows[rows["precision"].isin(VAGUE)]
        axes.plot(
            vague["period"],
            vague[y],
            linestyle="",
            marker=MARKERS[number],
            markersize=6,
            markerfacecolor="white",
            color=COLOURS[number],
        )


def _draw_printed(
    axes: Axes, rows: pd.DataFrame, y: str, hue: str | None, series: list[str | None], language: str
) -> None:
    """A ring in the colour of its line around each value that was printed; the legend says where."""
    for number, code in enumerate(series):
        part = rows if code is None else rows[rows[hue] == code]
        ring = {**_RING, "color": COLOURS[number], "clip_on": False}
        axes.plot(part["period"], part[y], **ring)
    if len(rows):
        axes.plot([], [], label=_name_print(rows, language), **_RING)


def _name_print(rows: pd.DataFrame, language: str) -> str:
    """That the rings are printed, and by which documents; public statistics have no title."""
    titles = read_documents().set_index("prefix")[f"document_{language}"]
    prefixes = {part.partition("-")[0] for ids in rows["source"] for part in ids.split("|")}
    named = [title for prefix, title in titles.items() if prefix in prefixes]
    printed = text("as_printed", language)
    return f"{printed} ({'; '.join(named)})" if named else printed


def _name_lines(
    axes: Axes,
    rows: pd.DataFrame,
    y: str,
    hue: str | None,
    series: list[str | None],
    edition: Edition,
    *,
    is_plain: bool,
) -> None:
    """Names beside the lines where they fit and no ring is drawn, or else in a legend below."""
    if hue is not None and is_plain and _label_lines(axes, rows, y, hue, series, edition):
        return
    if hue is not None or not is_plain:
        _draw_legend(axes, top=-0.14 - 0.065 * len(axes.get_xlabel().splitlines()))


def _write_values(
    axes: Axes, rows: pd.DataFrame, y: str, hue: str | None, series: list[str | None], language: str
) -> None:
    """The value beside each point: above the highest of a year, below the lowest, and to the right
    of those between. Where years are narrow, those at the ends of a line lean away from it."""
    left, right = axes.get_xlim()
    is_narrow = _POINTS_WIDE / (right - left) < _NARROW
    for year, part in rows.sort_values(y).groupby("period", sort=True):
        for place, (_, row) in enumerate(part.iterrows()):
            is_top, is_low = place == len(part) - 1, place == 0
            number = 0 if hue is None else series.index(row[hue])
            of_line = rows if hue is None else rows[rows[hue] == row[hue]]
            lean = _lean(set(of_line["period"]), year, int(left) + 1) if is_narrow else "center"
            axes.annotate(
                _format_tick(row[y], y, language),
                (year, row[y]),
                xytext=(_AWAY[lean], 7) if is_top else (_AWAY[lean], -7) if is_low else (8, 0),
                textcoords="offset points",
                ha=lean if is_top or is_low else "left",
                va="bottom" if is_top else "top" if is_low else "center",
                fontsize=9,
                color=COLOURS[number],
                **_CLEAR,
            )


def _lean(years: set[int], year: int, first: int) -> str:
    """To which side a value is aligned: the first of a line ends at its point, the last begins there;
    the first year of the picture has no room on its left."""
    before, after = year - 1 in years, year + 1 in years
    if before == after or (after and year == first):
        return "center"
    return "right" if after else "left"


def _split_spells(rows: pd.DataFrame, splits: list[int]) -> list[pd.DataFrame]:
    """The rows in runs that one line may join: neighbouring years of one population, with no break
    between them."""
    gap = (rows["period"].diff() > 1).cumsum().rename("gap")
    side = sum(
        ((rows["period"] >= year).astype(int) for year in splits),
        start=pd.Series(0, index=rows.index),
    ).rename("side")
    population = [rows["population"]] if "population" in rows else []
    return [part for _, part in rows.groupby([*population, gap, side])]


def _set_year_axis(axes: Axes, years: range) -> None:
    """Every year has a tick; as many are named as fit on a phone, the last one always."""
    step = 1 if len(years) <= 8 else 2 if len(years) <= 13 else 3
    axes.set_xlim(years.start - 0.5, years.stop - 0.5)
    axes.set_xticks(
        list(years), [str(year) if (years.stop - 1 - year) % step == 0 else "" for year in years]
    )


def _mark_empty_years(axes: Axes, years: list[int], words: str) -> None:
    """A year without a number says so, instead of looking like a zero; once for
    several years in a row, where the words fit below each other."""
    left, right = axes.get_xlim()
    wide = _POINTS_WIDE / (right - left)
    lines = words.split()
    for run in _list_runs(years):
        fits = len(run) * wide > _LETTER * max(map(len, lines))
        for year in [(run[0] + run[-1]) / 2] if fits else run:
            axes.text(
                year,
                0.04,
                "\n".join(lines) if fits else words,
                transform=axes.get_xaxis_transform(),
                rotation=0 if fits else 90,
                ha="center",
                va="bottom",
                color=GREY,
                fontsize=9,
            )
        if fits:
            axes.plot(
                [run[0] - 0.3, run[-1] + 0.3],
                [0.025, 0.025],
                transform=axes.get_xaxis_transform(),
                color=GREY,
                linewidth=1,
            )


def _list_runs(years: list[int]) -> list[list[int]]:
    """The years in runs of neighbours."""
    runs: list[list[int]] = []
    for year in years:
        if runs and runs[-1][-1] + 1 == year:
            runs[-1].append(year)
        else:
            runs.append([year])
    return runs


def _shade_edition(axes: Axes, years: range, language: str) -> None:
    """A band behind the edition's own years, in a picture that shows more of them."""
    axes.axvspan(
        years.start - 0.5,
        years.stop - 0.5,
        color="#ececec",
        zorder=-1,
        label=text("this_edition", language),
    )


def _set_value_axis(axes: Axes, rows: pd.DataFrame, y: str, language: str) -> None:
    axes.set_ylim(0, rows[y].max() * 1.06 if len(rows) and rows[y].max() else 1)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=y == "n", steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _format_tick(value, y, language)))
    units = list(dict.fromkeys(rows["unit"])) if "unit" in rows and len(rows) else ["victims"]
    if y == "share":
        units = ["percent"]
    # Lines that count different things have no unit in common.
    name = label(units[0], language, kind="unit") if len(units) == 1 else ""
    axes.set_title(name, loc="left", x=-0.12, pad=20, fontsize=10, color=GREY)


def _format_tick(value: float, column: str, language: str) -> str:
    return (
        format_share(value, language)
        if column == "share"
        else format_number(value, language, decimals=count_decimals(value, 2))
    )


def _list_splits(breaks: Released) -> list[int]:
    """The years before which no line may cross."""
    return [int(row["year"]) for _, row in breaks.table.iterrows() if row["splits"] == "yes"]


def _draw_breaks(axes: Axes, breaks: Released, years: range, *, has_values: bool) -> None:
    """A dotted line before the first year of each break, with its letter; what happened stands
    below the years."""
    shown: list[str] = []
    if has_values:  # room between the highest value and the letters
        axes.set_ylim(0, axes.get_ylim()[1] * 1.1)
    for _, row in breaks.table.iterrows():
        year = int(row["year"])
        if years.start < year < years.stop:
            shown.append(f"{row['id']}\u00a0{row[f'label_{breaks.edition.language}']}")
            axes.axvline(year - 0.5, color=GREY, linewidth=1, linestyle=(0, (2, 2)), zorder=0)
            axes.text(
                year - 0.5,
                1.0,
                row["id"],
                transform=axes.get_xaxis_transform(),
                ha="center",
                va="bottom",
                color=GREY,
                fontsize=10,
                weight="bold",
            )
    if shown:
        words = textwrap.fill("; ".join(shown), _NOTE_WIDTH)
        axes.set_xlabel(words, loc="left", fontsize=9, color=GREY)


def _draw_dots(
    axes: Axes, rows: pd.DataFrame, x: str, places: list[float], number: int, edition: Edition
) -> None:
    vague = rows["precision"].isin(VAGUE).tolist() if "precision" in rows else [False] * len(rows)
    for (_, row), place, is_vague in zip(rows.iterrows(), places, vague, strict=True):
        if "ci_lower" in row and pd.notna(row["ci_lower"]):
            axes.plot(
                [row["ci_lower"], row["ci_upper"]],
                [place, place],
                color=COLOURS[number],
                linewidth=2,
                alpha=0.55,
                zorder=1,
            )
        elif (
            "ci_lower" not in row and row.get("unit") not in _RATIOS
        ):  # beside intervals, a line from zero would read as one
            axes.plot([0, row[x]], [place, place], color="#c8c8c8", linewidth=1, zorder=0)
        axes.plot(
            row[x],
            place,
            marker=MARKERS[number],
            color=COLOURS[number],
            markersize=8,
            markerfacecolor="white" if is_vague else COLOURS[number],
            clip_on=False,
        )
        if pd.notna(row["ring"]):
            axes.plot(row["ring"], place, **_RING)
        end = (
            row[[column for column in (x, "ci_upper", "ring") if column in row]].astype(float).max()
        )
        axes.annotate(
            _word_dot(row, x, edition),
            (end, place),
            xytext=(9, 0),
            textcoords="offset points",
            va="center",
            **_CLEAR,
        )


def _word_dot(row: pd.Series, x: str, edition: Edition) -> str:
    """The number of a dot and, where another was printed, that one with its ring: the words say
    whose each is."""
    words = format_cell(row, x, edition)
    if pd.isna(row["ring"]) or abs(row["ring"] - row[x]) <= 0.005 * abs(row[x]):
        return words
    printed = row.copy()
    printed[x] = row["ring"]
    return f"{words} (\N{WHITE CIRCLE} {format_cell(printed, x, edition)})"


def _set_dot_axis(axes: Axes, rows: pd.DataFrame, x: str, language: str) -> None:
    ends = rows[[column for column in (x, "ci_lower", "ci_upper", "ring") if column in rows]]
    units = set(rows["unit"]) if "unit" in rows and x == "value" else set()
    if units and units <= _RATIOS and ends.min(axis=None) > 0:
        _set_ratio_axis(axes, float(ends.min(axis=None)), float(ends.max(axis=None)))
    else:
        axes.set_xlim(0, ends.max(axis=None) * 1.3 or 1)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _format_tick(value, x, language)))
    unit = "percent" if x == "share" else units.pop() if len(units) == 1 else ""
    if x == "n":
        unit = rows["unit"].iloc[0] if "unit" in rows and rows["unit"].nunique() == 1 else ""
    if unit:
        axes.set_xlabel(label(unit, language, kind="unit"), color=GREY)
    axes.spines["left"].set_visible(False)
    axes.set_yticks([])


def _set_ratio_axis(axes: Axes, least: float, most: float) -> None:
    """Half as many lies as far from once as many as twice as many does."""
    axes.set_xscale("log")
    least, most = min(least, 1) / 1.15, max(most, 1)
    axes.set_xlim(least, most * (most / least) ** 0.35)
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if most / least < 300 else (1,)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.axvline(1, color=GREY, alpha=0.6, linewidth=1, linestyle=LINES[2], zorder=0)


def _label_lines(
    axes: Axes, rows: pd.DataFrame, y: str, hue: str, series: list, edition: Edition
) -> bool:
    """Name each line beside its last point; False, with nothing drawn, where the names are long."""
    names = [name_code(code, hue, edition.language) for code in series]
    if not names or max(map(len, names)) > _LONGEST_DIRECT:
        return False
    last = [rows[rows[hue] == code].iloc[-1] for code in series]
    gap = 0.075 * axes.get_ylim()[1]
    height = -gap
    for number, point in sorted(enumerate(last), key=lambda pair: pair[1][y]):
        height = max(float(point[y]), height + gap)
        axes.annotate(
            names[number],
            (1.0, height),
            xycoords=axes.get_yaxis_transform(),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=COLOURS[number],
            weight="bold",
        )
    return True


def _describe_trend(
    released: Released,
    rows: pd.DataFrame,
    y: str,
    hue: str | None,
    series: list,
    years: range,
    breaks: Released | None,
    empty: list[int],
) -> str:
    """A sentence a series: its first, last, highest and lowest number, or every number of a few;
    then breaks and empty years."""
    edition, language = released.edition, released.edition.language
    sentences = [text("alt_trend", language, first=years.start, last=years.stop - 1)]
    for code in series:
        part = rows if code is None else rows[rows[hue] == code]
        points = (
            part
            if len(part) <= 5
            else part.loc[
                part.index.isin([part.index[0], part.index[-1], part[y].idxmax(), part[y].idxmin()])
            ]
        )
        words = [
            text("point", language, year=row["period"], value=format_cell(row, y, edition))
            for _, row in points.iterrows()
        ]
        key = "series_all" if len(points) == len(part) else "series_some"
        name = "" if code is None else name_code(code, hue, language) + ": "
        sentences.append(
            capitalise(
                name + text(key, language, points=format_list(words, language), years=len(part))
            )
            + "."
        )
    if breaks is not None:
        shown = [
            text("alt_break", language, id=row["id"], year=row["year"])
            for _, row in breaks.table.iterrows()
            if years.start < int(row["year"]) < years.stop
        ]
        sentences += (
            [text("alt_breaks", language, breaks=format_list(shown, language))] if shown else []
        )
    if empty:
        sentences.append(
            text("alt_empty", language, years=format_list([str(year) for year in empty], language))
        )
    return " ".join(sentences)


def _describe_dots(released: Released, rows: pd.DataFrame, x: str, hue: str | None) -> str:
    edition = released.edition
    words = []
    for _, row in rows.iterrows():
        side = f", {name_code(row[hue], hue, edition.language)}" if hue else ""
        limits = [
            format_cell(row, column, edition)
            for column in ("ci_lower", "ci_upper")
            if column in row
        ]
        between = (
            text("alt_interval", edition.language, lower=limits[0], upper=limits[1])
            if all(limits) and limits
            else ""
        )
        words.append(f"{row['name']}{side}: {format_cell(row, x, edition)}{between}")
    return text("alt_dots", edition.language, points=capitalise("; ".join(words)))
