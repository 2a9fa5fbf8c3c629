"""Small chains written as YAML text, run once, and what happened to each customer and request."""

from textwrap import dedent

from servicechain import Chain, run
from servicechain.files.tree import read_tree

HEAD = "chain: a timeline\nunit: minutes\n"


def chain_of(text):
    return Chain.from_dict(read_tree(HEAD + dedent(text), "timeline").data)


def happened(text, engine, **settings):
    """Run a chain once and keep everything."""
    settings.setdefault("customers", 1000)
    chain = text if isinstance(text, Chain) else chain_of(text)
    return run(chain, replications=1, engine=engine, keep_records=True, **settings)


def column(result, name, customer_class=None):
    """One column of the customers, in the order in which they came."""
    frame = result.customer_records
    if customer_class is not None:
        frame = frame[frame["class"] == customer_class]
    return list(frame.sort_values(["arrived", "class", "number"], kind="stable")[name])


def requests(result, name, service):
    frame = result.request_records
    return list(frame[frame["service"] == service].sort_values(["asked", "number"], kind="stable")[name])
