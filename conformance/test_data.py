"""Data: what a completion left behind is deleted by its id, by its owner alone."""

from assisters_verify.answer import Answer
from assisters_verify.checks import clause
from assisters_verify.contract.data import completed_id, delete_data, delete_stored, streamed_id
from assisters_verify.contract.deletion import expect_deleted, is_route_missing, unknown_like
from assisters_verify.contract.envelope import expect_envelope, expect_refusal
from assisters_verify.contract.keys import borrow_key, settle
from assisters_verify.contract.routes import UNKNOWN_ID
from assisters_verify.judgement import Broken, LeftOut, NotApplicable, NotThere, Undecided
from assisters_verify.probe import Probe

_NO_SUCH_VERB = frozenset({405, 501})


@clause("DATA-01", needs=["CHAT-02"])
async def test_data_of_a_completion_is_deleted(probe: Probe) -> None:
    """A completion's id is enough to delete what it left behind."""
    await _require_verb(probe)
    answer = await delete_stored(probe, await completed_id(probe))
    if await is_route_missing(probe, answer):
        raise NotThere(f"DELETE /v1/data/{{id}} is not there: {answer.describe()}", answer=answer)
    expect_deleted(answer)


@clause("DATA-01", needs=["CHAT-02", "STREAM-02"])
async def test_data_of_a_streamed_completion_is_deleted(probe: Probe) -> None:
    """What was streamed is a completion as well."""
    await _require_verb(probe)
    answer = await delete_stored(probe, await streamed_id(probe))
    if await is_route_missing(probe, answer):
        raise NotThere(f"DELETE /v1/data/{{id}} is not there: {answer.describe()}", answer=answer)
    expect_deleted(answer)


@clause("DATA-02", needs=["CHAT-02"])
async def test_deleting_unknown_data_is_refused(probe: Probe) -> None:
    """An id that nothing has is not found."""
    answer = await _ask_for_unknown(probe)
    if answer.status in _NO_SUCH_VERB:
        raise NotApplicable("the target has no DELETE /v1/data/{id}, which another clause judges")
    _expect_unknown(answer, *(await _leeway(probe)))


@clause("DATA-02", needs=["DATA-01"])
async def test_deleting_unknown_data_of_a_known_form_is_refused(probe: Probe) -> None:
    """An id that nothing has is not found, even if it looks like one of the target's own."""
    unknown = unknown_like(await completed_id(probe))
    if unknown is None:
        raise NotApplicable("the target's ids are too short to make one up that is surely nobody's")
    _expect_unknown(await delete_data(probe, unknown, label="that nobody has"))


@clause("DATA-03", needs=["DATA-01"])
async def test_deleting_data_again_is_no_error_of_the_server(probe: Probe) -> None:
    """The second deletion finds nothing, or says again that it is done."""
    data_id = await completed_id(probe)
    expect_deleted(await delete_stored(probe, data_id))
    again = await delete_data(probe, data_id, label="again")
    if not again.is_success:
        expect_refusal(again, 404, why="or 2xx: it was deleted before")


@clause("DATA-04", needs=["DATA-01"])
async def test_another_customer_cannot_delete_the_data(probe: Probe) -> None:
    """Only the owner deletes; for anybody else the data stays as it is."""
    second = probe.settings.secrets.second_api_key
    data_id = await completed_id(probe)
    if second is None:
        await _judge_with_a_created_key(probe, data_id)
        return
    answer = await delete_data(probe, data_id, key=second.get_secret_value(), label="as another customer")
    if answer.is_success:
        raise Broken(expected="another customer to be refused", received=answer.describe(), answer=answer)
    await _expect_still_there(probe, data_id, answer)


async def _judge_with_a_created_key(probe: Probe, data_id: str) -> None:
    """Judge by a key of perhaps the same customer: one that is kept apart by its key is kept apart from everybody."""
    created = await borrow_key(probe)
    answer = await delete_data(probe, data_id, key=created.secret, label="with a created key")
    await settle(probe, created.debt)
    if answer.is_success:
        raise LeftOut("a created key is of the same customer here; set ASSISTERS_SECOND_API_KEY to another one's")
    await _expect_still_there(probe, data_id, answer)


async def _expect_still_there(probe: Probe, data_id: str, refusal: Answer) -> None:
    expect_refusal(refusal, 401, 403, 404, why="somebody else's data")
    owners = await delete_data(probe, data_id, label="as its owner, after somebody else tried")
    if not owners.is_success:
        raise Broken(expected="the owner to delete the data still", received=owners.describe(), answer=owners)


async def _require_verb(probe: Probe) -> None:
    answer = await _ask_for_unknown(probe)
    if answer.status in _NO_SUCH_VERB:
        raise NotThere(f"DELETE /v1/data/{{id}} is not there: {answer.describe()}", answer=answer)


async def _ask_for_unknown(probe: Probe) -> Answer:
    answer: Answer = await probe.fact(
        "unknown data", lambda finder: delete_data(finder, UNKNOWN_ID, label="that nobody has")
    )
    return answer


async def _leeway(probe: Probe) -> tuple[int, ...]:
    """Return what else an id without the form of the target's own ids may get: it may be refused as malformed, where
    one that has the form is judged by another check."""
    try:
        return (400,) if unknown_like(await completed_id(probe)) is not None else ()
    except Undecided:
        return ()


def _expect_unknown(answer: Answer, *also: int) -> None:
    expect_refusal(answer, 404, *also, why="nothing with this id")
    expect_envelope(answer)
