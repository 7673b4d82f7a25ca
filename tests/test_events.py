"""Events come through as they were written, and a reader who leaves harms nobody."""

import contextlib
import io
import os
import threading

from assisters_verify.events import EventWriter, read_events


def test_events_are_read_as_they_were_written() -> None:
    receive, send = os.pipe()
    writer = EventWriter(send)
    writer.write("outcome", reason="é \u2028 \x85\nend", count=1)
    writer.write("end")
    writer._file.close()
    with os.fdopen(receive, encoding="utf-8") as stream:
        found = list(read_events(stream))
    assert found == [{"event": "outcome", "reason": "é \u2028 \x85\nend", "count": 1}, {"event": "end"}]


def test_events_of_several_threads_do_not_mix() -> None:
    receive, send = os.pipe()
    writer = EventWriter(send)

    def write(number: int) -> None:
        for _ in range(50):
            writer.write("x", text=str(number) * 2_000)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    with os.fdopen(receive, encoding="utf-8") as stream:
        events = read_events(stream)
        found = [next(events) for _ in range(200)]
    for thread in threads:
        thread.join()
    writer._file.close()
    assert sorted({event["text"] for event in found}) == [str(number) * 2_000 for number in range(4)]


def test_lines_that_are_no_events_are_passed_over() -> None:
    lines = io.StringIO('{"event": "a"}\nnoise\n[1]\n{}\n"x"\n\n{"event": "b"}\n{"event": "torn')
    assert [event["event"] for event in read_events(lines)] == ["a", "b"]


def test_writer_notices_that_nobody_reads() -> None:
    receive, send = os.pipe()
    writer = EventWriter(send)
    writer.write("a")
    before = writer.is_heard
    os.close(receive)
    writer.write("b")
    writer.write("c")
    with contextlib.suppress(BrokenPipeError):
        writer._file.close()
    assert (before, writer.is_heard) == (True, False)
