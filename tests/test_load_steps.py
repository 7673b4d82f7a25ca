"""A ramp goes up in steps, and its answer is the highest rate below which every step held."""

from itertools import pairwise

import pytest

from assisters_verify.load_steps import highest_held, judge_steps, phases_of_steps, rates_of_steps
from assisters_verify.measures.group import Group
from assisters_verify.measures.measures import Measures
from assisters_verify.settings.load import LoadSettings
from assisters_verify.settings.thresholds import read_thresholds


def settings_for(**values: float) -> LoadSettings:
    return LoadSettings.model_validate(
        {
            "scenario": "ramp",
            "rate_per_s": 100.0,
            "duration_s": 40.0,
            "thresholds": read_thresholds({"error_rate": 0.1}),
            **values,
        }
    )


def figures_of(group: Group, duration_s: float) -> dict[str, object]:
    assert duration_s > 0
    return {"shares": {"error_rate": group.counters["failed"] / group.counters["sent"]}, "rate": {}, "measures": {}}


def measures_of(failures: dict[float, int]) -> Measures:
    measures = Measures()
    for rate_per_s, failed in failures.items():
        measures.phases[f"{rate_per_s:g} per s"].counters.update(sent=10, failed=failed)
    return measures


def test_steps_rise_by_a_constant_factor_to_the_given_rate() -> None:
    steps = rates_of_steps(settings_for())
    factors = [later.rate_per_s / earlier.rate_per_s for earlier, later in pairwise(steps[1:])]

    assert (steps[1].rate_per_s, steps[-1].rate_per_s) == pytest.approx((10.0, 100.0))
    assert factors == pytest.approx([factors[0]] * len(factors))


def test_steps_fill_the_measured_part_after_the_warm_up() -> None:
    steps = rates_of_steps(settings_for(warm_up_s=3.0))

    assert [steps[0].duration_s, sum(step.duration_s for step in steps[1:])] == pytest.approx([3.0, 40.0])


def test_each_step_is_a_phase() -> None:
    steps = rates_of_steps(settings_for(warm_up_s=3.0))
    phases = phases_of_steps(steps)

    assert (phases[1].start_s, phases[1].name, phases[-1].name) == (3.0, "10 per s", "100 per s")


@pytest.mark.parametrize(
    ("failures", "rate_per_s"),
    [({10: 0, 20: 0, 40: 5}, 20), ({10: 0, 20: 5, 40: 0}, 10), ({10: 5, 20: 0}, None), ({10: 0}, 10)],
)
def test_answer_is_the_highest_rate_below_which_every_step_held(
    failures: dict[float, int], rate_per_s: float | None
) -> None:
    held = highest_held(judge_steps(settings_for(), measures_of(failures), figures_of))

    assert (held["rate_per_s"] if held else None) == rate_per_s


def test_other_scenarios_have_no_steps() -> None:
    assert judge_steps(settings_for(), Measures(), figures_of) == []


def test_ramp_needs_a_rate() -> None:
    settings = LoadSettings.model_validate({"scenario": "ramp", "users": 3})

    with pytest.raises(ValueError, match="highest rate"):
        rates_of_steps(settings)
