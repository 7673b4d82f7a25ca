"""Faults of key management."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from assisters_verify.reference.answers import Answer, Reply
from assisters_verify.reference.authentication import find_exact_key
from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import (
    FIRST_REFUSAL,
    KEY,
    KEYS,
    change,
    drop,
    on_answer,
    on_body,
    on_refusal,
    on_success,
)
from assisters_verify.reference.keys import ApiKey, KeyStore, owns
from assisters_verify.reference.problems import ApiError, internal_error
from assisters_verify.reference.variations import Fault

_fault = partial(Fault, area="keys")
_UNKNOWN_KEY = "key_not_found"
_SHORT_CHARACTERS = 8
_LAST_OF_LATIN = 0xFF


def _created(edit: Callable[[dict[str, Any]], Any]) -> Callable[[Call, Reply], Reply]:
    """Edit the answer to a creation."""
    return on_success(KEYS, edit, verb="POST")


def _on_deletion(do: Callable[[KeyStore, ApiKey], None]) -> dict[str, object]:
    """Do something else than removing the deleted key."""
    return {"keys.remove": do}


def _forget_used_alone(keys: KeyStore, key: ApiKey) -> None:
    """Forget the key's secret only if a cache of the keys that were used holds it."""
    keys.by_id.pop(key.id, None)
    if key in keys.put_aside:
        keys.remove(key)


def _find_and_note(keys: KeyStore, token: str) -> ApiKey | None:
    key = find_exact_key(keys, token)
    if key is not None and key not in keys.put_aside:
        keys.put_aside.append(key)
    return key


def _keep(_keys: KeyStore, _key: ApiKey) -> None:
    return None


def _forget_id_alone(keys: KeyStore, key: ApiKey) -> None:
    keys.by_id.pop(key.id, None)


def _remove_siblings(keys: KeyStore, key: ApiKey) -> None:
    """Remove every created key of the account."""
    for sibling in keys.owned_by(key.owner):
        if not sibling.name.startswith("initial-"):
            keys.remove(sibling)


def _remove_namesakes(keys: KeyStore, key: ApiKey) -> None:
    """Remove every key of the account that has this one's name."""
    for sibling in keys.owned_by(key.owner):
        if sibling.name == key.name:
            keys.remove(sibling)


def _remove_caller(call: Call, reply: Reply) -> Reply:
    """Remove a created key that deletes another."""
    caller = call.api_key
    is_done = call.route == KEY and isinstance(reply, Answer) and reply.status < FIRST_REFUSAL
    if is_done and caller is not None and not caller.name.startswith("initial-"):
        call.services.keys.remove(caller)
    return reply


def _revive_earlier(keys: KeyStore, key: ApiKey) -> None:
    """Remove the key, and let the one that was deleted before it in again."""
    keys.remove(key)
    earlier = keys.put_aside
    if earlier:
        keys.by_secret[earlier[-1].secret] = earlier[-1]
    earlier.append(key)


def _let_deleted_embed(call: Call) -> bool:
    return call.path == "/v1/embeddings"


def _find_deleted_too(keys: KeyStore, token: str) -> ApiKey | None:
    """Find a key that was deleted a moment ago in a cache nobody empties."""
    return find_exact_key(keys, token) or next((key for key in keys.put_aside if key.secret == token), None)


def _bury(keys: KeyStore, key: ApiKey) -> None:
    keys.remove(key)
    keys.put_aside.append(key)


def _refuse_created(keys: KeyStore, token: str) -> ApiKey | None:
    key = find_exact_key(keys, token)
    return key if key is not None and key.name.startswith("initial-") else None


def _same_secret(call: Call, reply: Reply) -> Reply:
    """Give the secret of the first created key to all."""
    if call.route != KEYS or call.method != "POST" or not isinstance(reply, Answer) or reply.status >= FIRST_REFUSAL:
        return reply
    field = call.behaviour.keys.secret_field
    first = call.services.scratch.setdefault("secret", (reply.payload or {}).get(field))
    return on_success(KEYS, change(lambda _secret: first, field))(call, reply)


def _same_id(call: Call, reply: Reply) -> Reply:
    """Show the id of the first created key for all."""
    if call.route != KEYS or call.method != "POST" or not isinstance(reply, Answer) or reply.status >= FIRST_REFUSAL:
        return reply
    first = call.services.scratch.setdefault("key_id", (reply.payload or {}).get("id"))
    return on_success(KEYS, change(lambda _id: first, "id"))(call, reply)


def _second_deletion(status: int) -> Callable[[Call, Reply], Reply]:
    """Answer the second deletion of a key with another status."""

    def edit(call: Call, reply: Reply) -> Reply:
        if call.route != KEY or not isinstance(reply, Answer):
            return reply
        deleted = call.services.scratch.setdefault("deleted", set())
        key_id = call.path_params["key_id"]
        if reply.status < FIRST_REFUSAL:
            deleted.add(key_id)
        elif key_id in deleted:
            error = ApiError(status, "Already deleted.", param="key_id")
            return Answer(payload=error.envelope(), status=status)
        return reply

    return edit


def _names(matches: Callable[[Any], bool], name: Callable[[Any], str]) -> Callable[[Call, Any], Any]:
    """Make a name of a wrong value."""
    return on_body(KEYS, lambda body: {**body, "name": name(body.get("name"))} if matches(body.get("name")) else body)


def _break(_body: dict[str, Any]) -> Any:
    raise internal_error()


def _is_beyond_latin(name: Any) -> bool:
    return isinstance(name, str) and any(ord(sign) > _LAST_OF_LATIN for sign in name)


def _delete_anything(answer: Answer) -> Answer:
    return replace(answer, status=200, payload={"deleted": True})


def _delete_while_refusing(call: Call, reply: Reply) -> Reply:
    """Refuse a deletion without a valid key, but only after it is done."""
    prefix, _, key_id = call.path.rpartition("/")
    key = call.services.keys.by_id.get(key_id)
    if call.api_key is None and call.method == "DELETE" and prefix == KEYS and key is not None:
        call.services.keys.remove(key)
    return reply


def _own_and_delete(call: Call, key: ApiKey) -> bool:
    """Refuse another customer, but only after the key is gone."""
    is_own = owns(call, key)
    call.services.keys.remove(key)
    return is_own


FAULTS: tuple[Fault, ...] = (
    _fault(
        name="key_creation_breaks",
        clause="KEY-01",
        title="Creating a key ends in 500.",
        request=on_body(KEYS, _break),
    ),
    _fault(
        name="created_key_shows_no_secret",
        clause="KEY-01",
        title="The answer to a creation holds no secret.",
        reply=_created(drop("key")),
    ),
    _fault(
        name="created_key_is_masked",
        clause="KEY-01",
        title="The answer to a creation shows the secret masked.",
        reply=_created(change(lambda secret: f"{secret[:5]}…{secret[-4:]}", "key")),
    ),
    _fault(
        name="created_key_shows_no_id",
        clause="KEY-01",
        title="The answer to a creation holds no id.",
        reply=_created(drop("id")),
    ),
    _fault(
        name="created_key_is_refused",
        clause="KEY-02",
        title="A created key is not let in.",
        choices={"authentication.find_key": _refuse_created},
    ),
    _fault(
        name="created_key_is_another",
        clause="KEY-02",
        title="The shown secret is not the key's.",
        reply=_created(change(lambda secret: secret[::-1], "key")),
    ),
    _fault(
        name="key_deletion_breaks",
        clause="KEY-03",
        title="Deleting a key ends in 500.",
        choices={"keys.owns": lambda _call, _key: _break({})},
    ),
    _fault(
        name="key_deletion_is_404",
        clause="KEY-03",
        title="A key is deleted, and the answer is 404.",
        reply=on_answer(
            KEY, lambda answer: replace(answer, status=404, payload=ApiError(404, "No such key.").envelope())
        ),
    ),
    _fault(
        name="deleted_key_still_works",
        clause="KEY-04",
        title="A deleted key is still let in.",
        choices=_on_deletion(_forget_id_alone),
    ),
    _fault(
        name="deletion_does_nothing",
        clause="KEY-04",
        title="Deleting a key answers 200 and does nothing.",
        choices=_on_deletion(_keep),
    ),
    _fault(
        name="deleted_key_still_embeds",
        clause="KEY-04",
        title="A deleted key is still let in to embeddings.",
        choices={
            **_on_deletion(_bury),
            "authentication.find_key": _find_deleted_too,
            "authentication.may_use": lambda call, key: (
                _let_deleted_embed(call) or key not in call.services.keys.put_aside
            ),
        },
    ),
    _fault(
        name="unknown_key_id_is_deleted",
        clause="KEY-05",
        title="Deleting an unknown key id is answered 200.",
        reply=on_refusal(_delete_anything, code=_UNKNOWN_KEY),
    ),
    _fault(
        name="unknown_key_id_breaks_server",
        clause="KEY-05",
        title="Deleting an unknown key id ends in 500.",
        reply=on_refusal(lambda answer: replace(answer, status=500), code=_UNKNOWN_KEY),
    ),
    _fault(
        name="unknown_key_id_is_400",
        clause="KEY-05",
        title="Deleting an unknown key id is refused with 400.",
        reply=on_refusal(lambda answer: replace(answer, status=400), code=_UNKNOWN_KEY),
    ),
    _fault(
        name="deleting_one_deletes_all",
        clause="KEY-06",
        title="Deleting one created key deletes them all.",
        choices=_on_deletion(_remove_siblings),
    ),
    _fault(
        name="deletion_takes_namesakes",
        clause="KEY-06",
        title="Deleting a key deletes the customer's other keys of its name too.",
        choices=_on_deletion(_remove_namesakes),
    ),
    _fault(
        name="deletion_takes_its_caller",
        clause="KEY-06",
        title="A created key that deletes another key is gone as well.",
        reply=_remove_caller,
    ),
    _fault(
        name="created_keys_share_a_secret",
        clause="KEY-06",
        title="Every creation shows the first key's secret.",
        reply=_same_secret,
    ),
    _fault(
        name="created_keys_share_an_id",
        clause="KEY-06",
        title="Every creation shows the first key's id.",
        reply=_same_id,
    ),
    _fault(
        name="missing_name_is_accepted",
        clause="KEY-13",
        title="Without `name` a key is created.",
        request=_names(lambda value: value is None, lambda _none: "unnamed"),
    ),
    _fault(
        name="number_as_name_is_accepted",
        clause="KEY-07",
        title="A number, a list or an object as `name` is taken for text.",
        request=_names(lambda value: isinstance(value, int | float | list | dict), str),
    ),
    _fault(
        name="name_beyond_latin_breaks",
        clause="KEY-07",
        title="A name with signs that Latin-1 lacks ends in 500.",
        request=on_body(KEYS, lambda body: _break(body) if _is_beyond_latin(body.get("name")) else body),
    ),
    _fault(
        name="second_deletion_breaks",
        clause="KEY-08",
        title="Deleting the same key again ends in 500.",
        reply=_second_deletion(500),
    ),
    _fault(
        name="second_deletion_is_400",
        clause="KEY-08",
        title="Deleting the same key again is refused with 400.",
        reply=_second_deletion(400),
    ),
    _fault(
        name="deletion_revives_earlier_key",
        clause="KEY-09",
        title="Deleting a key lets the one that was deleted before it in again.",
        choices=_on_deletion(_revive_earlier),
    ),
    _fault(
        name="unused_key_outlives_its_deletion",
        clause="KEY-09",
        title="A key that was deleted before it was ever used is let in afterwards.",
        choices={**_on_deletion(_forget_used_alone), "authentication.find_key": _find_and_note},
    ),
    _fault(
        name="key_name_is_not_repeated",
        clause="KEY-10",
        title="The answer to a creation lacks the name.",
        reply=_created(drop("name")),
    ),
    _fault(
        name="secret_is_short",
        clause="KEY-11",
        title="The secret has eight characters.",
        choices={"keys.make_secret": lambda call: call.services.make_token()[:_SHORT_CHARACTERS]},
    ),
    _fault(
        name="key_id_is_the_secret",
        clause="KEY-11",
        title="The key's id holds its secret.",
        choices={"keys.make_id": lambda _call, secret: f"key_{secret}"},
    ),
    _fault(
        name="refused_deletion_deletes_key",
        clause="KEY-14",
        title="A deletion without a valid key is refused, but done.",
        reply=_delete_while_refusing,
    ),
    _fault(
        name="others_can_delete_keys",
        clause="KEY-15",
        title="Another customer can delete a key.",
        choices={"keys.owns": lambda _call, _key: True},
    ),
    _fault(
        name="others_make_keys_vanish",
        clause="KEY-15",
        title="Another customer is refused, but the key is gone.",
        choices={"keys.owns": _own_and_delete},
    ),
)
