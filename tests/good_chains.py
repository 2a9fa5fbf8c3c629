"""Good chains that use every key of the language, and every way to write a value."""

from broken_chains import chain_text

EVERY_KEY = """\
chain: Everything
about: Every key once.
unit: minutes
starts: 2026-01-05T08:00
run: {customers: 100, warm_up: 1h, replications: 2, seed: 7}
actors:
  clerk: {lane: contact, staff: 2, wage: 18.5, speed: 1.25}
  office: {lane: backstage, staff: unlimited}
  system: {lane: system, capacity: 2}
  cloud: {lane: system, capacity: unlimited, speed: 2}
  vendor: {lane: supplier}
  post: {lane: supplier, capacity: 3}
  night desk:
    lane: contact
    preempt: true
    shifts:
      - {days: mon-fri, from: "20:00", to: "24:00", staff: 1}
      - {days: [sat, sun], from: "18:00", to: "06:00", staff: 2}
    at_shift_end: stop
  archive:
    lane: system
    capacity: 2
    failures: {every: exponential(mean=8h), repair: repair, clock: working, after: restart}
  printer:
    lane: system
    capacity: 3
    failures: {every: 1d, lasts: "uniform(low=10, high=30)", stops: one}
services:
  serve:
    by: [clerk, night desk]
    priority: 2
    standard: 90s
    steps:
      - work: lognormal(mean=2, cv=0.7)
      - ask: look up
        priority: 0
      - chance: 0.25
        then: [{tell: note, priority: 3}]
        else:
          - pause: 30s
      - choose:
          - {weight: 3, label: easy}
          - {weight: 1, label: hard, steps: [{repeat: [{work: 1}], times: 2}]}
          - {weight: 1, steps: [{repeat: [{work: 1}, {ask: look up}], until: 0.5, at_most: 3}]}
      - chance: 0.1
        then: [{hand_off: second line, priority: 1}]
      - reply
      - work: 0.5
  look up: {by: system, steps: [{work: "gamma(mean=1, cv=0.5)"}, {ask: fetch}]}
  fetch: {by: cloud, steps: [{work: 10s}]}
  note: {by: office, steps: [{work: "triangular(low=1, mode=2, high=4)"}, {tell: send}]}
  second line: {by: office, steps: [{ask: repair}, {work: 3}]}
  repair: {by: vendor, steps: [{pause: "uniform(low=1h, high=3h)"}]}
  send: {by: post, steps: [{pause: 1d}]}
  close: {by: office, steps: [{together: [[{ask: file}], [{work: 1}, {tell: send}], [{ask: print}]], need: 2}]}
  file: {by: archive, steps: [{work: 2}]}
  print: {by: printer, steps: [{work: 30s}]}
customers:
  guest:
    arrivals: poisson(rate=24/h)
    priority: 1
    patience: exponential(mean=20)
    tolerance: {desired: 3, adequate: 10m}
    journey:
      - work: 1
      - ask: serve
        priority: 1
        patience: 5
      - tell: note
      - pause: 1
  group:
    arrivals: {rates: [4, 0.5], per: hour, each: 12h, repeat: false}
    batch: discrete(values=[1, 2, 30], weights=[5, 3, 1])
    journey: [{ask: serve}]
  regular:
    arrivals: every(exponential(mean=30m))
    journey: [{repeat: [{ask: serve}], times: 2}]
  member:
    arrivals: {population: 20, think: exponential(mean=30)}
    patience: 15
    patience_covers: wait
    journey:
      - together:
          - [{ask: serve}]
          - - ask: close
            - together: [[{work: 1}], [{ask: print}]]
        need: any
  booked:
    arrivals: 'at([0, 5, 5, 1h, "2026-01-05T12:30"])'
    journey: []
"""

VARIANTS = [
    {},
    {"top": ""},
    {"top": "starts: 2026-01-05"},
    {"top": "starts: 2026-01-05 08:30"},
    {"top": "starts: 2026-01-05T08:30:15.5"},
    {"top": "run: {until: 1d, warm_up: 0.5}"},
    {"top": "run: {}"},
    {"actor": "{lane: backstage, staff: 0}"},
    {"actor": "{lane: contact, staff: unlimited}"},
    {"actor": "{lane: supplier}"},
    {"actor": "{lane: supplier, capacity: unlimited, wage: 0}"},
    {"actor": "{lane: contact, shifts: [{days: daily, from: '00:00', to: '24:00', staff: 0}], at_shift_end: stop}"},
    {"actor": "{lane: backstage, shifts: [{days: [Saturday, sun], from: '22:00', to: '06:00:30', staff: 1}]}"},
    {"actor": "{lane: supplier, shifts: [{days: fri-mon, from: 08:00, to: 8:00, staff: 3}]}"},
    {"service": ", standard: 0"},
    {"service": ", standard: 1.5 h, priority: 0"},
    {"steps": "[]"},
    {"steps": "[reply]"},
    {"steps": "[{work: 2 hours}, {work: 2H}, {work: 3 Min}, {work: 1e-3s}, {work: .5d}, {work: +2}]"},
    {"steps": "[{work: constant(2)}, {work: constant(value=2m)}]"},
    {"steps": "[{work: 'erlang(mean=2, k=3)'}, {work: 'weibull(mean=2, shape=1.5)'}]"},
    {"steps": "[{work: 'pert(low=1, mode=2, high=5)'}, {work: 'empirical([1, 2, 3m])'}]"},
    {"steps": "[{work: 'hyperexponential(weights=[0.9, 0.1], means=[1, 20])'}]"},
    {"steps": "[{work: 'empirical(values=[1.5])'}, {work: 'discrete([1, 2], [0.5, 0.5])'}]"},
    {"steps": "[{chance: 0, then: []}, {chance: 1, then: [reply], else: [{hand_off: look up}]}]"},
    {"steps": "[{chance: 0.5, then: [reply, {work: 1}], else: [{hand_off: look up}]}]"},
    {"steps": "[{repeat: [{work: 1}], until: 1}, {repeat: [], times: 0}]"},
    {"steps": "[{repeat: [{work: 1}], until: 0, at_most: 5}]"},
    {"steps": "[{repeat: [{work: 1}], times: 'discrete(values=[0, 1], weights=[1, 1])'}]"},
    {"steps": "[{repeat: [reply], times: 1}]"},
    {"steps": "[{choose: [{weight: 0}, {weight: 2, label: '', steps: [{work: 1}]}]}]"},
    {"steps": "[{tell: serve}, {chance: 0.5, then: [{hand_off: serve}]}]"},
    {"by": "[clerk]"},
    {"by": "[system, clerk]"},
    {"steps": "[{together: [[{ask: look up}], [{work: 1}]]}]"},
    {"steps": "[{together: [[]], need: 1}]"},
    {"steps": "[{together: [[{ask: look up}], []], need: any}, reply]"},
    {"steps": "[{together: [[{work: 1}, {pause: 2}], [{chance: 0.5, then: [{tell: look up}]}]], need: all}]"},
    {"steps": "[{together: [[{together: [[{ask: look up}], [{ask: look up}]]}], [{repeat: [{work: 1}], times: 2}]]}]"},
    {"steps": "[{together: [[{ask: serve}], [{work: 1}]], need: any}]"},
    {"journey": "[{together: [[{work: 1}], [{pause: 2}], [{ask: serve}, {work: 3}]], need: 2}]"},
    {"customer": ", patience_covers: queueing"},
    {"customer": ", patience: 3, patience_covers: wait"},
    {"actor": "{lane: contact, staff: 2, preempt: true}"},
    {"actor": "{lane: contact, shifts: [{days: daily, from: '08:00', to: '17:30', staff: 1}]}"},
    {"actor": "{lane: contact, shifts: [{days: Sat, from: '8:00', to: '8:00', staff: 0}], at_shift_end: finish}"},
    {"actor": "{lane: supplier, shifts: [{days: [mon-wed, fri], from: '22:00:30', to: '24:00', staff: 1}]}"},
    {"actor": "{lane: contact, staff: 1, failures: {every: 8h, lasts: 0}}"},
    {"actor": "{lane: contact, staff: 1, failures: {every: 8h, repair: look up, stops: all, after: resume}}"},
    {"actor": "{lane: contact, staff: 3, failures: {every: 8h, repair: look up, stops: one, clock: always}}"},
    {"actor": "{lane: system, capacity: unlimited, failures: {every: 8h, lasts: 5m}}"},
    {
        "actor": "{lane: contact, shifts: [{days: daily, from: '08:00', to: '17:00', staff: 1}], "
        "failures: {every: 'empirical([1, 2])', lasts: 1h, stops: all}}"
    },
    {"arrivals": "{population: 1, think: 0}"},
    {"arrivals": "{think: 'lognormal(mean=2h, cv=1)', population: 300}"},
    {"arrivals": "poisson(4)"},
    {"arrivals": "poisson(rate = 40 / h)"},
    {"arrivals": "poisson(rate=0)"},
    {"arrivals": "every(3)"},
    {"arrivals": "every(interval=90s)"},
    {"arrivals": "'every(lognormal(mean=3m, cv=2))'"},
    {"arrivals": "'at([])'"},
    {"arrivals": "'at(times=[3, 1.5h])'"},
    {"arrivals": "{rates: [0], per: day, each: 1}"},
    {"arrivals": "{rates: [1, 2.5], per: H, each: 30 min, repeat: true}"},
    {"customer": ", patience: 0"},
    {"customer": ", batch: 3, tolerance: {desired: 0, adequate: 0.5s}"},
    {"customer": ", batch: 'discrete(values=[0, 2], weights=[1, 1])'"},
]

GOOD_CHAINS = [EVERY_KEY, *(chain_text(**slots) for slots in VARIANTS)]
