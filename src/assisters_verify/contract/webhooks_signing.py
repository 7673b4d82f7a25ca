"""Judge the signatures of deliveries."""

from collections.abc import Sequence
from itertools import combinations

from assisters_verify.contract.webhooks_events import told_of
from assisters_verify.contract.webhooks_experiment import Experiment, Hook
from assisters_verify.judgement import Broken, Undecided
from assisters_verify.probe import Probe
from assisters_verify.receiver import Visit
from assisters_verify.signatures import Scheme, digests_in, find_scheme, signature_headers, verifies

_FORMS = (
    "HMAC-SHA256 over the raw body (alone, or after a time stamp, or after id and time stamp as in Standard Webhooks), "
    "as hex or base64, with the secret as text, or decoded from hex or base64"
)
# Where events cannot be told apart, those of other checks' calls come too: these many are enough to judge by.
_MOST = 12
_OTHER_SECRET = "assisters-verify: not the secret"  # noqa: S105 - nobody's


def expect_signed(probe: Probe, done: Experiment, hook: Hook) -> None:
    """Judge that each delivery can be verified with the shared secret. Raises Broken and Undecided."""
    visits = _judged(done, hook)
    secrets = secrets_for(probe, done, hook)
    for visit in visits:
        headers = signature_headers(visit.request.headers)
        if not headers:
            done.reception.cite(probe, visit)
            raise Broken(expected="a signature in a header", received=f"headers {_names(visit)}")
        if not secrets:
            done.reception.cite(probe, visit)
            raise Undecided(
                "the answer to the creation shows no secret: give it by `webhook.secret_env` of a target file "
                "(ASSISTERS_WEBHOOK_SECRET unless another is named)"
            )
        if find_scheme(visit.request.headers, visit.request.body, secrets) is None:
            done.reception.cite(probe, visit)
            shown = ", ".join(f"{name}: {value[:100]}" for name, value in headers)
            raise Broken(expected=f"a signature that verifies; tried: {_FORMS}", received=shown)
    done.reception.cite(probe, *visits[-1:])


def expect_bound_signatures(probe: Probe, done: Experiment) -> None:
    """Judge that signatures depend on the body and on the secret. Raises Broken and Undecided."""
    compared = 0
    for hook in done.hooks.values():
        visits = _judged(done, hook)
        _expect_different(probe, done, visits)
        for visit in visits:
            for secret in secrets_for(probe, done, hook):
                scheme = find_scheme(visit.request.headers, visit.request.body, [secret])
                if scheme is not None:
                    compared += 1
                    _expect_bound(probe, done, visit, scheme)
    if not compared:
        raise Undecided("no signature could be verified (HOOK-07)")


def secrets_for(probe: Probe, done: Experiment, hook: Hook) -> list[str]:
    """Return what may be a subscription's secret: from the answer to its own creation; where that shows none, from
    those of the others; and the one that the run was told."""
    told = probe.settings.secrets.webhook_secret
    own = hook.secrets or [secret for other in done.hooks.values() for secret in other.secrets]
    return [*own, *([told.get_secret_value()] if told is not None else [])]


def _expect_different(probe: Probe, done: Experiment, visits: Sequence[Visit]) -> None:
    for one, other in combinations(visits, 2):
        if one.request.body == other.request.body:
            continue
        same = set(_signature_values(one)) & set(_signature_values(other))
        if same and same == set(_signature_values(one)):
            done.reception.cite(probe, one, other)
            shown = ", ".join(f"{name}: {value[:100]}" for name, value in sorted(same))
            raise Broken(expected="a signature for each body", received=f"{shown} for two different bodies")


def _expect_bound(probe: Probe, done: Experiment, visit: Visit, scheme: Scheme) -> None:
    headers, body = visit.request.headers, visit.request.body
    for changed, secret, what in ((body + b" ", "", "a changed body"), (body, _OTHER_SECRET, "another secret")):
        keys = [secret] if secret else [key for hook in done.hooks.values() for key in secrets_for(probe, done, hook)]
        if any(verifies(scheme, headers, changed, key) for key in keys):
            done.reception.cite(probe, visit)
            raise Broken(expected="one body and one secret for a signature", received=f"a match with {what}")


def _judged(done: Experiment, hook: Hook) -> list[Visit]:
    """Return the deliveries to judge: those of the suite's own completions, where they can be told."""
    posts = [visit for visit in hook.visits if visit.request.method == "POST"]
    own = told_of(posts, [*done.warm_ups, *done.completions]) if done.is_told_by_id else posts
    return (own or posts)[-_MOST:]


def _signature_values(visit: Visit) -> list[tuple[str, str]]:
    """Return what of a delivery says that it is the signature: digests by themselves, since a time may stand beside."""
    named = signature_headers(visit.request.headers)
    found = [(digest.header, digest.value.hex()) for digest in digests_in(named)]
    return found or named


def _names(visit: Visit) -> str:
    return ", ".join(sorted({name.lower() for name, _ in visit.request.headers}))[:200]
