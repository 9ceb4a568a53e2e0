"""Pictures and tables of released numbers; each picture comes with its caption, its alt text and its CSV.

Everything here accepts `Released` only.
"""

from helpers.figures.draw import plot_dots, plot_trend
from helpers.figures.picture import Picture, show, show_pivot, show_table

__all__ = ["Picture", "plot_dots", "plot_trend", "show", "show_pivot", "show_table"]
