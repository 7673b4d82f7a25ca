"""A bounded number of requests covers every group before it repeats one."""

from assisters_verify.properties.case import PropertyCase
from assisters_verify.properties.select import Candidate, select_cases


def candidate(name: str, *, body: bytes, kind: int = 0, depth: int = 0, is_random: bool = False) -> Candidate:
    case = PropertyCase(
        operation="POST /a", method="POST", path="/a", headers=(), body=body, is_valid=False, why="", param=name
    )
    return Candidate(case=case, group=(name,), kind=kind, depth=depth, is_random=is_random)


def chosen(candidates: list[Candidate], limit: int = 10) -> list[bytes | None]:
    return [case.body for case in select_cases(candidates, limit)]


def test_every_group_comes_before_a_second_of_any() -> None:
    candidates = [candidate("a", body=b"1"), candidate("a", body=b"2"), candidate("b", body=b"3")]
    assert chosen(candidates) == [b"1", b"3", b"2"]


def test_other_kinds_come_before_more_of_the_same_kind() -> None:
    candidates = [candidate("a", body=b"1"), candidate("a", body=b"2"), candidate("a", body=b"3", kind=1)]
    assert chosen(candidates) == [b"1", b"3", b"2"]


def test_remote_group_comes_later() -> None:
    candidates = [candidate("a", body=b"1", depth=2), candidate("b", body=b"2"), candidate("b", body=b"3")]
    assert chosen(candidates) == [b"2", b"3", b"1"]


def test_covering_request_comes_before_a_random_one() -> None:
    candidates = [candidate("a", body=b"1", is_random=True), candidate("a", body=b"22")]
    assert chosen(candidates) == [b"22", b"1"]


def test_small_body_comes_before_a_large_one() -> None:
    assert chosen([candidate("a", body=b"22"), candidate("a", body=b"3")]) == [b"3", b"22"]


def test_same_request_comes_once() -> None:
    assert chosen([candidate("a", body=b"1"), candidate("b", body=b"1")]) == [b"1"]


def test_order_of_arrival_does_not_matter() -> None:
    candidates = [candidate(name, body=body) for name in "ab" for body in (b"1", b"22", b"333")]
    assert chosen(candidates[:3] + candidates[3:]) == chosen(candidates[3:] + candidates[:3])


def test_limit_is_kept() -> None:
    assert chosen([candidate("a", body=b"1"), candidate("b", body=b"2")], limit=1) == [b"1"]
