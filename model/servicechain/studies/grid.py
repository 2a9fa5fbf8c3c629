"""From what is to be varied to the scenarios: a grid of values, a list of named changes, functions.

Every path is looked up, and every changed chain is checked, before anything runs: a study of a night must not end at
its fortieth scenario by a misspelt name. The trap is the size of a grid, which is a product: it is counted before it
is built. The second trap is a grid that holds the chain as it is: that point is the base case, not one more scenario.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Any

from servicechain.chain import Chain
from servicechain.errors import ChainError, Mistake, Path, Problem, nearest, shown
from servicechain.files.overrides import with_values
from servicechain.problems import KeyProblem
from servicechain.studies.scenario import BASE, Scenario, check_scenario_name

MOST = 1_000
"""So many scenarios at most: to tell which is the best, each is compared with every other."""

SECTIONS = ("actors", "services", "customers")
_TOP = (*SECTIONS, "chain", "about", "unit", "starts", "run")
_SETTINGS = ("chain", "about", "unit", "run")
_LONG = 40

Changed = Mapping[str, Any] | Callable[[Chain], Chain]
Named = Mapping[str, Changed] | Sequence[Any]


def scenarios_of(
    chain: Chain, vary: Mapping[str, Iterable[Any]] | None = None, scenarios: Named | None = None
) -> tuple[Scenario, ...]:
    """Make the scenarios of a study, the base case first.

    Parameters
    ----------
    chain : Chain
    vary : mapping, optional
        From paths to lists of values. All combinations are made, in order, the last path changing fastest; the one
        that is the chain as it is, is the base case.
    scenarios : sequence or mapping, optional
        ``{"name": …, "set": {path: value}}`` one after the other; or a mapping from names to ``{path: value}`` or to
        a function from chain to chain.

    Returns
    -------
    tuple of Scenario

    Raises
    ------
    ChainError
        With all that is wrong; paths of problems begin with ``vary`` or ``scenarios``.
    """
    if vary is not None and scenarios is not None:
        raise Mistake("a study has either 'vary' or 'scenarios', got both; leave one out")
    base = Scenario(BASE, {}, chain.loaded())
    if vary is not None:
        return (base, *_grid(chain, base, vary))
    if scenarios is not None:
        return (base, *_listed(chain, scenarios))
    return (base,)


def full_path(chain: Chain, path: object) -> str:
    """Give the whole path of a short one: ``receptionist.staff`` is ``actors.receptionist.staff``.

    Raises
    ------
    Mistake
        If it is no text, nothing is called so, or more than one thing is.
    """
    if not isinstance(path, str) or not path.strip():
        raise Mistake(f"a path must be a text such as 'actors.receptionist.staff', got {shown(path)}")
    path = path.strip()
    first = path.split(".")[0]
    if first in _SETTINGS:
        raise Mistake(f"'{first}' is the same for all scenarios of a study, got {shown(path)}; say it of the study")
    if first in _TOP:
        return path
    sections = [section for section in SECTIONS if first in getattr(chain, section)]
    if len(sections) > 1:
        both = " or ".join(f"'{section}.{path}'" for section in sections)
        raise Mistake(f"{shown(path)} can be more than one thing; write {both}")
    if not sections:
        names = [name for section in SECTIONS for name in getattr(chain, section)]
        raise Mistake(f"{shown(path)}: nothing is called {shown(first)}{nearest(first, [*names, *SECTIONS])}")
    return f"{sections[0]}.{path}"


def short_path(chain: Chain, path: str) -> str:
    """Give the shortest path that means the same: without its section, where no other thing is called so."""
    section, _, rest = path.partition(".")
    name = rest.split(".")[0]
    alone = rest and [name in getattr(chain, each) for each in SECTIONS].count(True) == 1 and name not in _TOP
    return rest if section in SECTIONS and alone else path


def _grid(chain: Chain, base: Scenario, vary: object) -> Iterator[Scenario]:
    if not isinstance(vary, Mapping) or not vary:
        raise _wrong("'vary' goes from paths to lists of values, e.g. {receptionist.staff: [2, 3]}", vary, "vary")
    factors, problems = _factors(chain, vary)
    if problems:
        raise ChainError(problems)
    count = math.prod(len(values) for values in factors.values())
    if count > MOST:
        sizes = " × ".join(str(len(values)) for values in factors.values())
        message = f"a study has at most {MOST:,} scenarios, got {sizes} = {count:,}; vary fewer values"
        raise ChainError([Problem(message, ("vary",))])
    shorts = [short_path(chain, path) for path in factors]
    labels = [[_label(value, place) for place, value in enumerate(values)] for values in factors.values()]
    found = {base.key: BASE}
    for point in product(*(range(len(values)) for values in factors.values())):
        chosen = {path: values[at] for at, (path, values) in zip(point, factors.items(), strict=True)}
        name = ", ".join(f"{short}={each[at]}" for at, short, each in zip(point, shorts, labels, strict=True))
        places: dict[str, Path] = {path: ("vary", key, i) for i, key, path in zip(point, vary, factors, strict=True)}
        scenario = Scenario(name, chosen, _changed(chain, chosen, name, places, ("vary",)))
        other = found.setdefault(scenario.key, name)
        if other == name:
            yield scenario
        elif other != BASE:
            message = f"{shown(name)} and {shown(other)} are the same chain; leave one of the values out"
            raise ChainError([Problem(message, ("vary",))])


def _factors(chain: Chain, vary: Mapping[Any, Any]) -> tuple[dict[str, list[Any]], list[Problem]]:
    """Look up each path once, before any point of the grid is made.

    Whether a value is allowed can depend on another factor, so that is told by the points themselves.
    """
    factors: dict[str, list[Any]] = {}
    problems: list[Problem] = []
    data = chain.to_dict()
    for path, values in vary.items():
        at: Path = ("vary", str(path))
        try:
            full = full_path(chain, path)
            if full in factors:
                raise Mistake(f"{shown(full)} is varied twice; put all its values into one list")
            with_values(data, {full: None})
        except ChainError as error:
            problems += [KeyProblem(str(each), at) for each in error.problems]
            continue
        except Mistake as mistake:
            problems.append(KeyProblem(str(mistake), at))
            continue
        try:
            factors[full] = _values(values)
        except Mistake as mistake:
            problems.append(Problem(str(mistake), at))
    return factors, problems


def _values(values: object) -> list[Any]:
    if isinstance(values, (str, Mapping)) or not isinstance(values, Iterable):
        raise Mistake(f"the values to try must be a list, got {shown(values)}; write e.g. [{shown(values, 20)}]")
    some = islice(values, MOST + 1)
    found = [each.item() if hasattr(each, "item") and hasattr(each, "dtype") else each for each in some]
    if not found:
        raise Mistake("the list of values to try is empty; write at least one, e.g. [2, 3]")
    if len(found) > MOST:
        raise Mistake(f"a study has at most {MOST:,} scenarios, and more values than that are to be tried; vary fewer")
    written: set[str] = set()
    for each in found:
        text = json.dumps(each, default=repr)
        if text in written:
            raise Mistake(f"the value {shown(each)} is to be tried twice; keep one of them")
        written.add(text)
    return found


def _listed(chain: Chain, scenarios: object) -> Iterator[Scenario]:
    if isinstance(scenarios, Mapping):
        entries: list[tuple[Any, Any, Path]] = [
            (name, change, ("scenarios", str(name))) for name, change in scenarios.items()
        ]
    elif isinstance(scenarios, Sequence) and not isinstance(scenarios, str):
        entries = [(*_entry(entry, place), ("scenarios", place)) for place, entry in enumerate(scenarios)]
    else:
        raise _wrong("'scenarios' is a list of {name: …, set: {path: value}}", scenarios, "scenarios")
    if len(entries) > MOST:
        message = f"a study has at most {MOST:,} scenarios, got {len(entries):,}; leave some out"
        raise ChainError([Problem(message, ("scenarios",))])
    if not entries:
        message = "the list of scenarios is empty; name at least one, or leave 'scenarios' out"
        raise ChainError([Problem(message, ("scenarios",))])
    names: set[str] = set()
    problems: list[Problem] = []
    for name, change, at in entries:
        try:
            called = check_scenario_name(name)
            if called in names:
                raise Mistake(f"two scenarios are called {shown(called)}; give each a name of its own")
            names.add(called)
            yield _scenario(chain, called, change, at)
        except ChainError as error:
            problems += error.problems
        except Mistake as mistake:
            problems.append(Problem(str(mistake), at))
    if problems:
        raise ChainError(problems)


def _entry(entry: object, place: int) -> tuple[Any, Any]:
    if isinstance(entry, Scenario):
        return entry.name, entry.values or (lambda _: entry.chain)
    if callable(entry):
        return getattr(entry, "__name__", f"scenario {place + 1}"), entry
    if not isinstance(entry, Mapping):
        raise _wrong("a scenario is {name: …, set: {path: value}}", entry, "scenarios", place)
    for key in entry:
        if key not in ("name", "set"):
            message = f"a scenario has no key {shown(key)}{nearest(str(key), ('name', 'set'))}"
            raise ChainError([KeyProblem(message, ("scenarios", place, str(key)))])
    for key in ("name", "set"):
        if key not in entry:
            raise ChainError([Problem(f"this scenario lacks '{key}'; add it", ("scenarios", place))])
    return entry["name"], entry["set"]


def _scenario(chain: Chain, name: str, change: Any, at: Path) -> Scenario:
    if callable(change):
        made = change(chain)
        if not isinstance(made, Chain):
            raise Mistake(f"scenario {shown(name)}: a function must give a Chain, got {shown(made)}")
        if made.unit != chain.unit:
            raise Mistake(f"scenario {shown(name)} counts in {made.unit}, the base case in {chain.unit}; keep the unit")
        return Scenario(name, {}, made.loaded())
    if not isinstance(change, Mapping) or not change:
        raise Mistake(f"scenario {shown(name)} sets {{path: value}}, got {shown(change)}; write at least one")
    at = (*at, "set") if isinstance(at[-1], int) else at
    values: dict[str, Any] = {}
    for path, value in change.items():
        try:
            full = full_path(chain, path)
        except Mistake as mistake:
            raise ChainError([KeyProblem(f"scenario {shown(name)}: {mistake}", (*at, str(path)))]) from None
        if full in values:
            raise ChainError([KeyProblem(f"scenario {shown(name)} sets {shown(full)} twice", (*at, str(path)))])
        values[full] = value
    places: dict[str, Path] = {full: (*at, str(path)) for full, path in zip(values, change, strict=True)}
    return Scenario(name, values, _changed(chain, values, name, places, at))


def _changed(chain: Chain, values: Mapping[str, Any], name: str, places: Mapping[str, Path], at: Path) -> Chain:
    """Change a chain, and let the problems name the scenario and stand where their values were written."""
    try:
        return chain.with_values(values).loaded()
    except ChainError as error:
        problems = []
        for each in error.problems:
            dotted = ".".join(str(part) for part in each.path)
            written = [
                place for path, place in places.items() if f"{dotted}.".startswith(f"{path}.") or path == each.source
            ]
            found = written[0] if written else at
            message = f"scenario {shown(name, 100)}: {each}"
            in_key = isinstance(each, KeyProblem)
            problems.append(KeyProblem(message, _key(found)) if in_key else Problem(message, found))
        raise ChainError(problems) from None


def _key(path: Path) -> Path:
    """Give the place of the key, of one value in a list of them."""
    return path[:-1] if isinstance(path[-1], int) else path


def _label(value: Any, place: int) -> str:
    """Write a value into the name of a scenario; a long one by its place in the list."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= _LONG and text.isprintable() else f"#{place + 1}"


def _wrong(rule: str, value: object, *at: str | int) -> ChainError:
    return ChainError([Problem(f"{rule}, got {shown(value)}", at)])
