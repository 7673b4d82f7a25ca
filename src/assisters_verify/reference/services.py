"""Everything one server holds while it runs; several servers share nothing."""

from collections import OrderedDict
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from assisters_verify.reference.audit import AuditLog
from assisters_verify.reference.behaviour import Behaviour
from assisters_verify.reference.idempotency import IdempotencyStore
from assisters_verify.reference.keys import KeyStore
from assisters_verify.reference.metrics import MetricsBook
from assisters_verify.reference.options import ReferenceOptions
from assisters_verify.reference.timing_log import TimingLog
from assisters_verify.reference.webhooks.registry import WebhookRegistry

if TYPE_CHECKING:
    from assisters_verify.reference.limits import Limiter

_COMPLETIONS_KEPT = 100_000


class Services:
    """The state of one server."""

    def __init__(self, options: ReferenceOptions, behaviour: Behaviour) -> None:
        self.options = options
        self.behaviour = behaviour
        self.keys = KeyStore(options.api_keys)
        self.limiter: Limiter | None = None
        if options.limit is not None:
            self.limiter = behaviour.limits.make(options.limit, options.window_s)
        self.idempotency = IdempotencyStore()
        self.audit = AuditLog()
        self.metrics = MetricsBook()
        self.webhooks = WebhookRegistry(options)
        self.log = TimingLog(options.log_path) if options.log_path is not None else None
        # Completion id to account, oldest first.
        self.completions: OrderedDict[str, str] = OrderedDict()
        # Faults that remember something keep it here, so that servers in one process stay apart.
        self.scratch: dict[str, Any] = {}
        self._serial = 0

    def make_token(self) -> str:
        """Return 40 hex digits that depend on the seed and on how many were made before."""
        self._serial += 1
        return blake2b(f"{self.options.seed}/{self._serial}".encode(), digest_size=20).hexdigest()

    def make_id(self, prefix: str) -> str:
        """Return a new id, which tells an answer from a re-run of its request."""
        return f"{prefix}_{self.make_token()[:24]}"

    def remember_completion(self, completion_id: str, account: str) -> None:
        """Keep whose completion this is; the oldest one goes when there are too many."""
        self.completions[completion_id] = account
        if len(self.completions) > _COMPLETIONS_KEPT:
            self.completions.popitem(last=False)

    async def close(self) -> None:
        """End everything that goes on in the background."""
        await self.webhooks.close()
        if self.log is not None:
            self.log.close()
