from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from irrm_watcher.pipeline.clock import GAP_TRUSTED, Observed, SystemClock


class Notes:
    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def note(self, key: str) -> str | None:
        return self.texts.get(key)

    def write_note(self, key: str, value: str) -> None:
        self.texts[key] = value


class Clock:
    def __init__(self) -> None:
        self.at, self.since_boot, self.name = 1_000_000.0, 50.0, "first"

    def wall(self) -> float:
        return self.at

    def steady(self) -> float:
        return self.since_boot

    def boot(self) -> str:
        return self.name


def test_time_that_passes_while_the_daemon_looks_on_counts() -> None:
    clock = Clock()
    observed = Observed(Notes(), clock)
    clock.since_boot += 600
    assert observed.seconds() == 600


@given(st.floats(-1e12, 1e12))
def test_a_clock_that_jumps_makes_no_time_pass(jump: float) -> None:
    clock, notes = Clock(), Notes()
    observed = Observed(notes, clock)
    clock.since_boot += 10
    clock.at += jump
    assert observed.seconds() == 10
    observed.save()
    assert Observed(notes, clock).seconds() == 10


def test_time_between_two_runs_of_the_daemon_counts_while_the_machine_ran() -> None:
    clock, notes = Clock(), Notes()
    Observed(notes, clock).save()
    clock.since_boot += 3 * 86_400
    assert Observed(notes, clock).seconds() == 3 * 86_400


@given(st.floats(-1e12, 1e12))
def test_time_between_two_boots_is_believed_up_to_a_day(gap: float) -> None:
    clock, notes = Clock(), Notes()
    Observed(notes, clock).save()
    clock.name, clock.since_boot = "second", 3.0
    clock.at += gap
    assert 0 <= Observed(notes, clock).seconds() <= GAP_TRUSTED


def test_the_clocks_of_the_machine_run_and_its_boot_has_one_name() -> None:
    clock = SystemClock()
    before = clock.steady()
    assert clock.steady() >= before
    assert clock.boot() == SystemClock().boot() != ""
