"""Names that a chain can hold, each given once.

Names of a layered queueing network may hold ``.``, ``/`` and ``|``, and a task may be called like its processor:
in a chain actors and customer classes share one picture, so each gets a name of its own there.
"""

from __future__ import annotations


class Names:
    """Gives out names; remembers which had to be changed.

    Attributes
    ----------
    changed : list of (str, str)
        Wanted and given, in order.
    """

    def __init__(self) -> None:
        self._given: set[str] = set()
        self.changed: list[tuple[str, str]] = []

    def give(self, wanted: str, otherwise: str = "") -> str:
        """Give a name: as wanted if it can be had, else with `otherwise` or a number behind it.

        >>> names = Names()
        >>> names.give("a/b"), names.give("a-b"), names.give("a-b", "host")
        ('a-b', 'a-b 2', 'a-b host')
        """
        clean = "".join("-" if char in "./|" or not char.isprintable() else char for char in wanted).strip() or "-"
        name = clean
        if name in self._given and otherwise:
            name = f"{clean} {otherwise}"
        base, number = name, 1
        while name in self._given:
            number += 1
            name = f"{base} {number}"
        self._given.add(name)
        if name != wanted:
            self.changed.append((wanted, name))
        return name
