"""Staff by the minute, written as the shifts of a chain file."""

from itertools import pairwise


def roster(levels):
    """Write `shifts` of so many people from each minute on, e.g. ``{0: 2, 4: 1}``."""
    minutes = [*levels, 1440]
    entries = [
        f"{{days: daily, from: '{_clock(start)}', to: '{_clock(end)}', staff: {levels[start]}}}"
        for start, end in pairwise(minutes)
    ]
    return "[" + ", ".join(entries) + "]"


def _clock(minute):
    return f"{minute // 60:02}:{minute % 60:02}"
