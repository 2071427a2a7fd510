"""Jobs: rescaling layers in threads, one after the other, with progress and cancel.

Nothing here needs Qt, and torch is imported when the first work runs.
"""

from __future__ import annotations

from napari_irrm.jobs.downscale import DownscaleWork
from napari_irrm.jobs.executor import Executor, InlineExecutor
from napari_irrm.jobs.pool import ModelPool
from napari_irrm.jobs.queue import JobQueue
from napari_irrm.jobs.restore import RestoreWork
from napari_irrm.jobs.roundtrip import RoundtripWork
from napari_irrm.jobs.session import Session, session_of
from napari_irrm.jobs.settings import Settings, preferred_settings
from napari_irrm.jobs.ticket import State, Ticket
from napari_irrm.jobs.work import Context, Work

__all__ = [
    "Context",
    "DownscaleWork",
    "Executor",
    "InlineExecutor",
    "JobQueue",
    "ModelPool",
    "RestoreWork",
    "RoundtripWork",
    "Session",
    "Settings",
    "State",
    "Ticket",
    "Work",
    "preferred_settings",
    "session_of",
]
