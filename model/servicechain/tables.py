"""How results look to a person: plain words first, then tables, in a terminal or in a notebook.

A table too wide for the terminal continues below itself, names and all, instead of squeezing its numbers; a
column that says nothing (no failures, no wages) is left out. Names come from files, so they are escaped, and
what would move the cursor is not printed.
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from servicechain.estimates import Estimate, Estimates, Spread
from servicechain.facts import ChainFacts
from servicechain.settings import Settings
from servicechain.wording import counted

if TYPE_CHECKING:
    from servicechain.attribution import Attribution

UNDEFINED = "–"
MOST_CAUSES = 8
"""So many causes are shown for each class; the rest stands in one line."""


@dataclass(frozen=True)
class Table:
    """Words and numbers ready to be shown.

    Attributes
    ----------
    head : tuple of str
        The first names the things, the others are numbers.
    rows : tuple of tuple of str
        As long as `head` each.
    together : int
        So many columns after the names belong together, and so on, and are not torn apart.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    together: int = 1


@dataclass(frozen=True)
class Page:
    """All that is shown of a result.

    Attributes
    ----------
    title : str
        The chain.
    about : str
        How it was run, and the unit.
    sentences : tuple of str
        What matters, in plain words.
    tables : tuple of Table
        Customers, services, actors.
    """

    title: str
    about: str
    sentences: tuple[str, ...]
    tables: tuple[Table, ...]


# a half-width this small beside its mean is the rounding of sums, not chance
ROUNDING = 1e-9

GAP = 3
"""Between two columns."""

Column = tuple[str, Callable[[Estimates], str]]


def page(
    facts: ChainFacts, settings: Settings, engine: str, estimates: Estimates, attribution: Attribution | None = None
) -> Page:
    """Compose what is shown of a result."""
    customers, services, actors = (branch(estimates, name) for name in ("customers", "services", "actors"))
    return Page(
        title=clean(facts.name),
        about=about(facts, settings, engine),
        sentences=(
            *(customer_sentence(name, each, str(facts.unit)) for name, each in things(customers)),
            *actor_sentences(actors),
        ),
        tables=tuple(
            filled
            for filled in (
                table("customers", customers, CUSTOMERS),
                table("services", services, SERVICES),
                table("actors", actors, ACTORS),
                *(() if attribution is None else blame_tables(attribution)),
            )
            if filled.rows
        ),
    )


def blame_tables(attribution: Attribution) -> Iterable[Table]:
    """Show who made each class wait: the largest parts first, and what is left in one line.

    The share is that of all the minutes together, so that it can be checked against the column beside it.
    """
    for name in attribution.classes:
        parts = [part for part in attribution.parts(name) if part.time.mean > 0]
        whole = sum(part.time.mean for part in parts)
        rows = [
            (
                clean(f"{part.key[0]}: {part.key[1]}"),
                *(plus_minus(each) for each in (part.time, part.queueing, part.held)),
                f"{part.time.mean / whole:.0%}",
            )
            for part in parts[:MOST_CAUSES]
        ]
        rest = parts[MOST_CAUSES:]
        if rest:
            time, queueing, held = (
                sum(part.measure(each).mean for part in rest) for each in ("time", "queueing", "held")
            )
            rows.append((f"{len(rest)} more", number(time), number(queueing), number(held), f"{time / whole:.0%}"))
        yield Table((f"who made {clean(name)} wait", "time", "in line", "held", "share of the wait"), tuple(rows))


def about(facts: ChainFacts, settings: Settings, engine: str) -> str:
    """Say how the chain was run, and in what unit times are told."""
    parts = [counted(settings.replications, "replication")]
    if settings.customers is not None:
        parts[0] += f" of {counted(settings.customers, 'customer')}"
    if settings.until is not None:
        parts[0] += f" of {number(settings.until)} {facts.unit}"
    if settings.warm_up:
        parts.append(f"the first {number(settings.warm_up)} {facts.unit} not counted")
    parts += [f"seed {settings.seed}", f"{engine} engine", f"times in {facts.unit}"]
    if settings.replications > 1:
        parts.append("± 95% half-width")
    return ", ".join(parts)


def customer_sentence(name: str, each: Estimates, unit: str) -> str:
    """Say how long customers of a class waited, for what, and how many gave up."""
    wait = spread(each, "wait")
    if math.isnan(wait.mean):
        return f"{clean(name)}: nobody was counted who arrived (after the warm-up) and left again."
    text = (
        f"{clean(name)}: waits {plus_minus(wait)} {unit}, {number(mean(each, 'queueing'))} of it in line and "
        f"{number(mean(each, 'held'))} held; one in twenty waits {number(wait.p95)} or longer"
    )
    gave_up = estimate(each, "abandoned_share")
    text += f"; {percent(gave_up)} give up" if gave_up.mean > 0 else "; nobody gives up"
    if "below" in each:
        text += f"; {percent(estimate(each, 'below'))} are below their tolerance"
    unfinished = mean(each, "unfinished")
    if unfinished > 0:
        text += f"; {number(unfinished)} of {number(mean(each, 'arrived'))} had not left at the end"
    return text + "."


def actor_sentences(actors: Estimates) -> Iterable[str]:
    """Say who is busiest, who waits most for others, and where the line is longest."""
    utilised = most(actors, "utilisation")
    if utilised:
        name, share = utilised
        yield f"Busiest: {name}, with work in hand for {percent(share)} of the time on duty."
    held = most(actors, "held")
    if held:
        name, share = held
        yield f"Most held: {name}, waiting for others or pausing for {percent(share)} of the time on duty."
    line = most(actors, "queue_length", "mean")
    if line:
        name, length = line
        yield f"Longest line: before {name}, {plus_minus(length)} in it on average."


CUSTOMERS: tuple[Column, ...] = (
    ("arrived", lambda each: number(mean(each, "arrived"))),
    ("wait", lambda each: plus_minus(estimate(each, "wait"))),
    ("queueing", lambda each: plus_minus(estimate(each, "queueing"))),
    ("held", lambda each: plus_minus(estimate(each, "held"))),
    ("wait p50", lambda each: number(spread(each, "wait").p50)),
    ("p95", lambda each: number(spread(each, "wait").p95)),
    ("max", lambda each: number(spread(each, "wait").max)),
    ("in system", lambda each: plus_minus(estimate(each, "time_in_system"))),
    ("gave up", lambda each: percent(estimate(each, "abandoned_share"))),
    ("unfinished", lambda each: number(mean(each, "unfinished"))),
    ("delighted", lambda each: percent(estimate(each, "delighted"))),
    ("below", lambda each: percent(estimate(each, "below"))),
    ("satisfaction", lambda each: plus_minus(estimate(each, "satisfaction"))),
)

SERVICES: tuple[Column, ...] = (
    ("requests", lambda each: number(mean(each, "requests"))),
    ("delayed", lambda each: percent(estimate(each, "delayed_share"))),
    ("in line", lambda each: plus_minus(estimate(each, "queue_wait"))),
    ("p95", lambda each: number(spread(each, "queue_wait").p95)),
    ("in standard", lambda each: percent(estimate(each, "within_standard"))),
    ("duration", lambda each: plus_minus(estimate(each, "duration"))),
    ("abandoned", lambda each: number(mean(each, "abandoned"))),
    ("withdrawn", lambda each: number(mean(each, "withdrawn"))),
    ("waiting", lambda each: number(mean(each, "waiting"))),
)

ACTORS: tuple[Column, ...] = (
    ("on duty", lambda each: number(mean(each, "on_duty"))),
    ("busy", lambda each: number(mean(each, "busy"))),
    ("working", lambda each: percent(estimate(each, "working"))),
    ("held", lambda each: percent(estimate(each, "held"))),
    ("idle", lambda each: percent(estimate(each, "idle"))),
    ("down", lambda each: percent(estimate(each, "down"))),
    ("line", lambda each: plus_minus(estimate(branch(each, "queue_length"), "mean"))),
    ("longest", lambda each: number(mean(branch(each, "queue_length"), "max"))),
    ("overtime", lambda each: number(mean(each, "overtime"))),
    ("cost", lambda each: number(mean(each, "cost"))),
)

# columns that are left out when they say nothing about anybody
_OPTIONAL = {
    "gave up", "unfinished", "delighted", "below", "satisfaction", "in standard",
    "abandoned", "withdrawn", "waiting", "down", "overtime", "cost",
}  # fmt: skip


def table(title: str, metrics: Estimates, columns: Sequence[Column]) -> Table:
    """Fill a table, one row for each thing."""
    names, each = zip(*things(metrics), strict=True) if metrics else ((), ())
    kept = [(head, [show(one) for one in each]) for head, show in columns]
    silent = {UNDEFINED, "0", "0%"}
    kept = [(head, cells) for head, cells in kept if head not in _OPTIONAL or not silent.issuperset(cells)]
    rows = zip((clean(name) for name in names), *(cells for _, cells in kept), strict=True)
    return Table((title, *(head for head, _ in kept)), tuple(rows))


def text(shown: Page, width: int) -> str:
    """Set a page for a terminal of a width in characters."""
    import io

    from rich.box import SIMPLE_HEAD
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    width = max(width, 30)
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None, force_terminal=False, legacy_windows=False)
    for line in (shown.title, shown.about, "", *shown.sentences):
        console.print(Text(line, overflow="fold"))
    for one in shown.tables:
        for part in folded(one, width):
            grid = RichTable(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1))
            for place, head in enumerate(part.head):
                grid.add_column(
                    Text(head),
                    justify="right" if place else "left",
                    no_wrap=place > 0,
                    overflow="fold" if place == 0 else "ellipsis",
                )
            _, *numbers = zip(part.head, *part.rows, strict=True)
            room = width - sum(max(map(cell_len, column)) + GAP for column in numbers)
            for name, *cells in part.rows:
                grid.add_row(Text(hanging(name, room)), *map(Text, cells))
            console.print()
            console.print(grid)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def folded(whole: Table, width: int) -> Iterable[Table]:
    """Cut a table into parts that fit a width, each with the names in front."""
    from rich.cells import cell_len

    sizes = [max(map(cell_len, column)) + GAP for column in zip(whole.head, *whole.rows, strict=True)]
    name = min(sizes[0], max(width // 3, 12))
    start = 1
    while start < len(sizes):
        stop = start + whole.together
        while stop < len(sizes) and name + sum(sizes[start : stop + whole.together]) <= width:
            stop += whole.together
        keep = (0, *range(start, min(stop, len(sizes))))
        yield Table(
            tuple(whole.head[place] for place in keep),
            tuple(tuple(row[place] for place in keep) for row in whole.rows),
        )
        start = stop


def hanging(name: str, room: int) -> str:
    """Break a name that is too long, and let what follows stand further in.

    >>> print(hanging("  many words are in this name", 18))
      many words are
        in this name
    """
    from textwrap import wrap

    further = "    " if room > 16 else ""
    return "\n".join(wrap(name, max(room, 1), subsequent_indent=further, break_on_hyphens=False)) or name


def markup(shown: Page) -> str:
    """Set a page for a notebook: HTML that needs nothing else."""
    parts = [f"<p><strong>{html.escape(shown.title)}</strong><br/>{html.escape(shown.about)}</p>"]
    parts += ["<ul>", *(f"<li>{html.escape(line)}</li>" for line in shown.sentences), "</ul>"]
    for one in shown.tables:
        head = "".join(f"<th>{html.escape(cell)}</th>" for cell in one.head)
        parts += ["<table>", f"<thead><tr>{head}</tr></thead>", "<tbody>"]
        for name, *cells in one.rows:
            numbers = "".join(f'<td style="text-align:right">{html.escape(cell)}</td>' for cell in cells)
            parts.append(f'<tr><th style="text-align:left">{html.escape(name)}</th>{numbers}</tr>')
        parts += ["</tbody>", "</table>"]
    return "\n".join(["<div>", *parts, "</div>"])


def number(value: float) -> str:
    """Write a number with three significant digits, a large one without its fraction.

    >>> number(0.04567), number(12.3456), number(12345.6), number(3.0)
    ('0.0457', '12.3', '12,346', '3')
    """
    if math.isnan(value):
        return UNDEFINED
    return f"{value:,.{decimals(value)}f}"


def decimals(value: float) -> int:
    """Tell how many decimals three significant digits need; none for a whole number."""
    if value == round(value):
        return 0
    digits = 2 - math.floor(math.log10(abs(value)))
    return min(max(digits, 0), 12)


def plus_minus(value: Estimate, factor: float = 1.0, unit: str = "") -> str:
    """Write a mean with its half-width, both to the same decimal."""
    centre, halfwidth = value.mean * factor, value.halfwidth * factor
    if math.isnan(centre):
        return UNDEFINED
    if math.isnan(halfwidth) or halfwidth <= ROUNDING * abs(centre):
        return number(centre) + unit
    places = decimals(centre) or (0 if abs(centre) >= 100 else decimals(halfwidth))
    wide = f"{halfwidth:,.{places}f}"
    # a half-width too small for these decimals still says how small it is
    wide = wide if float(wide.replace(",", "")) else f"{halfwidth:.1g}"
    return f"{centre:,.{places}f} ± {wide}{unit}"


def percent(value: Estimate) -> str:
    """Write a share in percent, with its half-width."""
    return plus_minus(value, 100.0, "%")


def clean(name: str) -> str:
    """Take out of a name what would move the cursor or colour the screen."""
    return "".join(letter if letter.isprintable() else "�" for letter in name)


def most(metrics: Estimates, *path: str) -> tuple[str, Estimate] | None:
    """Find who has most of a metric; None if nobody has any."""
    found: tuple[str, Estimate] | None = None
    for name, each in things(metrics):
        at = each
        for key in path[:-1]:
            at = branch(at, key)
        value = estimate(at, path[-1])
        if value.mean > (found[1].mean if found else 0.0):
            found = (clean(name), value)
    return found


def things(metrics: Estimates) -> list[tuple[str, Estimates]]:
    """List the things of one kind with their metrics."""
    return [(name, branch(metrics, name)) for name in metrics]


def branch(metrics: Estimates, name: str) -> Estimates:
    """Take the metrics below a name; none if it has none."""
    value = metrics.get(name, {})
    return value if isinstance(value, dict) else {}


def estimate(metrics: Estimates, name: str) -> Estimate:
    """Take an estimate; an undefined one if there is none of this name."""
    value = metrics.get(name)
    return value if isinstance(value, Estimate) else Estimate(math.nan, math.nan)


def spread(metrics: Estimates, name: str) -> Spread:
    """Take a distribution; an undefined one if there is none of this name."""
    value = metrics.get(name)
    return value if isinstance(value, Spread) else Spread(*(math.nan,) * 8)


def mean(metrics: Estimates, name: str) -> float:
    """Take the mean of an estimate; NaN if there is none of this name."""
    return estimate(metrics, name).mean
