"""Whose the waiting of a class is, and by way of whom it came: the two pictures side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from servicechain.plots.causes import plot_causes
from servicechain.plots.flow import plot_flow
from servicechain.plots.style import ShownAxes, house_style

if TYPE_CHECKING:
    from servicechain.results import Result


def plot_explanation(result: Result, customer_class: str | None = None) -> Axes:
    """Draw the causes of a class's waiting at the left of a new figure, and its flow at the right.

    Parameters
    ----------
    result : Result
    customer_class : str, optional
        Whose wait; by default that of the first class.

    Returns
    -------
    Axes
        Of the causes; the figure has both.

    Raises
    ------
    Mistake
        If there is no such class, or the run was made without attribution.
    """
    with house_style():
        figure = Figure(figsize=(14.0, 5.2), layout="constrained")
        FigureCanvasAgg(figure)
        left = figure.add_subplot(1, 2, 1, axes_class=ShownAxes)
        right = figure.add_subplot(1, 2, 2, axes_class=ShownAxes)
    plot_flow(result, customer_class, right)
    return plot_causes(result, customer_class, left)
