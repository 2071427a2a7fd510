"""Jobs in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_irrm.jobs import Ticket

_MINUTE, _HOUR = 60, 3600


def duration(seconds: float) -> str:
    """Return a duration as people say it: ``"12 s"``, ``"3 min"``, ``"1 h 5 min"``."""
    if seconds < _MINUTE:
        return f"{max(1, round(seconds))} s"
    if seconds < _HOUR:
        return f"{round(seconds / _MINUTE)} min"
    hours, rest = divmod(round(seconds / _MINUTE), _MINUTE)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def job_text(ticket: Ticket) -> str:
    """Say how a job stands: ``"Restore · plane 3 of 40 · 12 s left"``."""
    if ticket.error:
        return ticket.error.removeprefix(f"{ticket.title}: ")
    if ticket.state != "running":
        return ticket.state.value.capitalize()
    if ticket.cancelling.cancelled:
        return "Stopping after this tile"
    parts = [ticket.what.capitalize() or "Starting"]
    if ticket.planes > 1:
        parts.append(f"plane {ticket.plane} of {ticket.planes}")
    if ticket.seconds_left is not None:
        parts.append(f"{duration(ticket.seconds_left)} left")
    return " · ".join(parts)
