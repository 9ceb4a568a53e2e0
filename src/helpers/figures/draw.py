"""A number over years: lines with their breaks, named where they end; many of them side by side."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from helpers.edition import Edition
from helpers.figures.layout import (
    CLEAR,
    MOST_TOGETHER,
    RING,
    draw_legend,
    fit_width,
    format_tick,
    measure_height,
    measure_width,
    name_ends,
    spread,
    wrap,
)
from helpers.figures.picture import Notice, Picture, make_notice, make_picture
from helpers.figures.style import COLOURS, GREY, LINES, MARKERS, SMALL, WIDTH_INCHES, set_style
from helpers.labels import capitalise, format_list, label, text
from helpers.published import read_documents
from helpers.published.catalogue import VAGUE
from helpers.release import Released
from helpers.wording import format_cell, list_series, name_code

# With no more points than this each says its value.
_FEW_VALUES = 12
# The width in points of a year in which a value may touch the next one's, and that of a small
# letter; how far a value that leans stands back from its point.
_NARROW, _LETTER = 26, 6.1
# The room in points that the name of a year takes, the letter of a break with what parts it from the
# next, and words that stand upright over a year.
_YEAR, _SIGN, _UPRIGHT = 32, 11, 16
# The height in points that a value takes with what parts it from its point.
_VALUE = 20
_AWAY = 4.0
# Characters of a line of the words below the years, and of the name of a part of a picture.
_NOTE_WIDTH, _PART_WIDTH = 50, 20


@dataclass(frozen=True)
class _Trend:
    """What a picture over years shows: rows with a number, rings for printed ones, one line a code
    of `hue`."""

    rows: pd.DataFrame
    rings: pd.DataFrame
    y: str
    hue: str | None
    series: list[str | None]
    years: range
    breaks: Released | None
    edition: Edition
    absent: str
    is_plain: bool

    @property
    def empty(self) -> list[int]:
        return sorted(set(self.years) - set(self.rows["period"]))

    @property
    def splits(self) -> list[int]:
        return [] if self.breaks is None else _list_splits(self.breaks)

    @property
    def has_values(self) -> bool:
        return self.is_plain and len(self.rows) <= _FEW_VALUES

    def choose(self, rows: pd.DataFrame, code: str | None) -> pd.DataFrame:
        return rows if code is None else rows[rows[self.hue] == code]

    def name(self, code: str | None) -> str:
        return "" if code is None else name_code(code, self.hue, self.edition.language)


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
    if not set(map(str, years)) & set(rows["period"].astype(str)):
        return make_notice(released)
    series = [
        code for code in list_series(released, hue) if hue is None or (rows[hue] == code).any()
    ]
    rings = rows.iloc[:0] if printed is None else _select_yearly(printed, y, only or {})
    rings = rings[rings["period"].isin(years)]
    words = text(absent, edition.language)
    trend = _Trend(rows, rings, y, hue, series, years, breaks, edition, words, printed is None)
    set_style()
    draw = _draw_together if len(series) <= MOST_TOGETHER else _draw_parts
    figure = draw(trend)
    alt = _describe_trend(released, rows, y, hue, series, years, breaks, trend.empty)
    return make_picture(figure, released, alt, drawn=rows, years=years)


def _draw_together(trend: _Trend) -> Figure:
    """All lines on one pair of axes, each with its name where it ends."""
    edition, years = trend.edition, trend.years
    figure, axes = plt.subplots(figsize=(WIDTH_INCHES, 3.5))
    for number, code in enumerate(trend.series):
        _draw_line(axes, trend.choose(trend.rows, code), trend.y, number, trend.splits)
        _draw_printed(axes, trend.choose(trend.rings, code), trend.y, number)
    axes.set(xlabel="", ylabel="")
    _set_year_axis(axes, years)
    _set_value_axis(axes, trend)
    axes.set_title(_name_unit(trend), loc="left", x=-0.12, pad=20, fontsize=SMALL, color=GREY)
    if years != edition.years and set(years) & set(edition.years):
        _shade_edition(axes, edition.years, edition.language)
    if trend.breaks is not None:
        _draw_breaks(axes, trend)
    if trend.hue is not None:
        last = [trend.choose(trend.rows, code)[trend.y].iloc[-1] for code in trend.series]
        names = [trend.name(code) for code in trend.series]
        name_ends(axes, list(zip(names, map(float, last), COLOURS, strict=False)))
        fit_width(figure)
    _set_year_axis(axes, years)
    _mark_breaks(axes, trend, va="bottom", weight="bold")
    _mark_empty_years(axes, trend.empty, trend.absent)
    if trend.has_values:
        _write_values(axes, trend)
    _explain_signs(axes, trend)
    return figure


def _explain_signs(axes: Axes, trend: _Trend) -> None:
    """What a ring and a band stand for, below the years and what is said of them."""
    if len(trend.rings):
        axes.plot([], [], label=_name_print(trend.rings, trend.edition.language), **RING)
    said = len(axes.get_xlabel().splitlines())
    draw_legend(axes, top=-(22 + 1.25 * SMALL * said) / measure_height(axes))


def _draw_parts(trend: _Trend) -> Figure:
    """Each line on axes of its own, all with the same scales: more colours than a few are not told
    apart."""
    lines = (len(trend.series) + 1) // 2
    size = (WIDTH_INCHES, 0.5 + 1.5 * lines)
    figure, grid = plt.subplots(lines, 2, figsize=size, squeeze=False)
    names = [wrap(trend.name(code), _PART_WIDTH) for code in trend.series]
    # Room below the years for the names of the next parts, which may have a second line.
    more = max((name.count("\n") for name in names[2:]), default=0)
    figure.set_figheight(size[1] + 0.17 * more * (lines - 1))
    figure.subplots_adjust(hspace=0.75 + 0.2 * more, wspace=0.1)
    figure.suptitle(_name_unit(trend), x=0.02, y=1, ha="left", fontsize=SMALL, color=GREY)
    for place, (axes, code) in enumerate(zip(grid.flat, trend.series, strict=False)):
        _draw_part(axes, trend, code)
        if place % 2:
            axes.tick_params(labelleft=False)
    for axes in list(grid.flat)[len(trend.series) :]:
        axes.remove()
    below = grid[-1, 0]
    if trend.breaks is not None and (words := _describe_breaks(trend)):
        below.set_xlabel(words, loc="left", fontsize=SMALL, color=GREY)
    fit_width(figure)
    for axes in figure.axes:
        _set_year_axis(axes, trend.years)
        _mark_breaks(axes, trend, va="top", **CLEAR)
    _explain_signs(below, trend)
    return figure


def _draw_part(axes: Axes, trend: _Trend, code: str | None) -> None:
    """The axes of one line, with its name above them and its values where there is room."""
    part = trend.choose(trend.rows, code)
    _draw_line(axes, part, trend.y, 0, trend.splits)
    _draw_printed(axes, trend.choose(trend.rings, code), trend.y, 0)
    axes.set(xlabel="", ylabel="")
    _set_year_axis(axes, trend.years)
    _set_value_axis(axes, trend, bins=3)
    # Room above the highest value for itself and, where there are any, for the letters of breaks.
    axes.set_ylim(0, axes.get_ylim()[1] * (1.95 if _list_breaks(trend) else 1.55))
    name = wrap(trend.name(code), _PART_WIDTH)
    axes.set_title(name, loc="left", fontsize=SMALL, pad=6, linespacing=1.1)
    shown = part if len(part) <= 5 else part.iloc[[0, -1]]
    for _, row in shown.iterrows():
        words = format_tick(row[trend.y], trend.y, trend.edition.language)
        axes.annotate(
            words,
            (row["period"], row[trend.y]),
            xytext=(0, 6),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=SMALL,
            color=COLOURS[0],
            **CLEAR,
        )


def _select_yearly(released: Released, y: str, only: dict[str, str]) -> pd.DataFrame:
    known = released.known()
    rows = known[known["period"].str.fullmatch(r"\d{4}") & known[y].notna()]
    for column, code in only.items():
        rows = rows[rows[column] == code]
    return rows.assign(period=rows["period"].astype(int)).sort_values("period", kind="stable")


def _draw_line(axes: Axes, rows: pd.DataFrame, y: str, number: int, splits: list[int]) -> None:
    # A later line is thinner, so that one that coincides with it stays in sight.
    look: dict[str, Any] = {
        "color": COLOURS[number],
        "marker": MARKERS[number],
        "linestyle": LINES[number],
        "markersize": 7.5 - 0.5 * number,
        "linewidth": 2.6 - 0.3 * number,
        "markeredgewidth": 0,
        "markeredgecolor": "white",
    }
    for part in _split_spells(rows, splits):
        axes.plot(part["period"], part[y], **look)
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


def _draw_printed(axes: Axes, rows: pd.DataFrame, y: str, number: int) -> None:
    """A ring in the colour of its line around each value that was printed."""
    ring = {**RING, "color": COLOURS[number], "clip_on": False}
    axes.plot(rows["period"], rows[y], **ring)


def _name_print(rows: pd.DataFrame, language: str) -> str:
    """That the rings are printed, and by which documents; public statistics have no title."""
    titles = read_documents().set_index("prefix")[f"document_{language}"]
    prefixes = {part.partition("-")[0] for ids in rows["source"] for part in ids.split("|")}
    named = [title for prefix, title in titles.items() if prefix in prefixes]
    printed = text("as_printed", language)
    return f"{printed} ({'; '.join(named)})" if named else printed


def _write_values(axes: Axes, trend: _Trend) -> None:
    """The value beside each point (`_place_value`). Where years are narrow, those at the ends of a
    line lean away from it."""
    rows, y = trend.rows, trend.y
    left, right = axes.get_xlim()
    room, tall = measure_width(axes) / (right - left), measure_height(axes) / axes.get_ylim()[1]
    for year, part in rows.sort_values(y).groupby("period", sort=True):
        heights = [float(value) * tall for value in part[y]]
        for place, (_, row) in enumerate(part.iterrows()):
            code = None if trend.hue is None else row[trend.hue]
            of_line = set(trend.choose(rows, code)["period"])
            words = format_tick(row[y], y, trend.edition.language)
            lean, away = "center", 0.0
            if room < _NARROW:
                lean = _lean(of_line, year, trend.years)
                away = _step_away(of_line, year, trend.years, room - _LETTER * len(words) / 2)
            where = _place_value(heights, place)
            side = -1 if year == trend.years.stop - 1 else 1  # beyond the last year stand the names
            axes.annotate(
                words,
                (year, row[y]),
                xytext=(away, 7 * where) if where else (8 * side, 0),
                textcoords="offset points",
                ha=lean if where else "left" if side > 0 else "right",
                va={1: "bottom", -1: "top", 0: "center"}[where],
                fontsize=SMALL,
                color=COLOURS[trend.series.index(code)],
                **CLEAR,
            )


def _place_value(heights: list[float], place: int) -> int:
    """1 for a value that stands above its point, -1 below, 0 beside it, of a year's points at these
    heights: the highest above, and the lowest below but where the years lie there; the others above
    where there is room below the next one."""
    if place == len(heights) - 1:
        return 1
    if place == 0 and heights[0] > _VALUE:
        return -1
    return 1 if heights[place + 1] - heights[place] > _VALUE + SMALL / 2 else 0


def _lean(of_line: set[int], year: int, years: range) -> str:
    """To which side a value is aligned: the first of a line ends at its point, the last begins
    there; the first year of the picture has no room on its left, the last none on its right."""
    before, after = year - 1 in of_line, year + 1 in of_line
    if before == after or (after and year == years.start) or (before and year == years.stop - 1):
        return "center"
    return "right" if after else "left"


def _step_away(of_line: set[int], year: int, years: range, room: float) -> float:
    """How far from its point a value that leans ends: beside a value that stands over the next
    point, this one leaves it its `room`."""
    lean = _lean(of_line, year, years)
    beside = {"right": year + 1, "left": year - 1}.get(lean, year)
    is_beside = lean != "center" and _lean(of_line, beside, years) == "center"
    away = min(_AWAY, room - 2) if is_beside else _AWAY
    return {"right": away, "left": -away}.get(lean, 0.0)


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
    """Every year has a tick; as many are named as the axes have room for, the last one always."""
    step = math.ceil(len(years) * _YEAR / measure_width(axes))
    axes.set_xlim(years.start - 0.5, years.stop - 0.5)
    axes.set_xticks(
        list(years),
        [str(year) if (years.stop - 1 - year) % step == 0 else "" for year in years],
        fontsize=SMALL,
    )


def _mark_empty_years(axes: Axes, years: list[int], words: str) -> None:
    """A year without a number says so, instead of looking like a zero; once for several years in a
    row. Where years are too narrow for words, a bar does, and the words say what it is."""
    left, right = axes.get_xlim()
    wide = measure_width(axes) / (right - left)
    lines, runs = words.split(), _list_runs(years)
    needed = _LETTER * max(map(len, lines))
    is_told = wide >= _UPRIGHT or all(len(run) * wide > needed for run in runs)
    for run in runs:
        if is_told:
            fits = len(run) * wide > needed
            axes.text(
                (run[0] + run[-1]) / 2,
                0.04,
                "\n".join(lines) if fits else words,
                transform=axes.get_xaxis_transform(),
                rotation=0 if fits else 90,
                ha="center",
                va="bottom",
                color=GREY,
                fontsize=SMALL,
                **CLEAR,
            )
        if len(run) > 1 or not is_told:
            axes.plot(
                [run[0] - 0.3, run[-1] + 0.3],
                [0.025, 0.025],
                transform=axes.get_xaxis_transform(),
                color=GREY,
                linewidth=1 if is_told else 3,
                label=None if is_told or run is not runs[0] else words,
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


def _set_value_axis(axes: Axes, trend: _Trend, *, bins: int = 6) -> None:
    """The axis of numbers from zero, wide enough for what is printed too."""
    rows, y, language = pd.concat([trend.rows, trend.rings]), trend.y, trend.edition.language
    axes.set_ylim(0, rows[y].max() * 1.06 if len(rows) and rows[y].max() else 1)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=bins, integer=y == "n", steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: format_tick(value, y, language)))


def _name_unit(trend: _Trend) -> str:
    """What the numbers count; lines that count different things have no unit in common."""
    rows = trend.rows
    units = list(dict.fromkeys(rows["unit"])) if "unit" in rows and len(rows) else ["victims"]
    if trend.y == "share":
        units = ["percent"]
    return label(units[0], trend.edition.language, kind="unit") if len(units) == 1 else ""


def _list_splits(breaks: Released) -> list[int]:
    """The years before which no line may cross."""
    return [int(row["year"]) for _, row in breaks.table.iterrows() if row["splits"] == "yes"]


def _list_breaks(trend: _Trend) -> dict[float, tuple[str, str]]:
    """Letter and words of each break within the years, by its place on their axis."""
    found: dict[float, tuple[str, str]] = {}
    if trend.breaks is None:
        return found
    for _, row in trend.breaks.table.iterrows():
        year = int(row["year"])
        if trend.years.start < year < trend.years.stop:
            found[year - 0.5] = row["id"], row[f"label_{trend.edition.language}"]
    return found


def _describe_breaks(trend: _Trend) -> str:
    """The letters of the breaks with what happened, in lines."""
    words = "; ".join(f"{sign}\u00a0{what}" for sign, what in _list_breaks(trend).values())
    return wrap(words, _NOTE_WIDTH)


def _mark_breaks(axes: Axes, trend: _Trend, **look: Any) -> None:
    """A dotted line before the first year of each break, with its letter at the top; letters of
    neighbouring years stand apart."""
    found = _list_breaks(trend)
    left, right = axes.get_xlim()
    wanted = [(place - left) / (right - left) for place in found]
    apart = spread(wanted, [_SIGN / measure_width(axes)] * len(wanted))
    for place, at, (sign, _) in zip(found, apart, found.values(), strict=True):
        axes.axvline(place, color=GREY, linewidth=1, linestyle=(0, (2, 2)), zorder=0)
        axes.text(
            at, 1.0, sign, transform=axes.transAxes, ha="center", color=GREY, fontsize=SMALL, **look
        )


def _draw_breaks(axes: Axes, trend: _Trend) -> None:
    """What happened at each break, below the years, and room for the letters above the values."""
    if trend.has_values:
        axes.set_ylim(0, axes.get_ylim()[1] * 1.1)
    if words := _describe_breaks(trend):
        axes.set_xlabel(words, loc="left", fontsize=SMALL, color=GREY)


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
    code = "alt_trend" if len(years) > 1 else "alt_trend_year"
    sentences = [text(code, language, first=years.start, last=years.stop - 1)]
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
