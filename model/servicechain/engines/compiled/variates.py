"""What is drawn: distributions as the code, the three numbers and the table that the compiled quantile takes."""

from __future__ import annotations

from servicechain.distributions import Distribution
from servicechain.engines.compiled.layout import NOBODY, VARIATE
from servicechain.engines.compiled.rows import Row, Tables, rows_of
from servicechain.records import Block
from servicechain.units import TimeUnit


class Variates:
    """Everything that is drawn in a chain, each with its position."""

    def __init__(self, unit: TimeUnit, tables: Tables) -> None:
        self._unit = unit
        self._tables = tables
        self._rows: list[Row] = []

    def of(self, distribution: Distribution) -> int:
        """Give a distribution a position."""
        code, a, b, c, table = distribution.in_unit(self._unit).lowered()
        address = self._tables.keep(table)
        self._rows.append({"code": code, "a": a, "b": b, "c": c, "table": address, "length": len(table)})
        return len(self._rows) - 1

    def of_optional(self, distribution: Distribution | None) -> int:
        """Give one a position, unless there is nothing to draw (`NOBODY`)."""
        return NOBODY if distribution is None else self.of(distribution)

    @property
    def array(self) -> Block:
        """All of them, as VARIATE."""
        return rows_of(VARIATE, self._rows)
