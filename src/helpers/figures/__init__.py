"""Pictures and tables of released numbers; each picture comes with its caption, its alt text and
its CSV.

Everything here accepts `Released` only.
"""

from helpers.figures.curve import plot_curve
from helpers.figures.dots import plot_dots
from helpers.figures.draw import plot_trend
from helpers.figures.picture import Picture, show, show_pivot, show_table
from helpers.figures.upset import plot_upset

__all__ = [
    "Picture",
    "plot_curve",
    "plot_dots",
    "plot_trend",
    "plot_upset",
    "show",
    "show_pivot",
    "show_table",
]
