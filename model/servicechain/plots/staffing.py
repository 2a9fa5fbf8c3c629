"""What a staffing search found: its plans by cost and service, the goal as a line, and the advice marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.axes import Axes

from servicechain.errors import Mistake, nearest, shown
from servicechain.plots.frontier import Point, draw_frontier
from servicechain.studies.measured import measured

if TYPE_CHECKING:
    from servicechain.studies.staff_result import Staffing


def plot_staffing(found: Staffing, metric: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the plans of a staffing search by cost and one of its goals.

    Parameters
    ----------
    found : Staffing
    metric : str, optional
        Of one of the goals; by default of the first.
    ax : Axes, optional
        To draw on; by default those of a new figure.

    Returns
    -------
    Axes
        x: cost per day; y: the metric, with half-widths that hold for all plans together.

    Raises
    ------
    Mistake
        If no goal has this metric, or nobody has a wage.
    """
    goals = {goal.metric: goal for goal in found.goals}
    if metric is not None and metric not in goals:
        raise Mistake(f"no goal of this search is about {shown(metric)}{nearest(str(metric), goals)}")
    goal = goals[metric] if metric is not None else found.goals[0]
    points = [
        Point(
            "as it is" if plan.today else plan.change,
            plan.cost.mean,
            plan.metrics[goal.metric],
            base=plan.today,
            best=plan.best,
        )
        for plan in found.plans
    ]
    return draw_frontier(
        points,
        measured(goal.metric, found.unit),
        "min" if goal.at_most else "max",
        limit=goal.bound,
        best="advised",
        ax=ax,
    )
