"""A number a row as a dot on a scale, with its name above it; many kinds of rows below each
other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from helpers.definitions import NOT_RECORDED, UNKNOWN
from helpers.edition import Edition
from helpers.figures.layout import (
    CLEAR,
    MOST_TOGETHER,
    RING,
    add_to_box,
    draw_legend,
    fit_width,
    format_tick,
    wrap,
)
from helpers.figures.picture import Notice, Picture, make_notice, make_picture
from helpers.figures.style import COLOURS, GREY, LINES, MARKERS, SMALL, WIDTH_INCHES, set_style
from helpers.labels import capitalise, label, text
from helpers.published.catalogue import VAGUE
from helpers.release import Released
from helpers.wording import format_cell, name_code

_RATIOS = {"times", "times_expected"}
_ORDERED = ("period", "year", "month", "times", "step_of_flow", "chapter", "model")
# Nobody keeps more points in mind that are read aloud.
MOST_READ_OUT = 24
# What a change is held against stands first, and ages from young to old.
_FIRST, _AGES = "as_monitor", {"minor", "under_23", "adolescent", "adult", "23_or_older"}
_LAST = ("other", UNKNOWN, NOT_RECORDED, "none")
_TALL_INCHES = 5.0
# Characters of a line of a name above its dots, and left of them.
_ABOVE, _LEFT = 40, 19
# The height of a line, of the step to the next name and of a heading, in lines of dots.
_STEP, _NEXT, _HEAD = 0.95, 0.3, 1.25


def plot_dots(
    released: Released,
    *,
    x: str = "share",
    y: str = "category",
    hue: str | None = None,
    beside: Released | None = None,
    period: str | None = None,
    printed: Released | None = None,
) -> Picture | Notice:
    """Draw one dot a row on the scale of `x`, one line a code of `y` with its name above it, and
    the number beside the dot.

    A number printed loosely (about, more than, ...) has a hollow dot and its words. Rows without
    `x` are left out, and where the rows have several periods, each name says its own. `beside`
    holds rows of another table, drawn below as a series of its own (their population). `period`
    limits the picture to one. `printed` is a table of printed numbers with the same columns: they
    stand as open rings. Where nothing is left, words stand in place of a
    picture.
    """
    edition = released.edition
    rows = _select_dots(released, x, y, hue, beside, period)
    if rows.empty:
        return make_notice(released)
    rows = rows.assign(
        name=_name_rows(rows, y, edition, is_told=hue == "period"),
        ring=_find_rings(rows, x, [y, *([hue] if hue else []), "period"], printed),
    ).astype({"ring": float})
    codes: list[Any] = list(dict.fromkeys(rows[hue])) if hue else [None]
    series = {code: name_code(code, hue, edition.language) if hue else "" for code in codes}
    is_apart = len(series) > MOST_TOGETHER
    lay = _lay_apart if is_apart else _lay_together
    names, places, end = lay(rows, hue, series)
    set_style()
    figure, axes = plt.subplots(figsize=(WIDTH_INCHES, 0.7 + 0.264 * (end + 0.3) / 1.1))
    _set_dot_axis(axes, rows, x, edition.language)
    _write_names(axes, names)
    for number, (code, named) in enumerate(series.items()):
        part = rows if code is None else rows[rows[hue] == code]
        at = [places[name, code] for name in part["name"]]
        _draw_dots(axes, part, x, at, 0 if is_apart else number, edition)
        if code is not None and not is_apart:
            sign: dict[str, Any] = {
                "linestyle": "",
                "marker": MARKERS[number],
                "color": COLOURS[number],
            }
            axes.plot([], [], label=named, **sign)
    axes.set_ylim(end - _NEXT, -0.5)
    if rows["ring"].notna().any():
        axes.plot([], [], label=text("as_printed", edition.language), **RING)
    box = fit_width(figure)
    is_tall = figure.get_figheight() > _TALL_INCHES
    legend = draw_legend(axes, top=None if is_tall else -0.75 / figure.get_figheight())
    alt = _describe_dots(released, rows, x, hue)
    return make_picture(figure, released, alt, drawn=rows, box=add_to_box(box, legend))


@dataclass(frozen=True)
class _Name:
    """A name at a height of the picture: above its dots, left of them, or the head of several."""

    words: str
    place: float
    kind: str = "above"


def _lay_together(
    rows: pd.DataFrame, hue: str | None, series: dict[Any, str]
) -> tuple[list[_Name], dict[tuple[str, Any], float], float]:
    """The names, the height of each dot by name and series, each a line below its name, and where
    they end."""
    names: list[_Name] = []
    places: dict[tuple[str, Any], float] = {}
    place = 0.0
    for name in dict.fromkeys(rows["name"]):
        words = wrap(name, _ABOVE)
        tall = words.count("\n") + 1
        names.append(_Name(words, place + _STEP * (tall - 1) / 2))
        place += _STEP * tall
        of_name = rows[rows["name"] == name]
        for code in series:
            if hue is None or (of_name[hue] == code).any():
                places[name, code] = place
                place += _STEP
        place += _NEXT
    return names, places, place


def _lay_apart(
    rows: pd.DataFrame, hue: str | None, series: dict[Any, str]
) -> tuple[list[_Name], dict[tuple[str, Any], float], float]:
    """The same for many series, each below a heading of its own: more colours than a few are not
    told apart. Names that are short enough stand left of their dots."""
    names: list[_Name] = []
    places: dict[tuple[str, Any], float] = {}
    place = 0.0
    is_left = max(map(len, rows["name"])) <= 3 * _LEFT
    for code, named in series.items():
        head = wrap(named, _ABOVE)
        tall = head.count("\n") + 1
        names.append(_Name(head, place + _STEP * (tall - 1) / 2, "head"))
        place += _HEAD + _STEP * (tall - 1)
        for name in rows.loc[rows[hue] == code, "name"]:
            words = wrap(name, _LEFT if is_left else _ABOVE)
            tall = words.count("\n") + 1
            if is_left:
                # A name of several lines stands apart, else it reads on into its neighbours.
                edge = (_STEP * (tall - 1) + (_NEXT if tall > 1 else 0)) / 2
                names.append(_Name(words, place + edge, "left"))
                places[name, code] = place + edge
                place += 2 * edge + _STEP
            else:
                names.append(_Name(words, place + _STEP * (tall - 1) / 2))
                places[name, code] = place + _STEP * tall
                place += _STEP * (tall + 1) + _NEXT
        place += 2 * _NEXT
    return names, places, place


def _write_names(axes: Axes, names: list[_Name]) -> None:
    """The names at their places; where some stand on the left, headings begin with them."""
    has_left = any(name.kind == "left" for name in names)
    for name in names:
        is_left, is_head = name.kind == "left", name.kind == "head"
        axes.annotate(
            name.words,
            (0, name.place),
            xycoords=axes.get_yaxis_transform(),
            xytext=(-8 if is_left else -120 if is_head and has_left else 0, 0),
            textcoords="offset points",
            ha="right" if is_left else "left",
            va="center",
            linespacing=1.1,
            fontsize=SMALL if is_left else None,
            weight="bold" if is_head else "normal",
            **CLEAR,
        )


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


def _name_rows(rows: pd.DataFrame, y: str, edition: Edition, *, is_told: bool) -> list[str]:
    """The names, with the period where the rows have several and nothing else tells it."""
    names = [
        name_code(code, y, edition.language, mark=mark)
        for code, mark in zip(rows[y], rows["mark"], strict=True)
    ]
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
    is_mixed = "breakdown" in rows and rows["breakdown"].nunique() > 1
    if y in _ORDERED or is_mixed or _have_order(codes):
        return rows
    size = rows.drop_duplicates(y).set_index(y)[x]
    order = sorted(codes, key=lambda code: (code.startswith(_LAST), -size[code]))
    return rows.sort_values(y, key=lambda words: words.map(order.index), kind="stable")


def _have_order(codes: list[str]) -> bool:
    """True for codes that have an order of their own: ages, what differs in a number only, and
    changes to a definition."""
    if _FIRST in codes or set(codes) <= _AGES:
        return True
    return len({re.sub(r"\d+", "", code) for code in codes}) == 1 < len(codes)


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
            axes.plot(row["ring"], place, **RING)
        end = (
            row[[column for column in (x, "ci_upper", "ring") if column in row]].astype(float).max()
        )
        axes.annotate(
            _word_dot(row, x, edition, axes.get_xlabel()),
            (end, place),
            xytext=(9, 0),
            textcoords="offset points",
            va="center",
            **CLEAR,
        )


def _word_dot(row: pd.Series, x: str, edition: Edition, unit: str) -> str:
    """The number of a dot, without the unit that the axis names, and, where another was printed,
    that one with its ring: the words say whose each is."""

    def word(numbers: pd.Series) -> str:
        return format_cell(numbers, x, edition).removesuffix(f" {unit}")

    if pd.isna(row["ring"]) or abs(row["ring"] - row[x]) <= 0.005 * abs(row[x]):
        return word(row)
    printed = row.copy()
    printed[x] = row["ring"]
    return f"{word(row)} (\N{WHITE CIRCLE} {word(printed)})"


def _set_dot_axis(axes: Axes, rows: pd.DataFrame, x: str, language: str) -> None:
    ends = rows[[column for column in (x, "ci_lower", "ci_upper", "ring") if column in rows]]
    units = set(rows["unit"]) if "unit" in rows and x == "value" else set()
    if units and units <= _RATIOS and ends.min(axis=None) > 0:
        _set_ratio_axis(axes, float(ends.min(axis=None)), float(ends.max(axis=None)))
    else:
        axes.set_xlim(0, ends.max(axis=None) * 1.3 or 1)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: format_tick(value, x, language)))
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
    if len(words) <= MOST_READ_OUT:
        return text("alt_dots", edition.language, points=capitalise("; ".join(words)))
    order = rows[x].reset_index(drop=True)
    return text(
        "alt_dots_many",
        edition.language,
        n=len(words),
        lowest=words[order.idxmin()],
        highest=words[order.idxmax()],
    )
