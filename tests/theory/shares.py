"""Whose the waiting is: measured from the records of a model that is run with attribution."""

from __future__ import annotations


def blame(model, actor, *states, who="guest"):
    """Mean time of all who left that an actor caused while they were queueing, held, or both."""

    def of_one_run(run):
        customers = run.customers[(run.customers["class"] == who) & run.customers["left"].notna()]
        columns = [
            name for name in customers.columns if name.startswith(tuple(f"{state}|{actor}|" for state in states))
        ]
        assert columns, "a run without attribution"
        return customers[columns].sum(axis=1).mean()

    return model.mean(of_one_run)


def held_per_call(run):
    """Of those who were held at all, for nobody else holds a receptionist."""
    held = run.customers[run.customers["held"] > 0]
    return held["held|programmer|work"]
