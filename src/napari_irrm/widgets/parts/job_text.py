"""Jobs in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_irrm.words import duration_text

if TYPE_CHECKING:
    from napari_irrm.jobs import Ticket


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
        parts.append(f"{duration_text(ticket.seconds_left)} left")
    return " · ".join(parts)
