from array import array

from assisters_verify.exact.log import Log
from assisters_verify.exact.plans import Kind, Plan

PLAN = Plan(Kind.STREAMING, (b"a", b"b"), (0, 1), 2, 2)


def test_rows_come_back_as_they_were() -> None:
    log = Log(100)
    log.add(PLAN, 5_000_000_000, array("I", [10, 20]))
    log.add(Plan(Kind.CHAT, (b"a",), (0,), 1), 6_000_000_000, array("I", [30]))

    assert [(row.arrived_s, row.kind, row.is_whole, row.tokens, row.writes_us) for row in log.rows()] == [
        (5.0, Kind.STREAMING, True, 2, (10, 20)),
        (6.0, Kind.CHAT, True, 0, (30,)),
    ]


def test_answer_that_was_cut_is_not_whole() -> None:
    log = Log(100)
    log.add(PLAN, 0, array("I", [10]))

    assert [row.is_whole for row in log.rows()] == [False]


def test_full_log_counts_what_it_leaves_out() -> None:
    log = Log(3)
    log.add(PLAN, 0, array("I", [10, 20]))
    log.add(PLAN, 0, array("I", [10, 20]))

    assert (len(log), log.left_out) == (1, 2)
