"""The chain: the whole model of one service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    BeforeValidator,
    PlainSerializer,
    PrivateAttr,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from servicechain.actors import Actor
from servicechain.base import Name, Named, Part, Time, Whole, as_named, check_seed
from servicechain.custom_steps import Custom
from servicechain.customers import CustomerClass
from servicechain.errors import ChainError, Mistake, ServiceChainError, shown
from servicechain.errors import Path as ProblemPath
from servicechain.places import all_lists
from servicechain.problems import problems_of
from servicechain.rules import problems_in
from servicechain.services import Service
from servicechain.steps import every_step
from servicechain.units import TimeUnit
from servicechain.wording import size_of, summary_of

if TYPE_CHECKING:
    import networkx as nx
    from matplotlib.axes import Axes


def _moment(value: object) -> datetime:
    """Take a date and time of day without a time zone."""
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise Mistake(f"'starts' must be a date and time such as 2026-01-05T00:00, got {shown(value)}") from None
    if moment.tzinfo is not None:
        raise Mistake(f"'starts' has no time zone: all times of a chain are local, got {shown(str(value))}")
    return moment


def _inside(data: Any, path: ProblemPath) -> Any:
    for part in path:
        data = data[part]
    return data


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes" if not (moment.second or moment.microsecond) else "auto")


Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    PlainSerializer(_stamp),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?$"}),
]
Seed = Annotated[
    int,
    BeforeValidator(check_seed),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 2**32 - 1}),
]


class RunDefaults(Part):
    """What a run of this chain is like unless the command line says otherwise.

    Attributes
    ----------
    customers : int or None
        Stop when so many journeys, warm-up included, have ended.
    until : Quantity or None
        Stop at this time; either this or `customers`.
    warm_up : Quantity or None
        Who arrives before is simulated, not counted.
    replications, seed : int or None
    """

    customers: Whole | None = None
    until: Time | None = None
    warm_up: Time | None = None
    replications: Whole | None = None
    seed: Seed | None = None

    @model_validator(mode="after")
    def _one_end(self) -> RunDefaults:
        if self.customers is not None and self.until is not None:
            raise Mistake("a run ends either after 'customers' or at 'until', got both; leave one out")
        return self


class Chain(Part):
    """A service as a graph of actors who ask each other.

    The keys are those of a chain file. Build one in Python with the same words, or read one with
    `servicechain.read`.

    Attributes
    ----------
    chain : str
        The name.
    unit : TimeUnit
        Of every bare number.
    actors, services, customers : mapping from name to Actor, Service, CustomerClass
        In the order of the file, which decides ties between arrivals.
    about : str or None
    starts : datetime or None
        The clock's zero.
    run : RunDefaults or None

    Raises
    ------
    ChainError
        With all that is wrong, each with its place.
    """

    chain: str
    about: str | None = None
    unit: TimeUnit
    starts: Moment | None = None
    run: RunDefaults | None = None
    actors: Annotated[Mapping[Name, Actor], BeforeValidator(as_named)]
    services: Annotated[Mapping[Name, Service], BeforeValidator(as_named)]
    customers: Annotated[Mapping[Name, CustomerClass], BeforeValidator(as_named)]

    _folder: Path = PrivateAttr(default=Path())

    @model_validator(mode="after")
    def _consistent(self) -> Chain:
        problems = list(problems_in(self))
        if problems:
            raise ChainError(problems)
        for field in ("actors", "services", "customers"):
            object.__setattr__(self, field, Named(getattr(self, field)))
        return self

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], folder: Path | None = None) -> Chain:
        """Build a chain from plain data, as a chain file holds it.

        Parameters
        ----------
        data : mapping
        folder : Path, optional
            Where the files it names lie; the working folder by default.

        Raises
        ------
        ChainError
            With all that is wrong, each with its path.
        """
        try:
            chain = cls.model_validate(dict(data))
        except ValidationError as error:
            raise ChainError(problems_of(error)) from None
        chain._folder = folder or Path()
        return chain

    def to_dict(self) -> dict[str, Any]:
        """Give the chain as plain data, and functions of custom steps as they are; `from_dict` reads it back."""
        data = self.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
        for path, steps in all_lists(self):
            for at, step in every_step(steps, path):
                if isinstance(step, Custom):
                    _inside(data, at)["custom"] = step.custom
        return data

    def to_yaml(self) -> str:
        """Write the chain as the text of a chain file.

        Raises
        ------
        Mistake
            If it holds a custom step, which exists in Python only; `to_json` and `save` raise it too.
        """
        from servicechain.files.writing import to_yaml

        return to_yaml(self.to_dict())

    def to_json(self) -> str:
        """Write the chain as JSON."""
        from servicechain.files.writing import to_json

        return to_json(self.to_dict())

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write a chain file, YAML or (named ``.json``) JSON; an existing file only with `overwrite`."""
        from servicechain.files.writing import save

        target = Path(path)
        save(self.to_json() if target.suffix == ".json" else self.to_yaml(), target, overwrite=overwrite)

    def with_values(self, values: Mapping[str, Any]) -> Chain:
        """Make another chain with some values changed.

        Parameters
        ----------
        values : mapping from path to value
            Paths are dotted, e.g. ``{"actors.receptionist.staff": 4}``; values as a chain file holds them.

        Raises
        ------
        ChainError
            If a path leads nowhere or a value breaks a rule.
        """
        from servicechain.files.overrides import with_values

        changed = with_values(self.to_dict(), values)
        try:
            return Chain.from_dict(changed.data, self._folder)
        except ChainError as error:
            raise ChainError(map(changed.placed, error.problems)) from None

    def loaded(self) -> Chain:
        """Give an equal chain that holds what its files hold: times of arrival, observed durations.

        Raises
        ------
        ChainError
            If a file or its column is missing, or holds what is no time.
        """
        from servicechain.loading import loaded

        return loaded(self, self._folder)

    @property
    def graph(self) -> nx.MultiDiGraph:
        """The chain as a networkx graph; see `servicechain.graph.graph_of`."""
        from servicechain.graph import graph_of

        return graph_of(self)

    def draw(self, ax: Axes | None = None) -> Axes:
        """Draw the service blueprint: who asks whom, and who of them the customer sees.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; by default on a new figure as large as the chain needs, which shows itself in a
            notebook.

        Raises
        ------
        ChainError
            If a file the chain names cannot be read.
        """
        from servicechain.plots.blueprint import draw_blueprint

        return draw_blueprint(self, ax)

    def _repr_svg_(self) -> str | None:
        """Show the blueprint in a notebook; the text of `repr` where a file the chain names is missing."""
        from servicechain.plots.blueprint import blueprint_svg

        try:
            return blueprint_svg(self)
        except (ServiceChainError, OSError):
            return None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Chain) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]  # holds mappings

    def __repr__(self) -> str:
        return f"Chain({self.chain!r}: {size_of(self)}, unit {self.unit})"

    def __str__(self) -> str:
        return summary_of(self)
