"""Draw the pictures of the README's gallery, each by the line that stands beside it there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from matplotlib.axes import Axes

import servicechain as sc
from servicechain.plots.style import save

HERE = Path(__file__).parent
GALLERY = HERE / "gallery"


def pictures() -> dict[str, Callable[[], Axes]]:
    """Give each picture's name and the line that makes it."""
    chain = sc.read(HERE / "hotel.yaml")
    result = sc.run(chain)
    return {
        "blueprint": chain.draw,
        "causes": lambda: result.plot_causes("guest"),
        "flow": lambda: result.plot_flow("guest"),
        "day": result.plot_day,
        "story": lambda: result.plot_story("guest"),
        "waits": lambda: result.plot_waits("guest"),
        "load": result.plot_load,
        "queues": result.plot_queues,
        "arrivals": lambda: result.plot_arrivals("receptionist"),
    }


def main(folder: Path = GALLERY) -> None:
    """Draw all of them into a folder."""
    folder.mkdir(exist_ok=True)
    for name, draw in pictures().items():
        save(draw(), folder / f"{name}.png", overwrite=True)


if __name__ == "__main__":
    main()
