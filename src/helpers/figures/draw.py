"""The kinds of picture: a line over years with its breaks, and dots on a scale."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from helpers.figures.picture import Picture, write_caption
from helpers.figures.style import COLOURS, GREY, LINES, MARKERS, WIDTH_INCHES, set_style
from helpers.figures.wording import VAGUE, format_cell, format_value, list_series
from helpers.gate import Released
from helpers.labels import format_list, format_number, format_share, label, text


def plot_trend(
    released: Released, *, y: str = "n", hue: str | None = None,
    years: range | None = None, breaks: Released | None = None, only: dict[str, str] | None = None,
) -> Picture:
    """Draw `y` over the years, one line a code of `hue`; the line stops at a gap or a break, and gaps stay empty.

    `years` is the axis (by default the edition's years). `breaks` is a released table with `year` and `id`; its letters
    stand above the picture. `only` names codes that the picture is limited to. Rows whose `period` is no single year are
    left out of the picture, not of the table.
    """
    edition = released.edition
    years = years or edition.years
    known = released.known()
    yearly = known[known["period"].str.fullmatch(r"\d{4}") & known[y].notna()]
    yearly = yearly.assign(period=yearly["period"].astype(int))
    for column, code in (only or {}).items():
        yearly = yearly[yearly[column] == code]
    set_style()
    figure, axes = plt.subplots(figsize=(WIDTH_INCHES, 3.7))
    series = [code for code in list_series(released, hue) if hue is None or (yearly[hue] == code).any()]
    for number, code in enumerate(series):
        rows = yearly if code is None else yearly[yearly[hue] == code]
        _draw_line(axes, rows, y, number, None if code is None else label(code, edition.language, kind=_kind(hue)))
    _set_year_axis(axes, years)
    _set_value_axis(axes, yearly, y, edition.language)
    _mark_empty_years(axes, sorted(set(years) - set(yearly["period"])), edition.language)
    if years != edition.years:
        _shade_edition(axes, edition.years, edition.language)
    if breaks is not None:
        _draw_breaks(axes, breaks, years)
    if hue is not None:
        axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=1, handlelength=3)
    if _has_vague(yearly):
        axes.text(0, -0.1, text("hollow", edition.language), transform=axes.transAxes, color=GREY, fontsize=9, va="top")
    return Picture(figure, write_caption(released), _describe_trend(released, yearly, y, hue, series, years))


def plot_dots(released: Released, *, x: str = "share", y: str = "category", hue: str | None = None) -> Picture:
    """Draw one dot a row on the scale of `x`, one line a code of `y`, with the number beside it.

    A number printed loosely (about, more than, ...) has a hollow dot and its words. Rows without `x` are left out.
    """
    edition = released.edition
    known = released.known()
    rows = known[known[x].notna()]
    codes = list(dict.fromkeys(rows[y]))
    series = list(dict.fromkeys(rows[hue])) if hue else [None]
    set_style()
    figure, axes = plt.subplots(figsize=(WIDTH_INCHES, 0.9 + 0.42 * len(codes) * max(1, 0.75 * len(series))))
    step = 0.6 / len(series)
    for number, code in enumerate(series):
        part = rows if code is None else rows[rows[hue] == code]
        places = [codes.index(value) + (number - (len(series) - 1) / 2) * step for value in part[y]]
        _draw_dots(axes, part, x, places, number, None if code is None else label(code, edition.language, kind=_kind(hue)), edition)
    axes.set_yticks(range(len(codes)), [_wrap(label(code, edition.language, kind=_kind(y))) for code in codes])
    axes.set_ylim(len(codes) - 0.4, -0.6)
    _set_dot_axis(axes, rows, x, edition.language)
    if hue:
        axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.35, -0.18), ncols=1)
    return Picture(figure, write_caption(released), _describe_dots(released, rows, x, y, hue))


def _kind(column: str) -> str:
    return column if column in ("population", "measure", "breakdown", "side") else "category"


def _has_vague(rows: pd.DataFrame) -> bool:
    return "precision" in rows and rows["precision"].isin(VAGUE).any()


def _draw_line(axes: Axes, rows: pd.DataFrame, y: str, number: int, name: str | None) -> None:
    look = {"color": COLOURS[number], "marker": MARKERS[number], "linestyle": LINES[number], "markersize": 6, "linewidth": 1.8}
    for part in _split_spells(rows):
        axes.plot(part["period"], part[y], **look)
    axes.plot([], [], label=name, **look)
    if _has_vague(rows):
        vague = rows[rows["precision"].isin(VAGUE)]
        axes.plot(vague["period"], vague[y], linestyle="", marker=MARKERS[number], markersize=6, markerfacecolor="white", color=COLOURS[number])


def _split_spells(rows: pd.DataFrame) -> list[pd.DataFrame]:
    """The rows in runs that one line may join: a spell of one population, and neighbouring years."""
    rows = rows.sort_values("period")
    run = (rows["period"].diff() > 1).cumsum().rename("run")
    spell = [rows[column] for column in ("population", "spell") if "spell" in rows]
    return [part for _, part in rows.groupby([*spell, run])]


def _set_year_axis(axes: Axes, years: range) -> None:
    """Every year has a tick; as many are named as fit on a phone, the last one always."""
    step = 1 if len(years) <= 8 else 2 if len(years) <= 13 else 3
    axes.set_xlim(years.start - 0.5, years.stop - 0.5)
    axes.set_xticks(list(years), [str(year) if (years.stop - 1 - year) % step == 0 else "" for year in years])


def _mark_empty_years(axes: Axes, years: list[int], language: str) -> None:
    """A year for which no source prints a number says so, instead of looking like a zero."""
    for year in years:
        axes.text(year, 0.04, text("not_printed", language), transform=axes.get_xaxis_transform(), rotation=90, ha="center", va="bottom", color=GREY, fontsize=9)


def _shade_edition(axes: Axes, years: range, language: str) -> None:
    """A band behind the edition's own years, in a picture that shows more of them."""
    axes.axvspan(years.start - 0.5, years.stop - 0.5, color="#ececec", zorder=-1, label=text("this_edition", language))


def _set_value_axis(axes: Axes, rows: pd.DataFrame, y: str, language: str) -> None:
    axes.set_ylim(0, rows[y].max() * 1.06 if len(rows) else 1)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=y == "n", steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _format_tick(value, y, language)))
    unit = "percent" if y == "share" else rows["unit"].iloc[0] if "unit" in rows else "victims"
    axes.set_title(label(unit, language, kind="unit"), loc="left", x=-0.12, pad=20, fontsize=10, color=GREY)


def _format_tick(value: float, column: str, language: str) -> str:
    return format_share(value, language) if column == "share" else format_number(value, language)


def _draw_breaks(axes: Axes, breaks: Released, years: range) -> None:
    """A dotted line before the first year of each break, with its letter."""
    for _, row in breaks.table.iterrows():
        year = int(row["year"])
        if year in years and year > years.start:
            axes.axvline(year - 0.5, color=GREY, linewidth=1, linestyle=(0, (2, 2)), zorder=0)
            axes.text(year - 0.5, 1.0, row["id"], transform=axes.get_xaxis_transform(), ha="center", va="bottom", color=GREY, fontsize=10, weight="bold")


def _draw_dots(axes: Axes, rows: pd.DataFrame, x: str, places: list[float], number: int, name: str | None, edition) -> None:
    vague = rows["precision"].isin(VAGUE).tolist() if "precision" in rows else [False] * len(rows)
    for (_, row), place, is_vague in zip(rows.iterrows(), places, vague):
        axes.plot(row[x], place, marker=MARKERS[number], color=COLOURS[number], markersize=8, markerfacecolor="white" if is_vague else COLOURS[number], clip_on=False)
        axes.annotate(format_cell(row, x, edition), (row[x], place), xytext=(9, 0), textcoords="offset points", va="center", fontsize=10)
        axes.plot([0, row[x]], [place, place], color="#d0d0d0", linewidth=1, zorder=0)
    axes.plot([], [], linestyle="", marker=MARKERS[number], color=COLOURS[number], label=name)


def _set_dot_axis(axes: Axes, rows: pd.DataFrame, x: str, language: str) -> None:
    axes.set_xlim(0, rows[x].max() * 1.28)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _format_tick(value, x, language)))
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _wrap(words: str, width: int = 26) -> str:
    lines, line = [], ""
    for word in words.split():
        if line and len(line) + len(word) >= width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return "\n".join([*lines, line])


def _describe_trend(released: Released, rows: pd.DataFrame, y: str, hue: str | None, series: list, years: range) -> str:
    """A sentence a series: its first, last, highest and lowest number; for few years, every number."""
    edition, sentences = released.edition, []
    for code in series:
        part = (rows if code is None else rows[rows[hue] == code]).sort_values("period")
        points = part if len(part) <= 5 else part.loc[sorted({part.index[0], part.index[-1], part[y].idxmax(), part[y].idxmin()}, key=list(part.index).index)]
        words = [text("point", edition.language, year=row["period"], value=format_cell(row, y, edition)) for _, row in points.iterrows()]
        name = "" if code is None else label(code, edition.language, kind=_kind(hue)) + ": "
        key = "series_all" if len(points) == len(part) else "series_some"
        sentences.append(name + text(key, edition.language, points=format_list(words, edition.language), years=len(part)))
    return text("alt_trend", edition.language, first=years.start, last=years.stop - 1, series="; ".join(sentences))


def _describe_dots(released: Released, rows: pd.DataFrame, x: str, y: str, hue: str | None) -> str:
    edition = released.edition
    words = []
    for _, row in rows.iterrows():
        names = [label(row[column], edition.language, kind=_kind(column)) for column in ([y, hue] if hue else [y])]
        words.append(f"{', '.join(names)}: {format_cell(row, x, edition)}")
    return text("alt_dots", edition.language, points="; ".join(words))
