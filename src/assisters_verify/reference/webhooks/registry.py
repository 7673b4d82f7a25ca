"""Webhook subscriptions, and the calls that go out for them."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assisters_verify.reference.webhooks.calling import EndpointClient

if TYPE_CHECKING:
    from assisters_verify.reference.calls import Call
    from assisters_verify.reference.options import ReferenceOptions

EVENTS = ("chat.completion", "model.failed")


@dataclass(slots=True, kw_only=True, eq=False)
class Webhook:
    """One subscription of an account; ``is_verified`` turns true once the endpoint has answered the challenge."""

    id: str
    account: str
    url: str
    events: tuple[str, ...]
    secret: str
    created_at: int
    is_verified: bool = False


class WebhookRegistry:
    """The subscriptions of one server."""

    def __init__(self, options: "ReferenceOptions") -> None:
        self.client = EndpointClient(options)
        self.by_id: dict[str, Webhook] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def of_account(self, account: str) -> list[Webhook]:
        """Return the account's subscriptions."""
        return [hook for hook in self.by_id.values() if hook.account == account]

    def announce(self, call: "Call", event: str, data: dict[str, Any]) -> None:
        """Send the event to the account's subscribers, in the background."""
        policy = call.behaviour.webhooks
        for hook in policy.hooks_for(call):
            if policy.wants(hook, event):
                self.run(policy.deliver(call, hook, policy.write_event(event, data)))

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Run the work in the background until it ends, or the server does."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Drop what is still going on."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.client.close()
