"""The shelf of a study in a ledger: which of its blocks are there, and where new ones go.

A block is found if what is asked for is part of it: as many replications or more, the same columns or more. The trap
is a chain that has changed under the same title: that is another study, and it is said.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from servicechain.metrics import Floats
from servicechain.report import versions_for
from servicechain.studies.block import NUMBERS, Bench, Block
from servicechain.studies.ledger import Ledger
from servicechain.studies.ledger_file import told

if TYPE_CHECKING:
    from servicechain.studies.plan import Plan
    from servicechain.studies.scenario import Scenario


class Shelf:
    """What a ledger has of a study.

    Parameters
    ----------
    ledger : Ledger
    plan : Plan
    bench : Bench

    Attributes
    ----------
    notices : tuple of str
        What whoever runs the study should know, one line each.
    """

    def __init__(self, ledger: Ledger, plan: Plan, bench: Bench) -> None:
        self._ledger = ledger
        self._bench = bench
        self._columns: dict[tuple[int, bool], tuple[str, ...]] = {}
        with told(ledger.path), ledger.transaction():
            self._series = [self._enter_series(plan, each) for each in plan.scenarios]
            self.notices = tuple(self._enter_study(plan))
            versions = {"engine": bench.engine, **versions_for(bench.engine)}
            self._writer = ledger.number_of("writers", versions=json.dumps(versions))
        with told(ledger.path):
            self._names = dict(self._all_columns())
            self._there = self._index()

    def has(self, block: Block) -> bool:
        """Tell whether a block is there."""
        return self._find(block) is not None

    def get(self, block: Block) -> Floats:
        """Give a block that is there: one row for each replication, the columns of the bench.

        Raises
        ------
        FileProblem
            If the ledger is damaged.
        """
        found = self._find(block)
        assert found is not None
        names, rows = self._ledger.block(found)
        place = {name: number for number, name in enumerate(names)}
        wanted = [place[name] for name in self._wanted(block)]
        return rows[: block.count, wanted]

    def put(self, found: Sequence[tuple[Block, Floats]]) -> None:
        """Write finished blocks, all or none.

        Raises
        ------
        FileProblem
            If there is no more room, or the file cannot be written.
        """
        rows = []
        for block, values in found:
            names = self._wanted(block)
            if names not in self._names:
                with told(self._ledger.path), self._ledger.transaction():
                    self._names[names] = self._ledger.number_of("columns", names=json.dumps(names))
            series = self._series[block.scenario]
            rows.append((series, self._names[names], block.first, block.count, self._writer, values))
        self._ledger.write(rows)

    def _find(self, block: Block) -> int | None:
        entries = self._there.get((self._series[block.scenario], block.first), ())
        wanted = set(self._wanted(block))
        return next((place for place, count, names in entries if count >= block.count and wanted <= names), None)

    def _wanted(self, block: Block) -> tuple[str, ...]:
        key = block.scenario, block.attribution
        if key not in self._columns:
            self._columns[key] = self._bench.columns(*key)
        return self._columns[key]

    def _index(self) -> dict[tuple[int, int], list[tuple[int, int, frozenset[str]]]]:
        names = {number: frozenset(each) for each, number in self._names.items()}
        found: dict[tuple[int, int], list[tuple[int, int, frozenset[str]]]] = {}
        for series in dict.fromkeys(self._series):
            for place, columns, first, count in self._ledger.connection.execute(
                "SELECT rowid, columns, first, count FROM blocks WHERE series = ?", (series,)
            ):
                found.setdefault((series, first), []).append((place, count, names[columns]))
        return found

    def _all_columns(self) -> Iterator[tuple[tuple[str, ...], int]]:
        for number, names in self._ledger.connection.execute("SELECT id, names FROM columns"):
            yield tuple(json.loads(names)), number

    # -- entering ---------------------------------------------------------------------------------------------

    def _enter_series(self, plan: Plan, scenario: Scenario) -> int:
        """Find the series a scenario's blocks belong to, or begin it."""
        from servicechain import __version__

        settings = plan.settings
        version = f"{__version__}/{NUMBERS}"
        run = {
            **({"until": settings.until} if settings.until is not None else {"customers": settings.customers}),
            "warm_up": float(settings.warm_up),
            "antithetic": settings.antithetic,
        }
        told_apart = [version, scenario.key, run, settings.seed, plan.method]
        return self._ledger.number_of(
            "series",
            identity=hashlib.sha256(json.dumps(told_apart).encode()).hexdigest(),
            chain=scenario.key,
            run=json.dumps(run),
            seed=settings.seed,
            method=plan.method,
            version=version,
        )

    def _enter_study(self, plan: Plan) -> Iterator[str]:
        database = self._ledger.connection
        base, now = self._series[0], time.time()
        row = database.execute("SELECT id FROM studies WHERE title = ? AND base = ?", (plan.title, base)).fetchone()
        if row is None:
            yield from self._others(plan)
            study = database.execute(
                "INSERT INTO studies (title, chain, base, metrics, asked) VALUES (?, ?, ?, '[]', ?)",
                (plan.title, plan.scenarios[0].chain.chain, base, now),
            ).lastrowid
        else:
            (study,) = row
        database.execute(
            "UPDATE studies SET metrics = ?, asked = ? WHERE id = ?", (json.dumps(plan.metrics), now, study)
        )
        for scenario, series in zip(plan.scenarios, self._series, strict=True):
            yield from self._enter_member(study, scenario, series)

    def _enter_member(self, study: int | None, scenario: Scenario, series: int) -> Iterator[str]:
        database = self._ledger.connection
        before = database.execute(
            "SELECT series FROM members WHERE study = ? AND name = ?", (study, scenario.name)
        ).fetchone()
        if before is not None and before[0] != series:
            yield (
                f"{self._ledger.path.name} holds another scenario called '{scenario.name}' in this study: its numbers "
                "stay there, and are not used"
            )
        database.execute(
            "INSERT INTO members (study, name, changes, series) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (study, name) DO UPDATE SET changes = excluded.changes, series = excluded.series",
            (study, scenario.name, json.dumps(dict(scenario.values), default=str), series),
        )

    def _others(self, plan: Plan) -> Iterator[str]:
        """Say that the ledger holds a study of the same title that is another one, and what about it is."""
        others = self._ledger.connection.execute(
            "SELECT series.chain, run, seed, method, version, asked FROM studies JOIN series ON series.id = base "
            "WHERE title = ? ORDER BY asked DESC LIMIT 1",
            (plan.title,),
        ).fetchall()
        own = self._ledger.connection.execute(
            "SELECT chain, run, seed, method, version FROM series WHERE id = ?", (self._series[0],)
        ).fetchone()
        for *other, asked in others:
            apart = [word for word, one, two in zip(_APART, other, own, strict=True) if one != two]
            when = datetime.fromtimestamp(asked).strftime("%Y-%m-%d %H:%M")
            yield (
                f"{self._ledger.path.name} holds a study called '{plan.title}' ({when}) with {' and '.join(apart)}: "
                "this is a different study, and it begins anew; the numbers of the other stay there"
            )


_APART = ("another chain", "other runs", "another seed", "another method", "another version of servicechain")
