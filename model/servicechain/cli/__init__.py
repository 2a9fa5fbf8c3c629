"""The command line: ``servicechain run | check | draw | schema | leverage | explain | study | staff | …``."""

from __future__ import annotations

from importlib import import_module

COMMANDS = ("run", "check", "draw", "schema", "import_lqn", "leverage", "explain", "study", "staff", "ledger", "warm")


def main() -> None:
    """Run the command line."""
    from servicechain.cli.app import app, speak_utf8

    for command in COMMANDS:
        import_module(f"servicechain.cli.{command}")  # a command registers itself with the app
    speak_utf8()
    app()
