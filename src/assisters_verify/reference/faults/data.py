"""Faults of the deletion of data."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from assisters_verify.reference.answers import Answer, EventStream, Reply
from assisters_verify.reference.calls import Call
from assisters_verify.reference.data import owns
from assisters_verify.reference.edits import CHAT, DATA, FIRST_REFUSAL, on_answer, on_refusal
from assisters_verify.reference.problems import ApiError, internal_error, not_found
from assisters_verify.reference.variations import Fault

_fault = partial(Fault, area="data")
_UNKNOWN = "data_not_found"


def _fails(error: ApiError) -> Callable[[Answer], Answer]:
    return lambda answer: replace(answer, status=error.status, payload=error.envelope())


def _second_deletion(status: int) -> Callable[[Call, Reply], Reply]:
    """Answer the second deletion of the same data with another status."""

    def edit(call: Call, reply: Reply) -> Reply:
        if call.route != DATA or not isinstance(reply, Answer):
            return reply
        deleted = call.services.scratch.setdefault("deleted_data", set())
        data_id = call.path_params["id"]
        if reply.status < FIRST_REFUSAL:
            deleted.add(data_id)
        elif data_id in deleted:
            return replace(reply, status=status)
        return reply

    return edit


def _belongs_to_everybody(call: Call, data_id: str) -> bool:
    return data_id in call.services.completions


def _vanishes_when_asked_for(call: Call, data_id: str) -> bool:
    """Refuse another customer, but only after the data is gone."""
    is_own = owns(call, data_id)
    call.services.completions.pop(data_id, None)
    return is_own


def _note_streamed(call: Call, reply: Reply) -> Reply:
    if call.route == CHAT and isinstance(reply, EventStream):
        shown = {frame.data.get("id") for frame in reply.frames if isinstance(frame.data, dict)}
        call.services.scratch.setdefault("streamed", set()).update(shown)
    return reply


def _owns_what_was_streamed(call: Call, data_id: str) -> bool:
    return owns(call, data_id) and data_id in call.services.scratch.get("streamed", ())


def _owns_what_came_whole(call: Call, data_id: str) -> bool:
    return owns(call, data_id) and data_id not in call.services.scratch.get("streamed", ())


FAULTS: tuple[Fault, ...] = (
    _fault(
        name="data_deletion_breaks",
        clause="DATA-01",
        title="Deleting a completion's data ends in 500.",
        reply=on_answer(DATA, _fails(internal_error())),
    ),
    _fault(
        name="completions_are_unknown_data",
        clause="DATA-01",
        title="A completion's data is not found.",
        reply=on_answer(DATA, _fails(not_found("No data with this id."))),
    ),
    _fault(
        name="streamed_completions_are_unknown_data",
        clause="DATA-01",
        title="The data of a streamed completion is not found.",
        choices={"data.owns": _owns_what_came_whole},
        reply=_note_streamed,
    ),
    _fault(
        name="plain_completions_are_unknown_data",
        clause="DATA-01",
        title="Only the data of streamed completions is found.",
        choices={"data.owns": _owns_what_was_streamed},
        reply=_note_streamed,
    ),
    _fault(
        name="data_deletion_is_forbidden",
        clause="DATA-01",
        title="Deleting one's own data is refused with 403.",
        reply=on_answer(DATA, _fails(ApiError(403, "Ask support.", kind="permission_error"))),
    ),
    _fault(
        name="unknown_data_is_deleted",
        clause="DATA-02",
        title="Deleting the data of an unknown id is answered 200.",
        reply=on_refusal(lambda answer: replace(answer, status=200, payload={"deleted": True}), code=_UNKNOWN),
    ),
    _fault(
        name="unknown_data_breaks_server",
        clause="DATA-02",
        title="Deleting the data of an unknown id ends in 500.",
        reply=on_refusal(lambda answer: replace(answer, status=500), code=_UNKNOWN),
    ),
    _fault(
        name="unknown_data_is_400",
        clause="DATA-02",
        title="Deleting the data of an unknown id is refused with 400.",
        reply=on_refusal(lambda answer: replace(answer, status=400), code=_UNKNOWN),
    ),
    _fault(
        name="second_deletion_of_data_breaks",
        clause="DATA-03",
        title="Deleting the same data again ends in 500.",
        reply=_second_deletion(500),
    ),
    _fault(
        name="second_deletion_of_data_is_400",
        clause="DATA-03",
        title="Deleting the same data again is refused with 400.",
        reply=_second_deletion(400),
    ),
    _fault(
        name="others_can_delete_data",
        clause="DATA-04",
        title="Another customer can delete the data.",
        choices={"data.owns": _belongs_to_everybody},
    ),
    _fault(
        name="others_make_data_vanish",
        clause="DATA-04",
        title="Another customer is refused, but the data is gone.",
        choices={"data.owns": _vanishes_when_asked_for},
    ),
)
