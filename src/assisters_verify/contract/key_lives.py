"""Draw the lives of keys with Hypothesis: orders in which some are created, used and deleted."""

import sys
from collections.abc import Iterable

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from assisters_verify.contract.key_steps import Act, Life, Step, lives_to_json
from assisters_verify.isolation import isolated_hypothesis

_MOST_LIVING = 3
_MOST_CREATED = 5
# The first life that Hypothesis draws is the simplest, so more are drawn than are wanted, and the fullest kept.
_DRAWN_FOR_ONE = 6


class _Keys(RuleBasedStateMachine):
    """The plain model: which keys there are, living and dead. It notes each step that makes sense to it."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[Step] = []
        self.living: list[int] = []
        self.created = 0

    @precondition(lambda self: len(self.living) < _MOST_LIVING and self.created < _MOST_CREATED)
    @rule()
    def create(self) -> None:
        self.steps.append(Step(Act.CREATE, self.created))
        self.living.append(self.created)
        self.created += 1

    @precondition(lambda self: self.created > 0)
    @rule(choice=st.integers(0, _MOST_CREATED - 1))
    def use(self, choice: int) -> None:
        self.steps.append(Step(Act.USE, choice % self.created))

    @precondition(lambda self: self.living)
    @rule(choice=st.integers(0, _MOST_LIVING - 1))
    def delete(self, choice: int) -> None:
        key = self.living.pop(choice % len(self.living))
        self.steps.append(Step(Act.DELETE, key))


def draw_lives(*, run_seed: int, lives: int, steps: int) -> list[Life]:
    """Return at most this many lives of at most this many steps, the same ones for the same seed."""
    drawn: list[Life] = []

    @seed(run_seed)
    class Noted(_Keys):
        def teardown(self) -> None:
            drawn.append(tuple(self.steps))

    chosen = settings(
        max_examples=_DRAWN_FOR_ONE * lives,
        stateful_step_count=steps,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Noted, settings=chosen)
    return sorted(dict.fromkeys(drawn), key=_fullness, reverse=True)[:lives]


def _fullness(life: Life) -> tuple[int, int]:
    """Return how much a life tells: deletions before other steps, then length."""
    deletions = sum(step.act is Act.DELETE for step in life)
    return deletions, len(life)


def main(arguments: Iterable[str]) -> None:
    """Write the lives for a seed, a number of lives and of steps."""
    run_seed, lives, steps = map(int, arguments)
    with isolated_hypothesis():
        found = draw_lives(run_seed=run_seed, lives=lives, steps=steps)
    sys.stdout.write(lives_to_json(found))


if __name__ == "__main__":
    main(sys.argv[1:])
