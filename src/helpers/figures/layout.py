"""How a picture fits a phone: as wide as its screen, names in lines, and beside what they name."""

from __future__ import annotations

import io
import textwrap
from functools import cache
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.transforms import Bbox

from helpers.figures.style import SMALL, WIDEST_INCHES
from helpers.labels import format_number, format_share
from helpers.wording import count_decimals

# A value that was printed, around the one that was computed.
RING: dict[str, Any] = {
    "linestyle": "",
    "marker": "o",
    "markersize": 11,
    "markerfacecolor": "none",
    "color": "black",
    "markeredgewidth": 1.1,
}
# Words over a line stand on the picture's ground, so that no line crosses them.
CLEAR: dict[str, Any] = {
    "zorder": 3,
    "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 0.6},
}
# More series than this are no longer told apart by colour: each has a part of the picture of its own.
MOST_TOGETHER = 4
# Characters of a line of a name beside its line.
_BESIDE = 16
# The height of a line of small words, in points, and the room between two names.
_LINE, _ROOM = 1.2 * SMALL, 4.0
# Of an inch, which an SVG is measured in.
_POINTS = 72
# How often a picture is made narrower at most, and what may be over, in inches.
_MOST_FITS, _LEAST_OVER = 3, 0.02


def wrap(words: str, width: int) -> str:
    """The words in lines of at most `width` characters; a longer word stays whole."""
    return textwrap.fill(words, width, break_long_words=False, break_on_hyphens=False)


def fit_width(figure: Figure) -> Bbox:
    """Make the axes narrower until the whole picture, its names included, is no wider than a
    phone; gives what it takes then (`measure_box`)."""
    # Names keep their width in points, so what is over is taken from the axes at once; words within
    # the axes need a second time.
    for _ in range(_MOST_FITS):
        box = measure_box(figure)
        over = box.width - WIDEST_INCHES
        if over <= _LEAST_OVER:
            return box
        inside = figure.subplotpars.right - figure.subplotpars.left
        figure.set_figwidth(max(figure.get_figwidth() - over / inside, 0.45 * WIDEST_INCHES))
    return measure_box(figure)


@cache
def _share_renderer() -> RendererSVG:
    return RendererSVG(1, 1, io.StringIO())


def measure_box(figure: Figure) -> Bbox:
    """What the picture takes with all its words, in inches, measured as it is written: at the
    resolution of an SVG. Measuring takes as long as drawing; one renderer does it for all pictures,
    so that words that come back are not measured again."""
    figure.set_dpi(_POINTS)
    return figure.get_tightbbox(_share_renderer())


def add_to_box(box: Bbox, legend: Legend | None) -> Bbox:
    """The box of a picture (`measure_box`) that was given a legend since."""
    if legend is None:
        return box
    own = legend.get_window_extent(_share_renderer())
    return Bbox.union([box, own.transformed(legend.figure.dpi_scale_trans.inverted())])


def measure_height(axes: Axes) -> float:
    """The height of the axes in points."""
    return float(axes.bbox.height * _POINTS / axes.figure.dpi)


def measure_width(axes: Axes) -> float:
    """The width of the axes in points."""
    return float(axes.bbox.width * _POINTS / axes.figure.dpi)


def name_ends(axes: Axes, ends: list[tuple[str, float, str]]) -> None:
    """Write each name right of the axes, at the height where its line ends and in its colour, and
    apart from the other names."""
    words = [wrap(name, _BESIDE) for name, _, _ in ends]
    high = measure_height(axes)
    tall = [(_LINE * (1 + word.count("\n")) + _ROOM) / high for word in words]
    low, top = axes.get_ylim()
    wanted = [(height - low) / (top - low) for _, height, _ in ends]
    for (_, _, colour), word, place in zip(ends, words, spread(wanted, tall), strict=True):
        axes.annotate(
            word,
            (1.0, place),
            xycoords="axes fraction",
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            linespacing=1.1,
            fontsize=SMALL,
            color=colour,
        )


def spread(wanted: list[float], tall: list[float]) -> list[float]:
    """Places as near to those that are wanted as names of this height allow without touching, in
    the same order and within 0 to 1 while they fit there."""
    order = sorted(range(len(wanted)), key=lambda number: wanted[number])
    places = list(wanted)
    edge = -0.06
    for number in order:
        places[number] = max(places[number], edge + tall[number] / 2)
        edge = places[number] + tall[number] / 2
    edge = max(1.06, sum(tall) - 0.06)
    for number in reversed(order):
        places[number] = min(places[number], edge - tall[number] / 2)
        edge = places[number] - tall[number] / 2
    return places


def draw_legend(axes: Axes, *, top: float | None) -> Legend | None:
    """What signs mean, below the picture at `top`; above it where there is none, so that a tall
    picture does not end with the names of what it began with."""
    handles, names = axes.get_legend_handles_labels()
    if not handles:
        return None
    return axes.legend(
        handles,
        [wrap(name, 40) for name in names],
        frameon=False,
        loc="lower left" if top is None else "upper left",
        bbox_to_anchor=(0, 1 if top is None else top),
        handlelength=2.2,
        borderpad=0,
    )


def format_tick(value: float, column: str, language: str) -> str:
    """A number of an axis, or beside a point, with the fewest decimals that show it."""
    if column == "share":
        return format_share(value, language)
    return format_number(value, language, decimals=count_decimals(value, 2))
