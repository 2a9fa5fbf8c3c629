"""The command line: ``servicechain run | check | schema``."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from servicechain.cli.app import app

    app()
