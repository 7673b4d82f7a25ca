"""What Locust is told on its command line, by the place that a process has in its run."""

from pathlib import Path
from typing import Any

import pytest

from assisters_verify.load_process import locust_arguments
from assisters_verify.settings.load import LoadSettings


def arguments(**values: Any) -> str:
    settings = LoadSettings.model_validate({"scenario": "chat", "rate_per_s": 1, **values})
    return " ".join(locust_arguments(settings, Path("/load/chat.py")))


def test_one_process_is_neither_master_nor_worker() -> None:
    line = arguments()
    assert ("--headless" in line, "--users 1 " in line, "--master" in line, "--worker" in line) == (
        True,
        True,
        False,
        False,
    )


def test_several_processes_meet_on_this_machine_only() -> None:
    line = arguments(processes=3)
    assert ("--processes 3" in line, "--master-bind-host 127.0.0.1" in line, "--users 3 " in line) == (True, True, True)


def test_a_master_waits_for_its_workers() -> None:
    line = arguments(role="master", workers=4, master_port=5600)
    assert ("--master-bind-port 5600" in line, "--expect-workers 4" in line, "--users 4 " in line) == (True, True, True)


def test_a_worker_goes_to_its_master() -> None:
    line = arguments(role="worker", master_host="load-1", master_port=5600, processes=2)
    assert line.endswith("--worker --master-host load-1 --master-port 5600 --processes 2")


def test_the_web_page_is_for_this_machine_only() -> None:
    line = arguments(web=True, web_port=8090)
    assert ("--headless" in line, "--web-host 127.0.0.1 --web-port 8090" in line) == (False, True)


@pytest.mark.parametrize("values", [{}, {"processes": 2}, {"role": "worker"}, {"role": "master"}], ids=str)
def test_nothing_about_the_target_is_said(values: dict[str, Any]) -> None:
    assert "example" not in arguments(target={"base_url": "https://api.example.com"}, **values)
