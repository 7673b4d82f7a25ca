"""Overrun the target's rate limit once in a run, where that is allowed."""

import random
from typing import Any

from assisters_verify.answer import Answer
from assisters_verify.contract.limiter import Findings
from assisters_verify.contract.limiter_experiment import Experiment
from assisters_verify.contract.limiter_target import open_range
from assisters_verify.judgement import LeftOut, Undecided
from assisters_verify.probe import Probe

# With fewer requests in a window there is no telling a refilled bucket from a window, and little room for all routes.
_FEWEST = 20
# Of a bucket, a limit is used up once, and most of it once more when it has been refilled.
_MOST_TIMES = 3


class _UrgentProbe(Probe):
    """Sends ahead of what waits for its turn: the window that has to be waited out should begin with the run."""

    async def send(self, *order: Any, **options: Any) -> Answer:
        return await super().send(*order, **{"is_slotted": False, **options})


async def overrun_findings(probe: Probe) -> Findings:
    """Return what an overrun of the limit shows. Raises LeftOut where it needs a permission, Undecided otherwise."""
    findings: Findings = await probe.fact("overrun", _overrun)
    return findings


async def _overrun(probe: Probe) -> Findings:
    target, options = probe.settings.target, probe.settings.options
    limit = target.rate_limit.requests
    if not (target.base_url is not None and target.base_url.is_loopback) and not options.allow_burst:
        raise LeftOut("a burst past the rate limit of a target that is not on this machine needs --allow-burst")
    if limit < _FEWEST:
        raise Undecided(f"a limit of {limit} requests is too low to be told from what refills it")
    left = target.budget.max_requests - probe.session.recorder.requests
    if left < _MOST_TIMES * limit:
        raise Undecided(f"a burst may need {_MOST_TIMES * limit} requests, and {left} are left (--max-requests)")
    urgent = _UrgentProbe(probe.session, check=probe.check, clause=probe.clause)
    urgent.evidence = probe.evidence
    async with open_range(urgent) as found:
        experiment = Experiment(
            range=found,
            limit=limit,
            window_s=target.rate_limit.window_s,
            random=random.Random(options.seed),  # noqa: S311 - which route comes when
        )
        return await experiment.run()
