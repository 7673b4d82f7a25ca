"""How long prompts and answers are: a fixed number, or a distribution to draw from."""

import math
from collections.abc import Mapping
from random import Random
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from assisters_verify.settings.target import Form

_LONGEST = 1_000_000
_ONE_OF = ("fixed", "uniform", "normal", "lognormal", "choices")

Length = Annotated[int, Field(strict=True, ge=1, le=_LONGEST)]
Positive = Annotated[float, Field(gt=0)]


class Lengths(Form):
    """A number of words or tokens to draw: exactly one of the distributions, within `least` and `most`."""

    fixed: Length | None = Field(default=None, description="Always this many.")
    uniform: tuple[Length, Length] | None = Field(default=None, description="From the first to the second, evenly.")
    normal: tuple[Positive, Positive] | None = Field(default=None, description="Mean and standard deviation.")
    lognormal: tuple[Positive, Positive] | None = Field(
        default=None, description="Median, and the standard deviation of the logarithm: a few are much longer."
    )
    choices: dict[Length, Positive] | None = Field(default=None, min_length=1, description="Weights by length.")
    least: Length = Field(default=1, description="Nothing shorter is drawn.")
    most: Length = Field(default=_LONGEST, description="Nothing longer is drawn.")

    @model_validator(mode="before")
    @classmethod
    def _number(cls, value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            return {"fixed": value}
        # JSON has texts for names only; a profile's YAML has numbers.
        if isinstance(value, Mapping) and isinstance(value.get("choices"), Mapping):
            choices = {int(k) if isinstance(k, str) and k.isdecimal() else k: w for k, w in value["choices"].items()}
            return {**value, "choices": choices}
        return value

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(getattr(self, name) is not None for name in _ONE_OF) != 1:
            raise ValueError(f"should be a number, or give exactly one of {', '.join(_ONE_OF)}")
        if self.least > self.most or (self.uniform is not None and self.uniform[0] > self.uniform[1]):
            raise ValueError("should go from the smaller to the larger")
        return self

    def draw(self, random: Random) -> int:
        """Return one length."""
        return min(max(self._draw(random), self.least), self.most)

    @property
    def mean(self) -> float:
        """About how many on average, for an estimate of what a run costs. `least` and `most` are left out of it."""
        random = Random(0)  # noqa: S311 - an estimate
        return sum(self.draw(random) for _ in range(_ESTIMATE)) / _ESTIMATE if self.fixed is None else self.fixed

    def _draw(self, random: Random) -> int:
        if self.uniform is not None:
            return random.randint(*self.uniform)
        if self.normal is not None:
            return round(random.gauss(*self.normal))
        if self.lognormal is not None:
            median, sigma = self.lognormal
            # The logarithm is clipped so that no draw leaves what a number can hold; `most` bounds it anyway.
            return round(median * math.exp(min(random.gauss(0.0, sigma), 50.0)))
        if self.choices is not None:
            return random.choices(list(self.choices), weights=list(self.choices.values()))[0]
        assert self.fixed is not None
        return self.fixed


_ESTIMATE = 2_000
