"""Which verb of which route does what."""

from assisters_verify.reference.audit import read_audit
from assisters_verify.reference.canary import run_model_test
from assisters_verify.reference.chat.completing import complete_chat
from assisters_verify.reference.data import delete_data
from assisters_verify.reference.embeddings import create_embedding
from assisters_verify.reference.idempotency import Handler
from assisters_verify.reference.keys import create_key, delete_key, list_keys
from assisters_verify.reference.legacy import complete_prompt
from assisters_verify.reference.metrics import read_metrics
from assisters_verify.reference.models import list_models
from assisters_verify.reference.webhooks.routes import create_webhook, delete_webhook, list_webhooks

ROUTES: dict[str, dict[str, Handler]] = {
    "/v1/chat/completions": {"POST": complete_chat},
    "/v1/models": {"GET": list_models},
    "/v1/models/{model}/test": {"GET": run_model_test, "POST": run_model_test},
    "/v1/embeddings": {"POST": create_embedding},
    "/v1/keys": {"GET": list_keys, "POST": create_key},
    "/v1/keys/{key_id}": {"DELETE": delete_key},
    "/v1/webhooks": {"GET": list_webhooks, "POST": create_webhook},
    "/v1/webhooks/{webhook_id}": {"DELETE": delete_webhook},
    "/v1/data/{id}": {"DELETE": delete_data},
    "/v1/completions": {"POST": complete_prompt},
    "/v1/audit": {"GET": read_audit},
    "/v1/metrics": {"GET": read_metrics},
}
