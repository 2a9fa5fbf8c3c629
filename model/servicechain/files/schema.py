"""The JSON Schema of chain files: what an editor needs to complete, to explain and to underline.

It is made from the models, so it cannot drift from them; their docstrings explain the keys. What concerns more
than one part, a name that leads nowhere, a second `reply`, lies beyond a schema; the reader finds it.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

from pydantic import BaseModel

from servicechain import patterns
from servicechain.actors import Actor
from servicechain.chain import Chain, RunDefaults
from servicechain.customers import CustomerClass, Tolerance
from servicechain.services import Service
from servicechain.steps import Ask, Chance, Choose, HandOff, Option, Pause, Repeat, Reply, Tell, Work

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_STEPS = (Work, Ask, Tell, HandOff, Reply, Pause, Chance, Choose, Repeat)
_MODELS = (Chain, RunDefaults, Actor, Service, CustomerClass, Tolerance, Option, *_STEPS)
_SHARED = {"time": patterns.TIME, "duration": patterns.DURATION, "arrivals": patterns.ARRIVALS}

_NAMES = re.compile(r"(\w+(?:, \w+)*) : ")

# What a docstring written for Python does not say, or says in other words.
_EXPLAINED = {
    "Chain": {
        "chain": "The name of the chain.",
        "about": "What it is about.",
        "run": "Defaults for a run.",
        "actors": "Teams, systems and suppliers, by name.",
        "services": "What they do for whoever asks, by name.",
        "customers": "Who comes, by name; of those who come at the same time, the first in the file is first.",
    },
    "Actor": {"lane": "Where the actor stands: the customer deals with contact, not with backstage."},
    "Service": {"steps": "What happens, one after the other."},
    "CustomerClass": {
        "arrivals": "When they come: poisson(rate=40/h), every(exponential(mean=3)), at([0, 5]), or a profile.",
        "journey": "What they do, one step after the other.",
        "tolerance": "Which waits they find delightful, and which just acceptable.",
    },
    "Option": {"weight": "How likely, next to the other options.", "label": "What to call it.", "steps": "What then."},
    "Chance": {"chance": "A probability.", "then": "What happens with it.", "else": "What happens otherwise."},
    "Repeat": {"repeat": "What is done in every round."},
    "RunDefaults": {"replications": "How many independent runs.", "seed": "Of all random numbers."},
}


def chain_schema() -> dict[str, Any]:
    """Make the JSON Schema (draft 2020-12) of a chain file."""
    schema = Chain.model_json_schema(by_alias=True)
    shared = schema["$defs"]
    for model in _MODELS:
        part = schema if model is Chain else shared[model.__name__]
        _explain(part, model)
    _tell_counts_apart(shared["Actor"])
    _ends_one_way(schema["$defs"])
    shared["Choose"]["properties"]["choose"]["minItems"] = 1
    for part in ("actors", "services", "customers"):
        schema["properties"][part]["additionalProperties"] = False
    shared["step"] = {"anyOf": [{"$ref": f"#/$defs/{model.__name__}"} for model in _STEPS]}
    tidy = _tidied(schema)
    tidy["$defs"].update(_SHARED)
    return {"$schema": DIALECT, **tidy, "title": "servicechain chain file"}


def _explain(part: dict[str, Any], model: type[BaseModel]) -> None:
    """Take the first paragraph of a docstring for the whole, and its attributes for the keys."""
    text = inspect.cleandoc(model.__doc__ or "")
    summary, _, rest = text.partition("\n\n")
    part["description"] = " ".join(summary.replace("`", "'").split())
    explained = {**_attributes(rest), **_EXPLAINED.get(model.__name__, {})}
    for key, value in part.get("properties", {}).items():
        value.pop("title", None)
        if explained.get(key):
            value["description"] = explained[key].replace("None:", "left out:")


def _attributes(docstring: str) -> dict[str, str]:
    """Read the section "Attributes": names with their types, what they mean indented below."""
    lines = docstring.partition("Attributes\n----------\n")[2].partition("\n\n")[0].splitlines()
    found: dict[str, str] = {}
    names: list[str] = []
    for line in lines:
        match = _NAMES.match(line)
        if match:
            names = match[1].split(", ")
        elif line.startswith(" "):
            for name in names:
                found[name] = f"{found.get(name, '')} {line.strip()}".strip().replace("`", "'")
    return found


def _tell_counts_apart(actor: dict[str, Any]) -> None:
    """Let people be counted as staff, slots as capacity."""
    people = {"properties": {"lane": {"enum": ["contact", "backstage"]}}}
    system = {"properties": {"lane": {"const": "system"}}}
    actor["allOf"] = [
        {"if": people, "then": {"required": ["staff"], "properties": {"capacity": False}}},
        {"if": {"not": people}, "then": {"properties": {"staff": False}}},
        {"if": system, "then": {"required": ["capacity"]}},
    ]


def _ends_one_way(parts: dict[str, Any]) -> None:
    """Let a loop have rounds or a probability to stop, and a run end after customers or at a time."""
    parts["Repeat"]["oneOf"] = [{"required": ["times"]}, {"required": ["until"]}]
    parts["Repeat"]["dependentRequired"] = {"at_most": ["until"]}
    parts["Repeat"]["anyOf"] = [{"properties": {"until": {"exclusiveMinimum": 0}}}, {"required": ["at_most"]}]
    parts["RunDefaults"]["not"] = {"required": ["customers", "until"]}


def _tidied(node: Any) -> Any:
    """Say once what many keys share, and drop the "or null" of optional keys: a file leaves a key out instead."""
    if isinstance(node, list):
        return [_tidied(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "oneOf" in node and len(node["oneOf"]) == len(_STEPS):
        return {"$ref": "#/$defs/step"}
    options = node.get("anyOf")
    if isinstance(options, list) and {"type": "null"} in options:
        kept = [option for option in options if option != {"type": "null"}]
        rest = {key: value for key, value in node.items() if key not in ("anyOf", "default")}
        node = {**rest, **kept[0]} if len(kept) == 1 else {**rest, "anyOf": kept}
    for name, pattern in _SHARED.items():
        if node.get("anyOf") == pattern["anyOf"]:
            node = {**{key: value for key, value in node.items() if key != "anyOf"}, "$ref": f"#/$defs/{name}"}
    return {key: _tidied(value) for key, value in node.items()}
