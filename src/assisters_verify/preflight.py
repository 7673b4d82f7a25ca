"""Look whether anything at the base URL speaks HTTP, before a run is started against it."""

import asyncio

from assisters_verify.resolving import ResolvingLoop
from assisters_verify.settings import RunSettings
from assisters_verify.settings.base_url import BaseUrl
from assisters_verify.wire import NoAnswer, Order, Reply, Wire

# Of the 15 s in which a target that never answers is to be told, some are needed to start.
_TIMEOUT_S = 10.0
# Of both together, where the name takes long and the target does not answer.
_ALL_S = 13.0
# Requests that are sent before the run: they count towards what it may send.
LOOKS = 1


class Unreachable(Exception):  # noqa: N818 - named after what happened
    """The target cannot be reached or does not speak HTTP. The message is one line: cause, then remedy."""


class Untrusted(Unreachable):
    """The target's certificate is not trusted. Nothing can be sent to it, but what it offers can be judged."""


def look(settings: RunSettings) -> None:
    """Send one request without a key, to the root. Raises Unreachable within 15 s; any HTTP answer is well."""
    with asyncio.Runner(loop_factory=ResolvingLoop) as runner:
        runner.run(_look(settings))


async def _look(settings: RunSettings) -> None:
    target = settings.target
    assert target.base_url is not None
    url = str(target.base_url)
    loop = asyncio.get_running_loop()
    over_at = loop.time() + _ALL_S
    await _resolve(target.base_url)
    timeout_s = min(_TIMEOUT_S, over_at - loop.time())
    async with Wire(url, ca_file=target.ca_file) as wire:
        try:
            await wire.send(Order(method="GET", path="/", timeout_s=timeout_s), Reply(started=loop.time()))
        except NoAnswer as problem:
            error = Untrusted if problem.is_untrusted else Unreachable
            raise error(f"cannot reach {url}: {_cause(problem, timeout_s)}") from problem


async def _resolve(base_url: BaseUrl) -> None:
    """Look the name up. What is wrong with it is said by the request that follows, but not that it takes for ever."""
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            await asyncio.get_running_loop().getaddrinfo(base_url.host, base_url.port)
    except TimeoutError:
        cause = f"the name {base_url.host} was not resolved within {_TIMEOUT_S:g} s"
        raise Unreachable(
            f"cannot reach {base_url}: {cause}. Is it right, and does this machine's resolver work?"
        ) from None
    except (OSError, UnicodeError):
        return


def _cause(problem: NoAnswer, timeout_s: float) -> str:
    message = str(problem)
    if problem.kind == "timeout":
        return f"no answer within {timeout_s:.3g} s. Is it up, and is the port right?"
    if problem.is_untrusted:
        return f"its certificate is not trusted ({message}). Name the authority's file with --ca-file."
    if "SSL" in message:
        return f"TLS failed ({message}). Is it https, and is the port right?"
    if problem.kind == "connect":
        return f"{message}. Is it up, and are host and port right?"
    return f"what answers there does not speak HTTP ({message}). Are scheme and port right?"
