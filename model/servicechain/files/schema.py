"""The JSON Schema of chain files: what an editor needs to complete and to underline.

It is made from the models, so it cannot drift from them. What concerns more than one part, a name that leads
nowhere, a second `reply`, lies beyond a schema; the reader finds it.
"""

from __future__ import annotations

from typing import Any

from servicechain.chain import Chain

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def chain_schema() -> dict[str, Any]:
    """Make the JSON Schema (draft 2020-12) of a chain file."""
    schema = _without_nulls(Chain.model_json_schema(by_alias=True))
    return {"$schema": DIALECT, **schema, "title": "servicechain chain file"}


def _without_nulls(node: Any) -> Any:
    """Drop the "or null" of optional keys: a file leaves a key out instead of writing null."""
    if isinstance(node, list):
        return [_without_nulls(item) for item in node]
    if not isinstance(node, dict):
        return node
    options = node.get("anyOf")
    if isinstance(options, list) and {"type": "null"} in options:
        kept = [option for option in options if option != {"type": "null"}]
        rest = {key: value for key, value in node.items() if key not in ("anyOf", "default")}
        node = {**rest, **kept[0]} if len(kept) == 1 else {**rest, "anyOf": kept}
    return {key: _without_nulls(value) for key, value in node.items()}
