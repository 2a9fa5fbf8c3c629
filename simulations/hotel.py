"""Who makes a hotel's guests stand? Six questions to the chain in hotel.yaml, answered in plain words.

Changes are compared on the same days: with the same random numbers every guest arrives at the same minute and
needs the same work, so a difference is due to the change and not to luck. Its half-width comes from the
differences of the single days.
"""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pandas as pd

import servicechain as sc
from servicechain.estimates import half_width
from servicechain.load import Expected, peak_rates

CHAIN = Path(__file__).with_name("hotel.yaml")
CHANGES = {
    "a receptionist more, two to ten": ("receptionist", {"from": "14:00", "to": "22:00"}),
    "a programmer more, two to five": ("programmer", {"from": "14:00", "to": "17:00"}),
    "stuck bookings before departments": None,
}


def main() -> None:
    """Ask and answer."""
    chain = sc.read(CHAIN)
    today = sc.run(chain, keep_records=True)
    print(f"{chain.chain}: one day, {today.replications} times over")
    tell_loads(chain)
    tell_waits(today)
    tell_tolerance(today)
    tell_dependence(chain)
    tell_causes(today)
    tell_changes(chain, today)


def tell_loads(chain: sc.Chain) -> None:
    """Show that nobody is overloaded."""
    print("\nHas anybody too much to do? Work in hand in the busiest hour, if nobody ever had to wait:")
    for name, load in Expected(chain).loads(peak_rates(chain)).items():
        print(f"  {name:<16}{load.offered / chain.actors[name].servers:4.0%} of the time")


def changed(chain: sc.Chain, shift: tuple[str, dict[str, str]] | None) -> sc.Chain:
    """Make a chain with one more shift for somebody, or with another order in the programmer's line."""
    if shift is None:
        return chain.with_values({"services.unlock the booking.priority": 0})
    actor, hours = shift
    shifts = chain.to_dict()["actors"][actor]["shifts"]
    return chain.with_values({f"actors.{actor}.shifts": [*shifts, {"days": "daily", **hours, "staff": 1}]})


def tell_waits(result: sc.Result) -> None:
    """Show how long guests stand, and how much of it they stand before somebody who serves them."""
    rush = gone(result).query("`class` == 'guest' and arrived >= 14 * 60 and arrived <= 18 * 60")
    late, share = result.value("customers.guest.wait.p95"), mean(result, "held") / mean(result, "wait")
    busy = result.value("actors.receptionist.utilisation.mean")
    stuck = result.value("actors.receptionist.held.mean") / busy
    print("\nHow long do guests stand?")
    print(f"  {with_half_width(result, 'wait')} minutes on average; one in twenty {late:.0f} or longer.")
    print(f"  Who arrives between two and six: {rush['wait'].mean():.1f} minutes.")
    print("How much of it before somebody who is already serving them?")
    print(f"  {with_half_width(result, 'held')} minutes ({share:.0%}): the receptionist waits with them.")
    print(f"  The other {mean(result, 'queueing'):.1f} minutes they stand in line, while a busy receptionist")
    print(f"  spends {stuck:.0%} of the time waiting for somebody else.")


def tell_tolerance(result: sc.Result) -> None:
    """Show how many guests fall out of the zone of tolerance, at either end."""
    print("\nWhat do guests make of it?")
    lost = mean(result, "abandoned_share")
    print(f"  {mean(result, 'delighted'):.0%} are delighted, {mean(result, 'inside'):.0%} put up with it;")
    print(f"  {mean(result, 'below'):.0%} do not: they wait too long, or go to another hotel ({lost:.0%}).")


def tell_dependence(chain: sc.Chain) -> None:
    """Show on whom a guest depends in the end, and who else does."""
    asks = nx.DiGraph([(one, other) for one, other, kind in chain.graph.edges(data="kind") if kind == "ask"])
    path = nx.dag_longest_path(asks)
    others = sorted(set(asks.predecessors(path[-1])) - set(path))
    print("\nWho depends on whom?")
    print(f"  {' -> '.join(path)}; each waits for the next.")
    print(f"  In the {path[-1]}'s line stands also: {', '.join(others)}.")


def tell_causes(result: sc.Result) -> None:
    """Show to whom the minutes belong, and by way of whom they came."""
    print("\nWhose minutes are they? Followed through everybody who was held on the way:")
    for line in str(result.paths("guest")).splitlines():
        print(f"  {line}")


def tell_changes(chain: sc.Chain, today: sc.Result) -> None:
    """Compare changes with the same days unchanged: minutes a guest is spared, and what they cost."""
    print("\nWhat would change that? On the same days:")
    print(f"  {'':<34}{'minutes spared':<15}{'a de-':>9}{'euros':>8}{'minutes':>9}{'not':>13}")
    print(f"  {'':<34}{'a guest':<15}{'partment':>9}{'a day':>8}{'a euro':>9}{'acceptable':>13}")
    waits, guests = daily_waits(today), today.value("customers.guest.arrived.mean")
    for name, shift in CHANGES.items():
        then = sc.run(changed(chain, shift), keep_records=True, attribution=False)
        spared = waits - daily_waits(then)
        guest, department = spared["guest"].mean(), spared["department"].mean()
        euros = cost(then) - cost(today)
        a_euro = "free" if shift is None else f"{guest * guests / euros:.2f}"
        print(
            f"  {name:<34}{guest:6.2f} ± {half_width(spared['guest']):4.2f}{department:11.2f}{euros:8.0f}"
            f"{a_euro:>9}{mean(today, 'below'):6.0%} -> {mean(then, 'below'):3.0%}"
        )


def gone(result: sc.Result) -> pd.DataFrame:
    """Take the records of those who left, served or not."""
    records = result.customer_records
    return records[records["outcome"] != "unfinished"]


def daily_waits(result: sc.Result) -> pd.DataFrame:
    """Give the mean wait in minutes: a row for each day, a column for each class."""
    return gone(result).pivot_table("wait", "replication", "class", observed=True)


def cost(result: sc.Result) -> float:
    """Give the wages of a day, in euros."""
    return sum(result.value(f"actors.{each.name}.cost.mean") for each in result.facts.actors)


def mean(result: sc.Result, metric: str) -> float:
    """Give the mean of one of the guests' numbers."""
    return result.value(f"customers.guest.{metric}.mean")


def with_half_width(result: sc.Result, metric: str) -> str:
    """Write one of the guests' mean times with its half-width."""
    return f"{mean(result, metric):.1f} ± {result.value(f'customers.guest.{metric}.halfwidth'):.1f}"


if __name__ == "__main__":
    main()
