"""What can be measured of a picture without looking at it: where its texts stand."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg


def texts(ax):
    """Texts that are drawn in the figure of some axes, with their boxes in pixels, once all has its place."""
    figure = ax.get_figure(root=True)
    FigureCanvasAgg(figure)
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    found = []
    for axes in figure.axes:
        found += [axes._left_title, axes.title, axes._right_title, axes.xaxis.label, axes.yaxis.label, *axes.texts]
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            slack = 1e-6 * (high - low)
            ticks = zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=False)
            found += [label for place, label in ticks if low - slack <= place <= high + slack and axis.get_visible()]
        if axes.get_legend():
            found += axes.get_legend().get_texts()
    shown = [text for text in found if text.get_visible() and text.get_text().strip()]
    return [(text.get_text(), text.get_window_extent(renderer)) for text in shown]


def words(ax):
    """All that is written in the figure, on one line."""
    return " ".join(" ".join(text.split()) for text, _ in texts(ax))


def title(ax):
    return " ".join(ax.get_title(loc="left").split())


def check_texts(ax, own_figure=True):
    """No text covers another one, and none is cut off by the edge of the figure."""
    found = texts(ax)
    assert found
    width, height = ax.get_figure(root=True).canvas.get_width_height()
    boxes = np.array([[box.x0, box.y0, box.x1, box.y1] for _, box in found])
    if own_figure:
        outside = (boxes[:, :2] < -1).any(axis=1) | (boxes[:, 2:] > (width + 1, height + 1)).any(axis=1)
        assert not outside.any(), [found[place] for place in np.flatnonzero(outside)]
    for place, one in enumerate(boxes):
        rest = boxes[place + 1 :]
        across = np.minimum(one[2:], rest[:, 2:]) - np.maximum(one[:2], rest[:, :2])
        over = np.flatnonzero((across > 1).all(axis=1))
        assert not over.size, (found[place], [found[place + 1 + each] for each in over])
