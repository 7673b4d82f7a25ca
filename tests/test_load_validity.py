"""A run is void where the generator was the limit, and only there."""

from typing import Any

import pytest

from assisters_verify.load_validity import Rule, advice, judge_generator
from assisters_verify.measures.health import Health
from assisters_verify.measures.measures import Measures
from assisters_verify.settings.load import LoadSettings


def make_measures(
    *,
    lag_us: int = 100,
    lateness_us: int = 100,
    answer_us: int = 20_000,
    gap_us: int | None = None,
    clock: str = "kernel",
    processes: int = 1,
    **figures: float,
) -> Measures:
    measures = Measures()
    group = measures.kinds["chat"]
    group.histograms["service_s"].record_many([answer_us] * 100)
    if gap_us is not None:
        group.histograms["gap_s"].record_many([gap_us] * 100)
    for number in range(processes):
        health = Health()
        health.receive_clock = clock
        health.lag.record_many([lag_us] * 100)
        health.lateness.record_many([lateness_us] * 100)
        health.figures.update({"cpu_s": 2.0, "wall_s": 10.0, "asked": 100.0, "delivered": 100.0, **figures})
        measures.health[str(number)] = health
    return measures


def make_settings(**values: Any) -> LoadSettings:
    return LoadSettings.model_validate({"scenario": "chat", "rate_per_s": 10.0, **values})


def broken(measures: Measures, *, is_counted: bool = False, **values: Any) -> list[str]:
    """Return the first words of the rules that are not held."""
    rules = judge_generator(make_settings(**values), measures, is_counted=is_counted)
    return [" ".join(rule.name.split()[:3]) for rule in rules if not rule.is_held]


def test_a_generator_at_ease_is_no_limit() -> None:
    assert broken(make_measures()) == []


@pytest.mark.parametrize(
    ("case", "is_void"),
    [
        ({"lag_us": 4_900}, False),
        ({"lag_us": 5_100}, True),
        ({"lag_us": 5_100, "answer_us": 60_000}, False),
        ({"lag_us": 6_000, "gap_us": 20_000}, False),
        ({"lag_us": 11_000, "gap_us": 20_000}, True),
        ({"lag_us": 2_100, "clock": "process"}, True),
        ({"lag_us": 3_900, "clock": "process", "gap_us": 20_000}, False),
        ({"lag_us": 4_100, "clock": "process", "gap_us": 20_000}, True),
    ],
    ids=str,
)
def test_late_reads_are_a_limit_where_they_falsify_what_is_measured(*, case: dict[str, Any], is_void: bool) -> None:
    assert broken(make_measures(**case)) == (["Answers were read"] if is_void else [])


@pytest.mark.parametrize(("lateness_us", "is_void"), [(4_900, False), (5_100, True)])
def test_late_sends_are_a_limit_of_an_open_loop(*, lateness_us: int, is_void: bool) -> None:
    assert broken(make_measures(lateness_us=lateness_us)) == (["Requests were sent"] if is_void else [])


def test_a_closed_loop_has_nothing_to_be_late_for() -> None:
    assert broken(make_measures(lateness_us=90_000), users=3, rate_per_s=None) == []


@pytest.mark.parametrize(
    ("figures", "found"),
    [
        ({"delivered": 98.0}, ["Requests that were"]),
        ({"delivered": 99.5}, []),
        ({"delivered": 50.0, "capped": 50.0}, []),
        ({"cpu_s": 9.5}, ["Processor time of"]),
    ],
    ids=str,
)
def test_load_that_was_not_delivered_and_a_full_core_are_limits(figures: dict[str, Any], found: list[str]) -> None:
    assert broken(make_measures(**figures)) == found


def test_a_process_that_told_nothing_is_missed() -> None:
    assert broken(make_measures(processes=1), processes=2) == ["Processes that told"]


def test_a_worker_that_told_nothing_is_missed() -> None:
    assert broken(make_measures(processes=2), role="master", workers=3) == ["Processes that told"]


def test_where_requests_are_counted_a_tenth_of_a_second_is_no_limit() -> None:
    assert broken(make_measures(lag_us=90_000, lateness_us=90_000), is_counted=True) == []


def test_each_rule_says_why() -> None:
    rules: tuple[Rule, ...] = judge_generator(make_settings(), make_measures(), is_counted=False)
    assert [rule.name for rule in rules if not rule.why.endswith(".")] == []


def test_advice_names_the_next_thing_to_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    words = advice(make_settings(), make_measures(others_cpu_s=9.0))
    assert ("--processes 2 (this machine has 4 cores)" in words, "90% of a core" in words) == (True, True)


def test_advice_does_not_ask_for_more_processes_than_there_are_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert "--processes" not in advice(make_settings(), make_measures())


def test_process_that_died_after_it_had_told_figures_is_missed() -> None:
    measures = Measures()
    measures.health.update({"0": Health(), "1": Health()})
    measures.lost.append("1")
    settings = LoadSettings.model_validate({"scenario": "chat", "users": 2, "processes": 2})
    rules = judge_generator(settings, measures, is_counted=False)

    assert [(rule.value, rule.is_held) for rule in rules if rule.name.startswith("Processes")] == [(0.5, False)]
