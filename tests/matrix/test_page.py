"""The published page tells of every fault and every reading that there is, as it is now."""

import re
from pathlib import Path

from assisters_verify.reference.faults import FAULTS
from assisters_verify.reference.faults.spills import SPILLS
from assisters_verify.reference.readings import READINGS

_PAGE = (Path(__file__).parents[2] / "docs" / "kill-matrix.md").read_text(encoding="utf-8")
_FAULT = re.compile(r"^\| (\S+) \| `(\w+)` \| (.*) \| .* \|$", re.MULTILINE)
_READING = re.compile(r"^\| `(\w+)` \| (.*) \| nobody \|$", re.MULTILINE)


def test_every_fault_stands_with_its_clause() -> None:
    told = {(clause, name, title) for clause, name, title in _FAULT.findall(_PAGE)}
    assert told == {(fault.clause, fault.name, fault.title) for fault in FAULTS.values()}


def test_every_reading_is_blamed_by_nobody() -> None:
    assert dict(_READING.findall(_PAGE)) == {reading.name: reading.title for reading in READINGS.values()}


def test_every_declared_spill_stands_with_its_reason() -> None:
    assert [spill.why for spill in SPILLS if spill.why not in _PAGE] == []
