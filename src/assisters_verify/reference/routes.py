"""Which verb of which route does what."""

from assisters_verify.reference.audit import read_audit
from assisters_verify.reference.chat.completing import complete_chat
from assisters_verify.reference.embeddings import create_embedding
from assisters_verify.reference.idempotency import Handler
from assisters_verify.reference.keys import create_key, delete_key, list_keys
from assisters_verify.reference.metrics import read_metrics
from assisters_verify.reference.models import list_models

ROUTES: dict[str, dict[str, Handler]] = {
    "/v1/chat/completions": {"POST": complete_chat},
    "/v1/models": {"GET": list_models},
    "/v1/embeddings": {"POST": create_embedding},
    "/v1/keys": {"GET": list_keys, "POST": create_key},
    "/v1/keys/{key_id}": {"DELETE": delete_key},
    "/v1/audit": {"GET": read_audit},
    "/v1/metrics": {"GET": read_metrics},
}
