"""Writes the table of what was measured, when the environment variable SERVICECHAIN_WRITE_TABLE is 1."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from theory.agreement import ENGINES, LEDGER, SEED_OFFSET
from theory.references import REFERENCES

HEAD = """# Agreement with exact values

Written by the tests (see README.md); engine {engine}, seed offset {offset}. *Away* is the distance in standard errors.

| reference | quantity | exact | simulated | standard error | away | replications | model |
| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |
"""


@pytest.fixture(scope="session", autouse=True)
def agreement_table():
    yield
    if os.environ.get("SERVICECHAIN_WRITE_TABLE") == "1":
        path = Path(__file__).with_name("AGREEMENT.md")
        path.write_text(HEAD.format(engine=", ".join(sorted(ENGINES)), offset=SEED_OFFSET) + rows(), encoding="utf-8")


def rows():
    lines = []
    for reference in REFERENCES:
        if reference in LEDGER:
            exact, measured, model = LEDGER[reference]
            away = (measured.mean - exact.value) / measured.error if measured.error else 0.0
            quantity = exact.quantity.replace("|", "\\|")
            lines.append(
                f"| {reference} | {quantity} | {exact.value:.6g} | {measured.mean:.6g} | {measured.error:.2g} "
                f"| {away:+.1f} | {measured.replications} | {model} |\n"
            )
    return "".join(lines)
