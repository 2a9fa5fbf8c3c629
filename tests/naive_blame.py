"""Blame by its definition: a slow simulator in exact fractions that follows the wait-for graph at every instant.

It knows a part of the language only: work, pause, ask, reply, branches side by side of which all are needed,
priorities, several servers and several actors for a service, in whole numbers or fractions. It shares nothing with
the package, neither code nor method: no clocks, but every customer's time, interval by interval.
"""

import heapq
from collections import deque
from fractions import Fraction


class Walk:
    """Somebody who walks through steps: a customer, a request being served, or a branch of either."""

    def __init__(self, owner, steps, parent=None):
        self.owner, self.steps, self.parent = owner, steps, parent
        self.place, self.doing, self.open = 0, None, 0


class Job:
    """A request: in line, in hand (`actor`), answered."""

    def __init__(self, service, priority, order, asker):
        self.service, self.priority, self.order, self.asker = service, priority, order, asker
        self.actor, self.answered, self.walk = None, False, None


class Naive:
    """One run of a chain, given as plain data, until a time."""

    def __init__(self, data, until):
        self.data, self.until, self.now = data, Fraction(until), Fraction(0)
        self.events, self.soon, self.count = [], deque(), 0
        self.lines = {name: [] for name in data["actors"]}
        self.hands = {name: [] for name in data["actors"]}
        self.customers = []
        for place, (name, kind) in enumerate(data["customers"].items()):
            for time in sorted(kind["arrivals_at"]):
                self._at(Fraction(time), 3, place, self._come, name)

    def _at(self, time, kind, place, action, *told):
        self.count += 1
        heapq.heappush(self.events, (time, kind, place, self.count, action, told))

    def run(self):
        while self.events and self.events[0][0] < self.until:
            time, _, _, _, action, told = heapq.heappop(self.events)
            self._blame(time - self.now)
            self.now = time
            action(*told)
            while self.soon:
                action, *told = self.soon.popleft()
                action(*told)
        self._blame(self.until - self.now)
        return self

    # -- what happens ---------------------------------------------------------------------------------------

    def _come(self, name):
        kind = self.data["customers"][name]
        customer = {"class": name, "walk": None, "open": [], "queueing": {}, "held": {}, "kind": kind}
        customer["walk"] = Walk(customer, kind["journey"])
        self.customers.append(customer)
        self.soon.append((self._go, customer["walk"]))

    def _go(self, walk):
        walk.doing = None
        while walk.place < len(walk.steps):
            step = walk.steps[walk.place]
            walk.place += 1
            if step == "reply":
                self._answer(walk.owner)
            elif "together" in step:
                walk.doing = branches = [Walk(walk.owner, steps, walk) for steps in step["together"]]
                walk.open = len(branches)
                for branch in branches:
                    self._go(branch)
                return
            elif "ask" in step:
                self._ask(walk, step)
                return
            else:
                walk.doing = "work" if "work" in step else "pause"
                self._at(self.now + Fraction(step[walk.doing]), 1, 0, self._go, walk)
                return
        self._over(walk)

    def _over(self, walk):
        walk.doing = None
        if walk.parent is not None:
            walk.parent.open -= 1
            if walk.parent.open == 0:
                self._go(walk.parent)
        elif isinstance(walk.owner, Job):
            job = walk.owner
            self.hands[job.actor].remove(job)
            self._give(job.actor)
            if not job.answered:
                self._answer(job)

    def _ask(self, walk, step):
        name = step["ask"]
        service, customer = self.data["services"][name], walk.owner if isinstance(walk.owner, dict) else None
        numbers = [step.get("priority"), customer and customer["kind"].get("priority"), service.get("priority"), 1]
        self.count += 1
        job = Job(name, next(number for number in numbers if number is not None), self.count, walk)
        walk.doing = job
        if customer:
            customer["open"].append(job)
        self.soon.append((self._join, job))

    def _join(self, job):
        by = self._by(job)
        for actor in by:
            if len(self.hands[actor]) < self._servers(actor):
                self._begin(job, actor)
                return
        for actor in by:
            self.lines[actor].append(job)

    def _begin(self, job, actor):
        job.actor = actor
        self.hands[actor].append(job)
        job.walk = Walk(job, self.data["services"][job.service]["steps"])
        self.soon.append((self._go, job.walk))

    def _give(self, actor):
        line = self.lines[actor]
        if line:
            job = min(line, key=lambda one: (one.priority, one.order))
            for other in self._by(job):
                self.lines[other].remove(job)
            self._begin(job, actor)

    def _answer(self, job):
        job.answered = True
        self.soon.append((self._answered, job))

    def _answered(self, job):
        walk = job.asker
        if isinstance(walk.owner, dict):
            walk.owner["open"].remove(job)
        self._go(walk)

    def _by(self, job):
        by = self.data["services"][job.service]["by"]
        return by if isinstance(by, list) else [by]

    def _servers(self, actor):
        told = self.data["actors"][actor]
        servers = told.get("staff", told.get("capacity"))
        return float("inf") if servers == "unlimited" else servers

    # -- whom it is blamed on -------------------------------------------------------------------------------

    def _blame(self, span):
        if not span:
            return
        kernel = self._kernel()
        for customer in self.customers:
            state = self._state(customer)
            if state:
                for leaf, share in ended(self._waits(customer["walk"], None), kernel).items():
                    customer[state][leaf] = customer[state].get(leaf, 0) + share * span

    def _state(self, customer):
        begun = [job for job in customer["open"] if job.actor]
        for job in begun:
            if self.data["actors"][job.actor]["lane"] in ("contact", "system") and working(job.walk):
                return None
        return "held" if begun else "queueing" if customer["open"] else None

    def _kernel(self):
        """For each line, where its time goes: to leaves (actor, cause) and to other lines (tuples of tuples)."""
        jobs = {id(job): job for line in self.lines.values() for job in line}.values()
        lines = {("line", tuple(sorted(self._by(job)))) for job in jobs}
        kernel = {}
        for line in lines:
            present = [job for actor in line[1] for job in self.hands[actor]]
            kernel[line] = mixed([self._follow(job) for job in present])
        stuck = deadlocked(kernel)
        for line in stuck:
            kernel[line] = mixed([{(actor, "deadlock"): Fraction(1)} for actor in line[1]])
        return kernel

    def _follow(self, job):
        if job.actor is None:
            return {("line", tuple(sorted(self._by(job)))): Fraction(1)}
        return self._waits(job.walk, job.actor) or {(job.actor, "work"): Fraction(1)}

    def _waits(self, walk, actor):
        """Where the time goes of who walks here; nothing if they do something themselves."""
        if isinstance(walk.doing, Job):
            return self._follow(walk.doing)
        if isinstance(walk.doing, list):
            return mixed([shares for branch in walk.doing if (shares := self._waits(branch, actor))])
        return {(actor, "pause"): Fraction(1)} if walk.doing == "pause" and actor else {}


def working(walk):
    """Whether a server works in some branch."""
    return any(working(branch) for branch in walk.doing) if isinstance(walk.doing, list) else walk.doing == "work"


def mixed(many):
    """Equal shares of several mixtures."""
    shares = {}
    for one in many:
        for target, share in one.items():
            shares[target] = shares.get(target, 0) + share / len(many)
    return shares


def reached(kernel, start):
    found, todo = set(), [start]
    while todo:
        for target in kernel.get(todo.pop(), ()):
            if target not in found:
                found.add(target)
                todo.append(target)
    return found


def deadlocked(kernel):
    """The lines in a circle with no way out."""
    reach = {line: reached(kernel, line) for line in kernel}
    return [
        line for line, targets in reach.items() if all(target in kernel and line in reach[target] for target in targets)
    ]


def ended(shares, kernel):
    """Follow shares until none is in a line: each line is eliminated in turn, its way back to itself summed up."""
    kernel = {line: dict(targets) for line, targets in kernel.items()}
    shares = dict(shares)
    for line in list(kernel):
        row = kernel.pop(line)
        back = row.pop(line, 0)
        row = {target: share / (1 - back) for target, share in row.items()}
        for other in (*kernel.values(), shares):
            through = other.pop(line, 0)
            for target, share in row.items():
                if through:
                    other[target] = other.get(target, 0) + through * share
    return shares
