"""Send what ought to be refused, so that what it makes all the same is taken back."""

from typing import Any

from assisters_verify.answer import Answer
from assisters_verify.contract.keys import post_key
from assisters_verify.contract.routes import KEYS, WEBHOOKS
from assisters_verify.contract.webhooks import post_webhook
from assisters_verify.probe import Probe


async def post_in_vain(probe: Probe, path: str, body: Any = None, **options: Any) -> Answer:
    """Return the answer to a POST that ought to make nothing; the options are those of `Probe.send`. A key or a webhook
    that a server makes of it belongs to nobody, and would stay."""
    if path == KEYS:
        answer, _ = await post_key(probe, body, **options)
        return answer
    if path == WEBHOOKS:
        return (await post_webhook(probe, body, **options)).answer
    return await probe.post(path, body, **options)
