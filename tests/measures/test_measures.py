"""Measures of processes add up to those of the run."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from assisters_verify.measures.evidence import MOST_SAMPLES, MOST_SLOWEST, Kept
from assisters_verify.measures.measures import Measures

EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["chat", "streaming"]),
        st.integers(min_value=0, max_value=5),
        st.integers(min_value=0, max_value=10**7),
        st.sampled_from(["200", "429", "reset"]),
    ),
    max_size=50,
)


def measures_of(events: list[tuple[str, int, int, str]]) -> Measures:
    measures = Measures()
    for kind, number, time_us, status in events:
        group = measures.kinds[kind]
        group.counters["sent"] += 1
        group.by_status[status] += 1
        group.histograms["latency_s"].record(time_us)
        measures.series[number].counts["finished"] += 1
        measures.series[number].latency.record(time_us)
    return measures


def kept(rank: float) -> Kept:
    return Kept(
        rank=rank,
        kind="chat",
        lane="chat",
        key=0,
        process="0",
        due_s=0.0,
        sent_s=0.0,
        end_s=rank,
        attempt=1,
        status=200,
        problem="",
        request="POST / HTTP/1.1",
        head="HTTP/1.1 200 OK",
        frames=((0.1, "{"), (0.2, "}")),
        is_stream=False,
        is_cut=False,
    )


@given(EVENTS, EVENTS)
def test_merging_is_the_same_as_having_measured_everything_in_one_place(
    one: list[tuple[str, int, int, str]], other: list[tuple[str, int, int, str]]
) -> None:
    merged = measures_of(one)
    merged.merge(measures_of(other))

    assert merged.to_wire() == measures_of(one + other).to_wire()


def test_file_loses_nothing(tmp_path: Path) -> None:
    measures = measures_of([("chat", 1, 1_000, "200"), ("streaming", 2, 5, "reset")])
    measures.slowest, measures.samples = [kept(2.0)], [kept(0.5)]
    measures.lost.append("1")
    measures.write(tmp_path / "measures.json")

    assert Measures.read(tmp_path / "measures.json").to_wire() == measures.to_wire()


def test_whole_is_the_sum_of_all_kinds() -> None:
    measures = measures_of([("chat", 0, 1_000, "200"), ("streaming", 0, 2_000, "429")])

    assert (measures.counters["sent"], dict(measures.by_status), measures.histograms["latency_s"].sum_us) == (
        2,
        {"200": 1, "429": 1},
        3_000,
    )


def test_slowest_of_all_processes_are_kept() -> None:
    one, other = Measures(), Measures()
    one.slowest = [kept(rank) for rank in range(10, 0, -1)]
    other.slowest = [kept(rank + 0.5) for rank in range(10, 0, -1)]
    one.merge(other)

    assert [each.rank for each in one.slowest][:4] == [10.5, 10, 9.5, 9]
    assert len(one.slowest) == MOST_SLOWEST


def test_sample_of_all_processes_is_the_one_of_the_lowest_draws() -> None:
    one, other = Measures(), Measures()
    one.samples = [kept(number / 1000) for number in range(MOST_SAMPLES)]
    other.samples = [kept(-1.0)]
    one.merge(other)

    assert (one.samples[0].rank, len(one.samples)) == (-1.0, MOST_SAMPLES)
