"""The words of an .lqnx file: which are read, which mean nothing to a simulation, which are refused and why.

Everything has to stand in one of these lists, so that nothing is skipped in silence. Reference: the XML schema
``lqn-core.xsd`` of LQNS and the chapter "XML Grammar" of Franks et al., Layered Queueing Network Solver and
Simulator User Manual, Carleton University, https://www.sce.carleton.ca/rads/lqns/.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from servicechain.errors import nearest, shown
from servicechain.lqn.document import Element

REPLICAS = "replicas with lines of their own have no equal here; write each replica out, or use multiplicity"
FAN = "fan-in and fan-out belong to replicas, which have no equal here; write each replica out"
PARAMETERS = "parameters (SPEX, LQX) are not computed; write the model with numbers"
TOKENS = "semaphores and read-write locks are held from one request to another, which no service does; leave it out"


@dataclass(frozen=True)
class Word:
    """What may stand in one kind of element.

    Attributes
    ----------
    read : frozenset of str
        Attributes that are read.
    inside : frozenset of str
        Elements inside that are read.
    idle : frozenset of str
        Attributes and elements without a meaning for a simulation.
    refused : mapping from attribute or element to (harmless value, reason)
        The value with which it says nothing ("" for none), and why anything else is refused.
    """

    read: frozenset[str] = frozenset()
    inside: frozenset[str] = frozenset()
    idle: frozenset[str] = frozenset()
    refused: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def _word(
    read: str = "", inside: str = "", idle: str = "", refused: Mapping[str, tuple[str, str]] | None = None
) -> Word:
    return Word(frozenset(read.split()), frozenset(inside.split()), frozenset(idle.split()), refused or {})


_LIST = _word(inside="activity")
_CALL = _word("dest calls-mean")

WORDS: dict[str, Word] = {
    "lqn-model": _word(
        "name description",
        "processor",
        "lqn-schema-version lqncore-schema-version xml-debug solver-params run-control plot-control",
        {
            "slot": ("", "components that are put together later have no equal here; put them together first"),
            "parameters": ("", PARAMETERS),
            "spex-parameters": ("", PARAMETERS),
            "spex-results": ("", PARAMETERS),
            "spex-convergence": ("", PARAMETERS),
            "lqx": ("", PARAMETERS),
        },
    ),
    "processor": _word(
        "name multiplicity speed-factor scheduling",
        "task",
        "quantum",
        {
            "replication": ("1", REPLICAS),
            "group": ("", "shares of a processor (completely fair scheduling) have no equal here; leave groups out"),
        },
    ),
    "task": _word(
        "name multiplicity scheduling think-time priority",
        "entry task-activities",
        "activity-graph",
        {
            "replication": ("1", REPLICAS),
            "queue-length": ("0", "a line of limited length has no equal here; leave it out (unlimited)"),
            "initially": ("", TOKENS),
            "fan-in": ("", FAN),
            "fan-out": ("", FAN),
            "service": ("", "services of components have no equal here; leave them out"),
        },
    ),
    "entry": _word(
        "name type open-arrival-rate priority",
        "forwarding entry-phase-activities",
        "",
        {
            "semaphore": ("", TOKENS),
            "rwlock": ("", TOKENS),
            "entry-activity-graph": ("", "no solver reads it either; write the activities as <task-activities>"),
        },
    ),
    "forwarding": _word("dest prob"),
    "entry-phase-activities": _word(inside="activity"),
    "task-activities": _word(inside="activity precedence reply-entry"),
    "reply-entry": _word("name", "reply-activity"),
    "reply-activity": _word("name"),
    "precedence": _word(inside="pre pre-OR pre-AND post post-OR post-AND post-LOOP"),
    "pre": _LIST,
    "pre-OR": _LIST,
    "pre-AND": _word("quorum", "activity"),
    "post": _LIST,
    "post-OR": _LIST,
    "post-AND": _LIST,
    "post-LOOP": _word("end", "activity"),
    "synch-call": _CALL,
    "asynch-call": _CALL,
}

_WORK = "name host-demand-mean host-demand-cvsq think-time call-order"
_CALLS = "synch-call asynch-call"
_LISTED = {"call-list": ("", "no solver reads call lists either; write the calls one by one")}
ACTIVITIES: dict[str, Word] = {
    "entry-phase-activities": _word(f"{_WORK} phase", _CALLS, "max-service-time", _LISTED),
    "task-activities": _word(f"{_WORK} bound-to-entry", _CALLS, "max-service-time", _LISTED),
    "post-OR": _word("name prob"),
    "post-LOOP": _word("name count"),
}
"""An <activity> means something else in each place; in any other it only names one."""


def check_words(root: Element) -> None:
    """Refuse every attribute and element that is unknown, or known and without an equal here.

    Raises
    ------
    ChainError
        For the first one, with its place.
    """
    if root.tag != "lqn-model":
        root.refuse("the root of a layered queueing network is <lqn-model>; name such a file (.lqnx)")
    for element, word in _every(root, WORDS[root.tag]):
        for key, text in element.attributes.items():
            _check_attribute(element, word, key, text)


def _every(root: Element, word: Word) -> Iterator[tuple[Element, Word]]:
    yield root, word
    for part in root.parts:
        if _says_nothing(part.tag, word):
            continue
        if part.tag in word.refused:
            if part.attributes.get("value") != "1":
                part.refuse(word.refused[part.tag][1])
            continue
        if part.tag not in word.inside:
            hint = nearest(part.tag, word.inside) if word.inside else "; leave it out"
            part.refuse(f"no such element stands inside {root}{hint}")
        meant = ACTIVITIES.get(root.tag, Word(frozenset({"name"}))) if part.tag == "activity" else WORDS[part.tag]
        yield from _every(part, meant)


def _says_nothing(tag: str, word: Word) -> bool:
    return tag in word.idle or tag.startswith("result-") or tag == "service-time-distribution"


def _check_attribute(element: Element, word: Word, key: str, text: str) -> None:
    if key in word.refused:
        harmless, reason = word.refused[key]
        if text.strip() != harmless:
            element.refuse(f"{key}={shown(text)}: {reason}")
    elif key not in word.idle and key not in word.read:
        element.refuse(f"it has no attribute {shown(key)}{nearest(key, word.read)}")
