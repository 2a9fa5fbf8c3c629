"""Frames: what is still to be done when the walk that goes on now has come to where it waits."""

from __future__ import annotations

from typing import Any

from servicechain.engines.compiled.compiling import small
from servicechain.engines.compiled.layout import frame_at


@small
def push_frame(w: Any, kind: int, subject: int, next_: int, last: int) -> None:
    """Put something aside; what is put aside last is done first."""
    f = frame_at(w, w.frame_count)
    f.kind = kind
    f.subject = subject
    f.next = next_
    f.last = last
    w.frame_count += 1


@small
def put_aside(w: Any, kind: int, subject: int, next_: int, last: int) -> None:
    """Put something aside that is done before the agenda goes on."""
    push_frame(w, kind, subject, next_, last)
    w.waiting += 1


@small
def end_frame(w: Any) -> None:
    """Be done with what was put aside last."""
    w.frame_count -= 1
    w.waiting -= 1
