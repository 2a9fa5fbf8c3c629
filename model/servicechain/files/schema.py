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
from servicechain.customers import ARRIVALS, CustomerClass, Tolerance
from servicechain.failures import Failures
from servicechain.services import Service
from servicechain.shifts import Shift
from servicechain.steps import Ask, Chance, Choose, HandOff, Option, Pause, Repeat, Reply, Tell, Together, Work

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_STEPS = (Work, Ask, Tell, HandOff, Reply, Pause, Chance, Choose, Repeat, Together)
_MODELS = (Chain, RunDefaults, Actor, Shift, Failures, Service, CustomerClass, Tolerance, Option, *_STEPS)
_SHARED = {"time": patterns.TIME, "duration": patterns.DURATION, "arrivals": ARRIVALS}

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
        "arrivals": "When they come: poisson(rate=40/h), every(exponential(mean=3)), at([0, 5]), a profile, members.",
        "journey": "What they do, one step after the other.",
        "tolerance": "Which waits they find delightful, and which just acceptable.",
    },
    "Option": {"weight": "How likely, next to the other options.", "label": "What to call it.", "steps": "What then."},
    "Chance": {"chance": "A probability.", "then": "What happens with it.", "else": "What happens otherwise."},
    "Shift": {
        "from": 'The time of day at which it begins, e.g. "08:00".',
        "to": 'The time of day at which it ends, up to "24:00"; if not after the beginning, on the next day.',
    },
    "Failures": {
        "repair": "The service, of another actor, that ends a failure.",
        "lasts": "How long it is down, where nobody is needed.",
    },
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
    del shared["Custom"]  # exists in Python only
    _tell_counts_apart(shared["Actor"])
    _fail_where_counted(shared["Actor"])
    _come_one_by_one(shared["CustomerClass"])
    _ends_one_way(shared)
    for kind, key in (("Choose", "choose"), ("Together", "together")):
        shared[kind]["properties"][key]["minItems"] = 1
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
                found[name] = f"{found.get(name, '')} {line.strip()}".strip().replace("``", "'").replace("`", "'")
    return found


def _tell_counts_apart(actor: dict[str, Any]) -> None:
    """Let people be counted as staff, slots as capacity, or either by shifts."""
    people = {"properties": {"lane": {"enum": ["contact", "backstage"]}}}
    system = {"properties": {"lane": {"const": "system"}}}
    actor["allOf"] = [
        {"if": people, "then": {**_one_of("staff", "shifts"), "properties": {"capacity": False}}},
        {"if": {"not": people}, "then": {"properties": {"staff": False}}},
        {"if": system, "then": _one_of("capacity", "shifts")},
    ]
    actor["not"] = {"required": ["capacity", "shifts"]}
    actor["dependentRequired"] = {"at_shift_end": ["shifts"]}
    shifts = next(option for option in actor["properties"]["shifts"]["anyOf"] if option.get("type") == "array")
    shifts["minItems"] = 1


def _fail_where_counted(actor: dict[str, Any]) -> None:
    """Let servers fail one by one only where they have numbers."""
    one = {"required": ["stops"], "properties": {"stops": {"const": "one"}}}
    counted = {"type": "integer"}
    rule = {
        "anyOf": [{"required": ["staff"]}, {"required": ["capacity"]}],
        "properties": {"shifts": False, "staff": counted, "capacity": counted},
    }
    actor["allOf"].append({"if": {"required": ["failures"], "properties": {"failures": one}}, "then": rule})


def _come_one_by_one(customer: dict[str, Any]) -> None:
    """Let members of a closed population come in no batches."""
    members = {"type": "object", "required": ["population"]}
    customer["if"] = {"required": ["arrivals"], "properties": {"arrivals": members}}
    customer["then"] = {"properties": {"batch": False}}


def _one_of(*keys: str) -> dict[str, Any]:
    return {"oneOf": [{"required": [key]} for key in keys]}


def _ends_one_way(parts: dict[str, Any]) -> None:
    """Let a loop have rounds or a probability to stop, a failure a repair or a length, and a run one end."""
    parts["Failures"].update(_one_of("repair", "lasts"))
    parts["Repeat"].update(_one_of("times", "until"))
    parts["Repeat"]["dependentRequired"] = {"at_most": ["until"]}
    parts["Repeat"]["anyOf"] = [{"properties": {"until": {"exclusiveMinimum": 0}}}, {"required": ["at_most"]}]
    parts["RunDefaults"]["not"] = {"required": ["customers", "until"]}


def _tidied(node: Any) -> Any:
    """Say once what many keys share, and drop the "or null" of optional keys: a file leaves a key out instead."""
    if isinstance(node, list):
        return [_tidied(item) for item in node]
    if not isinstance(node, dict):
        return node
    if {"$ref": "#/$defs/Reply"} in node.get("oneOf", ()):
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
