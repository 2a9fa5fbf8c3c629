"""Broken chains: the mark « shows where, the words are what the message must hold."""

from typing import NamedTuple

TEMPLATE = """\
chain: Desk
unit: minutes
@top@
actors:
  clerk: @actor@
  system: {lane: system, capacity: 2}
services:
  serve: {by: @by@, steps: @steps@@service@}
  look up: {by: system, steps: [{work: 1}]}
customers:
  guest: {arrivals: @arrivals@, journey: @journey@@customer@}
"""

GOOD = {
    "top": "about: A desk.",
    "actor": "{lane: contact, staff: 1}",
    "by": "clerk",
    "steps": "[{work: 2}, {ask: look up}]",
    "service": "",
    "arrivals": "poisson(rate=4/h)",
    "journey": "[{ask: serve}]",
    "customer": "",
}


class Broken(NamedTuple):
    slot: str
    written: str
    words: str
    schema: str = "refuses"  # or why a schema cannot see it

    @property
    def marked(self):
        return chain_text(**{self.slot: self.written})

    @property
    def text(self):
        return self.marked.replace("«", "")

    @property
    def position(self):
        before = self.marked.partition("«")[0]
        return before.count("\n") + 1, len(before) - before.rfind("\n")


def chain_text(**slots):
    text = TEMPLATE
    for name, usual in GOOD.items():
        text = text.replace(f"@{name}@", slots.get(name, usual))
    return text


SHIFT = "{days: daily, from: '08:00', to: '16:00', staff: 1}"

NAMES = "a name that leads nowhere is only known when the whole chain is read"
ORDER = "a schema does not compare two values, or follow steps from one to the next"
INSIDE = "a pattern sees what a text looks like, not what its numbers are"
SIZE = "a schema has no unit to count in"
PLACE = "a schema does not tell the steps of a service from those of a journey"
_DAY = 'from: "08:00", to: "18:00", staff: 2'
SHIFTS = [
    ("«{days: daily, from: '08:00', staff: 2}", "this shift|lacks 'to'|add it"),
    (f"{{days: «mon-fru, {_DAY}}}", "no day|'fru'|'mon-fru'|mean 'fri'"),
    (f"{{days: [sat, «sunn], {_DAY}}}", "no day|'sunn'|mean 'sun'"),
    (f"{{days: «[], {_DAY}}}", "'days'|empty list|[sat, sun]|daily"),
    (f"{{days: daily, {_DAY}, «until: 3}}", "no key|'until'|there are"),
    ("{days: daily, from: «8, to: '18:00', staff: 2}", "'from'|quotes|\"08:00\"|got 8"),
    ("{days: daily, from: '08:00', to: «'25:00', staff: 2}", "'to'|time of day|24:00|'25:00'"),
    ("{days: daily, from: «'24:00', to: '18:00', staff: 2}", "'from'|before 24:00|00:00", INSIDE),
    ("{days: daily, from: '08:00', to: '18:00', staff: «unlimited}", "'staff'|'unlimited'|add up"),
    ("{days: daily, from: '08:00', to: '18:00', staff: «-1}", "'staff'|at least 0|got -1"),
]

BROKEN = [
    # keys and values at the top
    Broken("top", "«foo: 3", "the chain|no key|'foo'|there are"),
    Broken("top", "«abuot: x", "the chain|no key|'abuot'|did you mean 'about'"),
    Broken("top", "about: «5", "'about'|must be a text|got 5|quotes"),
    Broken("top", "about: «[a]", "'about'|must be a text|got ['a']"),
    Broken("top", "starts: «tomorrow", "'starts'|date and time|2026-01-05T00:00|'tomorrow'"),
    Broken("top", "starts: «2026-02-30", "'starts'|date and time|'2026-02-30'", "a pattern knows no calendar"),
    Broken("top", "starts: «2026-01-05T00:00Z", "'starts'|no time zone|local"),
    Broken("top", "run: «5", "'run'|mapping|got 5"),
    Broken("top", "run: «{customers: 5, until: 3}", "customers|until|both|leave one out"),
    Broken("top", "run: {customers: «0}", "'customers'|whole number of at least 1|got 0"),
    Broken("top", "run: {customers: «1.5}", "'customers'|whole number|got 1.5"),
    Broken("top", "run: {replications: «many}", "'replications'|whole number|'many'"),
    Broken("top", "run: {until: «-3}", "must not be negative|got -3"),
    Broken("top", "run: {warm_up: «1e308d}", "1e+308d|too long|minutes|shorter", SIZE),
    Broken("top", "run: {seed: «4294967296}", "a seed|below 2**32|got 4294967296"),
    Broken("top", "run: {seed: «-1}", "a seed|at least 0|got -1"),
    Broken("top", "run: {«sede: 1}", "'run'|no key|'sede'|did you mean 'seed'"),
    # actors
    Broken("actor", "«5", "actor 'clerk'|mapping|got 5"),
    Broken(
        "actor",
        "{lane: «contac, staff: 1}",
        "'lane'|contact, backstage, system, supplier|'contac'|mean 'contact'",
    ),
    Broken("actor", "{lane: «[contact], staff: 1}", "'lane'|one of contact|['contact']"),
    Broken("actor", "«{staff: 1}", "actor 'clerk'|lacks 'lane'|add it"),
    Broken("actor", "«{lane: contact}", "contact|lacks 'staff'|e.g. staff: 2"),
    Broken("actor", "«{lane: system}", "system|lacks 'capacity'|e.g. capacity: 2"),
    Broken("actor", "{lane: contact, capacity: «2}", "lane is contact|people|'staff'|write staff"),
    Broken("actor", "{lane: supplier, staff: «2}", "lane is supplier|slots|'capacity'|write capacity"),
    Broken("actor", "{lane: contact, staff: «-1}", "number of servers|at least 0 or 'unlimited'|got -1"),
    Broken("actor", "{lane: contact, staff: «1.5}", "number of servers|whole|got 1.5"),
    Broken("actor", "{lane: contact, staff: «many}", "number of servers|'unlimited'|'many'"),
    Broken("actor", "{lane: contact, staff: «true}", "number of servers|whole|got True"),
    Broken("actor", "{lane: contact, staff: «.nan}", "number of servers|whole|got nan"),
    Broken("actor", "{lane: contact, staff: «1.0e30}", "number of servers|at most 2**53", INSIDE),
    Broken("actor", "{lane: contact, staff: 1, wage: «-3}", "a wage|negative|got -3"),
    Broken("actor", "{lane: contact, staff: 1, wage: «high}", "a wage|number|'high'"),
    Broken("actor", "{lane: contact, staff: 1, speed: «0}", "a speed|above 0|got 0"),
    Broken("actor", "{lane: contact, staff: 1, «wgae: 3}", "actor 'clerk'|no key|'wgae'|mean 'wage'"),
    Broken("actor", "{lane: contact, shifts: «[]}", "'shifts' is empty|nobody|add a shift"),
    Broken("actor", "{lane: contact, shifts: «daily}", "'shifts'|list|'daily'"),
    Broken("actor", "{lane: contact, staff: 1, at_shift_end: «stop}", "'at_shift_end'|no|write shifts"),
    *(Broken("actor", f"{{lane: contact, shifts: [{shift}]}}", *rest) for shift, *rest in SHIFTS),
    Broken("actor", "{lane: contact, staff: 1, preempt: «2}", "'preempt'|true or false|got 2"),
    Broken("actor", "{lane: contact, staff: 1, preempt: «'yes'}", "'preempt'|true or false|'yes'"),
    # shifts
    Broken("actor", "{lane: contact, shifts: [«3]}", "this shift|mapping|got 3"),
    Broken("actor", f"{{lane: contact, staff: «1, shifts: [{SHIFT}]}}", "'shifts' say|leave 'staff' out"),
    Broken("actor", f"{{lane: supplier, capacity: «1, shifts: [{SHIFT}]}}", "'shifts' say|leave 'capacity' out"),
    Broken(
        "actor",
        f"{{lane: contact, shifts: [{SHIFT}], at_shift_end: «stopp}}",
        "'at_shift_end'|finish, stop|'stopp'|mean 'stop'",
    ),
    # failures
    Broken("actor", "{lane: contact, staff: 1, failures: «5}", "'failures'|mapping|got 5"),
    Broken("actor", "{lane: contact, staff: 1, failures: «{lasts: 1}}", "'failures' lacks 'every'"),
    Broken("actor", "{lane: contact, staff: 1, failures: «{every: 1d}}", "'repair'|'lasts'|got neither"),
    Broken("actor", "{lane: contact, staff: 1, failures: «{every: 1d, repair: look up, lasts: 3}}", "'lasts'|got both"),
    Broken("actor", "{lane: contact, staff: 1, failures: {every: «-3, lasts: 1}}", "a duration|negative|-3"),
    Broken("actor", "{lane: contact, staff: 1, failures: {every: «0, lasts: 1}}", "'clerk'|again|above 0", INSIDE),
    Broken("actor", "{lane: contact, staff: 1, failures: {every: «1e308d, lasts: 1}}", "in minutes|finite", SIZE),
    Broken("actor", "{lane: contact, staff: 1, failures: {every: 3, lasts: «soon}}", "'soon'|only a name"),
    Broken("actor", "{lane: contact, staff: 1, failures: {every: 3, lasts: «1e308d}}", "in minutes|finite", SIZE),
    Broken(
        "actor",
        "{lane: contact, staff: 1, failures: {every: 3, repair: «lookup}}",
        "repair|no service is called 'lookup'|mean 'look up'",
        NAMES,
    ),
    Broken(
        "actor",
        "{lane: contact, staff: 1, failures: {every: 3, repair: «serve}}",
        "'clerk' cannot repair itself|'serve'|another actor|'lasts'",
        NAMES,
    ),
    Broken("actor", "{lane: contact, staff: 1, failures: {every: 3, repair: «5}}", "a name|got 5|quotes"),
    Broken(
        "actor", "{lane: contact, staff: 1, failures: {every: 3, lasts: 1, stops: «some}}", "'stops'|all, one|'some'"
    ),
    Broken(
        "actor",
        "{lane: contact, staff: 1, failures: {every: 3, lasts: 1, clock: «workin}}",
        "'clock'|always, working|mean 'working'",
    ),
    Broken(
        "actor", "{lane: contact, staff: 1, failures: {every: 3, lasts: 1, after: «2}}", "'after'|resume, restart|got 2"
    ),
    Broken(
        "actor", "{lane: contact, staff: 1, failures: {every: 3, lasts: 1, «stop: all}}", "no key 'stop'|mean 'stops'"
    ),
    Broken(
        "actor",
        f"{{lane: contact, shifts: [{SHIFT}], failures: {{every: 3, lasts: 1, stops: «one}}}}",
        "one by one|shift|'stops: all'",
    ),
    Broken(
        "actor",
        "{lane: contact, staff: unlimited, failures: {every: 3, lasts: 1, stops: «one}}",
        "one by one|counted|'staff: 3'|'stops: all'",
    ),
    Broken(
        "actor",
        "{lane: supplier, failures: {every: 3, lasts: 1, stops: «one}}",
        "one by one|counted|'capacity: 3'|'stops: all'",
    ),
    # services
    Broken("by", "«clrk", "service 'serve'|by 'clrk'|no actor|mean 'clerk'", NAMES),
    Broken("by", "[clerk, «clrk]", "service 'serve'|by 'clrk'|no actor|mean 'clerk'", NAMES),
    Broken("by", "[clerk, «clerk]", "'by' names 'clerk' twice|once"),
    Broken("by", "[clerk, «5]", "a name|text|got 5"),
    Broken("by", "[«[clerk]]", "a name|text|['clerk']"),
    Broken("by", "«[]", "'by' names nobody|order of preference"),
    Broken("by", "«{clerk: 1}", "a name|text|{'clerk': 1}"),
    Broken("by", "«5", "a name|text|got 5|quotes"),
    Broken("by", "«''", "a name|not empty|''"),
    Broken("by", "«cl/erk", "'cl/erk'|'/'|hold no|hyphen"),
    Broken("service", ", standard: «-1", "negative|got -1|from 0"),
    Broken("service", ", standard: «5x", "unit of time|'x'|there are"),
    Broken("service", ", standard: «1e308d", "too long|minutes", SIZE),
    Broken("service", ", priority: «-1", "a priority|at least 0|got -1"),
    Broken("service", ", «standrad: 5", "service 'serve'|no key|'standrad'|mean 'standard'"),
    Broken("service", ", «together: []", "service 'serve'|no key 'together'"),
    # what is a step at all
    Broken("steps", "«5", "'steps'|list|got 5"),
    Broken("steps", "«{work: 2}", "'steps'|list|'-'|{'work': 2}"),
    Broken("steps", "[«5]", "a step|mapping such as 'work: 2'|got 5"),
    Broken("steps", "[«[{work: 1}]]", "a step|mapping|got [{'work': 1}]"),
    Broken("steps", "[«{}]", "a step is empty|one of work, ask"),
    Broken("steps", "[{«wrok: 2}]", "no step is called 'wrok'|mean 'work'"),
    Broken("steps", "[{«do: 2}]", "no step is called 'do'|one of work, ask, tell"),
    Broken("steps", "[{work: 2, «ask: look up}]", "one thing|work and ask|two steps"),
    Broken("steps", "[{«reply: true}]", "'reply'|bare word|without the ':'"),
    Broken("steps", "[«work]", "'work'|lacks|e.g. 'work: 2'"),
    Broken("steps", "[«'ask: look up']", "'ask: look up'|space|no quotes|e.g. 'ask: check in'"),
    Broken("steps", "[«replly]", "'replly'|not a step|mean 'reply'"),
    Broken("steps", "[{work: 2, «foo: 3}]", "a 'work' step|no key 'foo'|'work'"),
    Broken("steps", "[{work: 1, «need: 2}]", "a 'work' step|no key 'need'"),
    Broken("steps", "[{«custom: restock}]", "'custom'|Python|no chain file|servicechain.custom"),
    Broken("steps", "[{«custom: restock, requests: [look up]}]", "'custom'|Python|no chain file"),
    # how long a step takes
    Broken("steps", "[{work: «-2}]", "a duration|negative|-2"),
    Broken("steps", "[{work: «fast}]", "'fast'|only a name|parameters"),
    Broken("steps", "[{work: «null}]", "a duration|number|exponential(mean=3)|None"),
    Broken("steps", "[{work: «[1]}]", "a duration|number|got [1]"),
    Broken("steps", "[{work: «true}]", "a duration|number|True"),
    Broken(
        "steps",
        "[{work: «.nan}]",
        "a duration|finite|nan",
        "JSON knows no NaN, and no comparison fails on it",
    ),
    Broken("steps", "[{work: «.inf}]", "a duration|finite|inf", "JSON knows no infinity, and it is not below 0"),
    Broken("steps", "[{work: «nan}]", "finite|nan"),
    Broken("steps", "[{work: «2+3}]", "'2+3'|nothing is calculated|'+'|one number"),
    Broken("steps", "[{work: «2x}]", "unit of time|'x'"),
    Broken("steps", "[{work: «1e308d}]", "1e+308d|in minutes|finite", SIZE),
    Broken("steps", "[{work: «lognormal(mean=2, cv=0.7)}]", "cut off|comma|quotes", "it is no YAML of a chain"),
    Broken("steps", "[{work: «'lognormal(mean=2)'}]", "lognormal needs cv|lognormal(mean, cv)", INSIDE),
    Broken("steps", "[{work: «'lognorml(mean=2, cv=1)'}]", "no distribution|'lognorml'|mean 'lognormal'"),
    Broken("steps", "[{work: «'uniform(low=3, high=2)'}]", "low of uniform|above high|3 and 2", INSIDE),
    Broken(
        "steps",
        "[{work: «'uniform(low=90s, high=1)'}]",
        "in minutes|low of uniform|above high, got 1.5 and 1",
        SIZE,
    ),
    Broken("steps", "[{work: «'exponential(mean=-1)'}]", "exponential|negative|-1", INSIDE),
    Broken("steps", "[{pause: «-1}]", "a duration|negative|-1"),
    # what a step requests
    Broken("steps", "[{ask: «lookup}]", "ask|no service is called 'lookup'|mean 'look up'", NAMES),
    Broken("steps", "[{tell: «nope}]", "tell|no service is called 'nope'|there are 'look up', 'serve'", NAMES),
    Broken("steps", "[{hand_off: «nope}]", "hand_off|no service is called 'nope'", NAMES),
    Broken("steps", "[{chance: 0.5, then: [{ask: «nope}]}]", "ask|no service is called 'nope'", NAMES),
    Broken("steps", "[{ask: «5}]", "a name|got 5|quotes"),
    Broken("steps", "[{ask: look up, patience: «3}]", "only customers|'patience'|journey|leave it out", PLACE),
    Broken("steps", "[{ask: look up, priority: «1.5}]", "a priority|whole|got 1.5"),
    Broken("steps", "[{tell: look up, «patience: 1}]", "a 'tell' step|no key 'patience'"),
    Broken("steps", "[{hand_off: look up, «patience: 1}]", "a 'hand_off' step|no key 'patience'"),
    Broken(
        "steps",
        "[{ask: «serve}]",
        "service 'serve' asks itself|serve → serve|'clerk'|one server|'tell'",
        NAMES,
    ),
    # where a step divides
    Broken("steps", "[{chance: «5, then: []}]", "a probability|between 0 and 1|got 5|0.05"),
    Broken("steps", "[{chance: «'5%', then: []}]", "a probability|number|'5%'"),
    Broken("steps", "[«{chance: 0.5}]", "a 'chance' step|lacks 'then'|add it"),
    Broken("steps", "[{chance: 0.5, then: [], «esle: []}]", "a 'chance' step|no key 'esle'|mean 'else'"),
    Broken("steps", "[{chance: 0.5, then: «{work: 1}}]", "'then'|list|{'work': 1}"),
    Broken("steps", "[{chance: 0.5, then: [], else: [{«wrok: 1}]}]", "no step is called 'wrok'"),
    Broken("steps", "[{choose: «[]}]", "choose|at least one option|weight above 0"),
    Broken("steps", "[{choose: «[{weight: 0}]}]", "choose|weight above 0", ORDER),
    Broken("steps", "[{choose: «[{weight: 1.0e308}, {weight: 1.0e308}]}]", "choose|finite sum", ORDER),
    Broken("steps", "[{choose: [{weight: «-1}]}]", "a weight|negative|-1"),
    Broken("steps", "[{choose: [{weight: 1, label: «5}]}]", "'label'|text|got 5|quotes"),
    Broken("steps", "[{choose: [{weight: 1, «step: []}]}]", "this option|no key 'step'|mean 'steps'"),
    Broken("steps", "[{choose: [«{label: x}]}]", "this option|lacks 'weight'"),
    Broken("steps", "[{choose: «{weight: 1}}]", "'choose'|list|{'weight': 1}"),
    Broken("steps", "[{choose: [«5]}]", "this option|mapping|got 5"),
    # what happens side by side
    Broken("steps", "[{together: «{work: 1}}]", "'together'|list|{'work': 1}"),
    Broken("steps", "[{together: [«{ask: look up}]}]", "a branch|list of steps|{'ask': 'look up'}|[ ]"),
    Broken("steps", "[{together: [[«[{work: 1}]]]}]", "a step|mapping|got [{'work': 1}]"),
    Broken("steps", "[{together: [[{«wrok: 1}]]}]", "no step is called 'wrok'|mean 'work'"),
    Broken("steps", "[{together: [[{ask: «nope}]]}]", "ask|no service is called 'nope'", NAMES),
    Broken("steps", "[{together: «[]}]", "at least one branch|list of lists|add one"),
    Broken("steps", "[{together: [[], []], need: «3}]", "'need'|at most the 2 branches|got 3", ORDER),
    Broken("steps", "[{together: [[]], need: «2}]", "'need'|at most the 1 branch |got 2", ORDER),
    Broken("steps", "[{together: [[]], need: «0}]", "'need'|at least 1, 'all' or 'any'|got 0"),
    Broken("steps", "[{together: [[]], need: «some}]", "'need'|'all' or 'any'|'some'"),
    Broken("steps", "[{together: [[]], «neeed: 1}]", "a 'together' step|no key 'neeed'|mean 'need'"),
    Broken("steps", "[{together: [[{work: 1}], [{work: «2}]]}]", "'work' in a second branch|one thing", PLACE),
    Broken("steps", "[{together: [[{work: 1}], [{pause: «2}]]}]", "'pause' in a second branch|one thing", PLACE),
    Broken("steps", "[{together: [[«reply]]}]", "a branch of a together|cannot answer|'reply'|after", ORDER),
    Broken("steps", "[{together: [[{hand_off: «look up}]]}]", "cannot hand off|'tell: look up'", ORDER),
    Broken("steps", "[{together: [[{ask: «serve}], [{work: 1}]]}]", "'serve' asks itself|one server", NAMES),
    # what a step does again
    Broken("steps", "[«{repeat: [{work: 1}]}]", "repeat|'times'|'until'|got neither"),
    Broken("steps", "[«{repeat: [{work: 1}], times: 2, until: 0.5}]", "repeat|'times'|'until'|got both"),
    Broken("steps", "[{repeat: [{work: 1}], times: «1.5}]", "'times'|whole number|got 1.5|discrete", INSIDE),
    Broken("steps", "[{repeat: [{work: 1}], times: «2m}]", "'times'|whole number|got 2m", INSIDE),
    Broken("steps", "[{repeat: [{work: 1}], times: «exponential(mean=2)}]", "'times'|whole|exponential", INSIDE),
    Broken("steps", "[{repeat: [{work: 1}], times: 2, at_most: «3}]", "'at_most'|'times'|leave it out"),
    Broken("steps", "[{repeat: [{work: 1}], until: 0.5, at_most: «0}]", "'at_most'|at least 1|got 0"),
    Broken("steps", "[{repeat: [{work: 1}], until: «0}]", "'until: 0'|never ends|'at_most'"),
    Broken("steps", "[{repeat: [{work: 1}], until: «2}]", "a probability|between 0 and 1|got 2"),
    Broken("steps", "[{repeat: [{work: 1}], «untill: 0.5, times: 2}]", "a 'repeat' step|no key|mean 'until'"),
    # who is answered, and what ends
    Broken("steps", "[reply, «reply]", "answered already|second 'reply'|out", ORDER),
    Broken("steps", "[{chance: 0.5, then: [reply]}, «reply]", "answered already|second 'reply'", ORDER),
    Broken("steps", "[{repeat: [«reply], times: 2}]", "answered already|second 'reply'", ORDER),
    Broken("steps", "[reply, {hand_off: «look up}]", "answered already|'tell' instead of 'hand_off'", ORDER),
    Broken("steps", "[{hand_off: «look up}, {work: 1}]", "'hand_off: look up'|ends the service|last", ORDER),
    Broken("steps", "[{repeat: «[{hand_off: look up}], times: 2}]", "hand_off|every round|after the loop", ORDER),
    # customers
    Broken("journey", "«null", "'journey'|list|None"),
    Broken("journey", "[«reply]", "a journey|'reply'|service|leave it out", PLACE),
    Broken("journey", "[{hand_off: «serve}]", "a journey|no server|'ask: serve'|'tell'", PLACE),
    Broken("journey", "[{ask: serve, patience: «-1}]", "negative|-1"),
    Broken("customer", ", batch: «1.5", "'batch'|whole number|got 1.5|discrete", INSIDE),
    Broken("customer", ", batch: «-1", "negative|-1"),
    Broken("customer", ", batch: «0", "batch of 0|how many", INSIDE),
    Broken("customer", ", batch: «'discrete(values=[1, 2.5], weights=[1, 1])'", "'batch'|whole|2.5", INSIDE),
    Broken("customer", ", patience: «soon", "'soon'|only a name"),
    Broken("customer", ", patience: «-3", "a duration|negative|-3"),
    Broken("customer", ", priority: «first", "a priority|whole|'first'"),
    Broken("customer", ", «patince: 3", "customer class 'guest'|no key|'patince'|mean 'patience'"),
    Broken("customer", ", patience_covers: «waits", "'patience_covers'|queueing, wait|mean 'wait'"),
    Broken("journey", "[{together: [[{ask: serve, patience: «3}]]}]", "one deadline|leave this 'patience'", PLACE),
    Broken("customer", ", tolerance: «5", "'tolerance'|mapping|got 5"),
    Broken("customer", ", tolerance: «{desired: 3}", "'tolerance'|lacks 'adequate'"),
    Broken("customer", ", tolerance: {desired: 3, adequate: 9, «worst: 2}", "'tolerance'|no key 'worst'"),
    Broken(
        "customer",
        ", tolerance: {desired: 10, adequate: «3}",
        "adequate wait (3)|longer|desired one (10)",
        ORDER,
    ),
    Broken("customer", ", tolerance: {desired: 60s, adequate: «1}", "adequate wait (1)|longer|(60s)", ORDER),
    Broken("customer", ", tolerance: {desired: «-3, adequate: 3}", "negative|-3"),
    # arrivals
    Broken("arrivals", "«5", "arrivals|poisson(rate=40/h)|got 5"),
    Broken("arrivals", "«''", "arrivals|poisson(rate=40/h)|''"),
    Broken("arrivals", "«[1, 2]", "arrivals|poisson(rate=40/h)|[1, 2]"),
    Broken("arrivals", "«poission(rate=4/h)", "no arrivals are called 'poission'|mean 'poisson'"),
    Broken("arrivals", "«poisson", "'poisson'|only a name|parameters"),
    Broken("arrivals", "«poisson()", "poisson needs rate|poisson(rate)"),
    Broken("arrivals", "«poisson(rate=-4/h)", "a rate|negative|'-4/h'"),
    Broken("arrivals", "«poisson(rate=nan)", "finite|nan"),
    Broken("arrivals", "«poisson(rate=4h)", "a rate|40/h|'4h'"),
    Broken("arrivals", "«poisson(rate=4/x)", "unit of time|'x'"),
    Broken("arrivals", "«poisson(rate=1e308/s)", "rate 1e+308/s|beyond|lower", SIZE),
    Broken("arrivals", "«poisson(4/h", "ends too early"),
    Broken("arrivals", "«exponential(mean=3)", "a time, not arrivals|every(exponential(mean=3))"),
    Broken("arrivals", "«every(0)", "every(0)|all customers at once|above 0", INSIDE),
    Broken("arrivals", "«'every(discrete(values=[0, 0], weights=[1, 2]))'", "at once|above 0", INSIDE),
    Broken("arrivals", "«every(-3)", "an interval|negative|-3", INSIDE),
    Broken("arrivals", "«every(2/h)", "an interval|90s|'2/h'"),
    Broken("arrivals", "«every(1e308d)", "1e+308d|in minutes|finite", SIZE),
    Broken("arrivals", "«at(5)", "at()|list of times|[0, 5, 5, 12]|got 5"),
    Broken("arrivals", "«'at([-5])'", "a time of arrival|negative|-5"),
    Broken("arrivals", "«'at([2026-01-05])'", "'at([2026-01-05])'"),
    Broken(
        "arrivals",
        "«'at([\"2026-02-30T08:00\"])'",
        "'2026-02-30T08:00'|neither a time nor a time stamp",
        INSIDE,
    ),
    Broken("arrivals", "«'at([\"2026-01-05T08:00\"])'", "'2026-01-05T08:00'|'starts'|add", ORDER),
    Broken("arrivals", "«'at(file=\"x.csv\")'", "at needs column|at(file, column)"),
    Broken("arrivals", "«'at(file=3, column=4)'", "file|text in quotes|got 3"),
    Broken("arrivals", '«\'at(file="no.csv", column="t")\'', "'no.csv'|folder", "a schema opens no files"),
    Broken("arrivals", "«{population: 20}", "a closed population|lacks 'think'|write e.g."),
    Broken("arrivals", "«{think: 20}", "a closed population|lacks 'population'"),
    Broken("arrivals", "{population: 20, think: 5, «thinks: 3}", "a closed population|no key 'thinks'|mean 'think'"),
    Broken("arrivals", "{population: 20, think: 5, «rates: [1]}", "a closed population|no key 'rates'"),
    Broken("arrivals", "{population: «0, think: 5}", "'population'|at least 1|got 0"),
    Broken("arrivals", "{population: «2.5, think: 5}", "'population'|whole|got 2.5"),
    Broken("arrivals", "{population: «many, think: 5}", "'population'|whole|'many'"),
    Broken("arrivals", "{population: 2, think: «-5}", "'think'|negative|-5"),
    Broken("arrivals", "{population: 2, think: «long}", "'long'|only a name"),
    Broken("arrivals", "{population: 2, think: «1e308d}", "in minutes|finite", SIZE),
    Broken(
        "arrivals",
        "{population: 2, think: 3}, batch: «2",
        "closed population|one by one|leave 'batch' out",
    ),
    Broken("arrivals", "«{rates: [1], each: 1h}", "a profile of arrivals|lacks 'per'|per: hour"),
    Broken("arrivals", "{rates: «5, per: hour, each: 1h}", "'rates'|list of numbers|got 5"),
    Broken("arrivals", "{rates: «[], per: hour, each: 1h}", "'rates'|list of numbers|got []"),
    Broken("arrivals", "{rates: [1, «-2], per: hour, each: 1h}", "a rate of the profile|negative|-2"),
    Broken("arrivals", "{rates: [1, «x], per: hour, each: 1h}", "a rate of the profile|number|'x'"),
    Broken("arrivals", "{rates: [1], per: «fortnight, each: 1h}", "unit of time|'fortnight'"),
    Broken("arrivals", "{rates: [1], per: «1, each: 1h}", "'per'|unit of time|hour|got 1"),
    Broken("arrivals", "{rates: [1], per: hour, each: «0}", "'each'|above 0|got 0"),
    Broken("arrivals", "{rates: [1], per: hour, each: «0h}", "'each'|above 0|'0h'"),
    Broken("arrivals", "{rates: [1], per: hour, each: «1x}", "unit of time|'x'"),
    Broken("arrivals", "{rates: [1], per: hour, each: 1h, repeat: «3}", "'repeat'|true or false|got 3"),
    Broken(
        "arrivals",
        "{rates: [1], per: hour, each: 1h, «repat: true}",
        "a profile|no key 'repat'|mean 'repeat'",
    ),
]
