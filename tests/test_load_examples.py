"""The examples for several machines stay what the command line understands."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from assisters_verify.cli.load import command
from assisters_verify.content import content_root
from assisters_verify.settings.target import Target

FOLDER = content_root() / "examples" / "load"
COMPOSE: Mapping[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
KUBERNETES: tuple[Mapping[str, Any], ...] = tuple(
    yaml.safe_load_all((FOLDER / "kubernetes.yaml").read_text(encoding="utf-8"))
)


def containers() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for resource in KUBERNETES:
        if resource["kind"] == "Job":
            yield resource["metadata"]["name"], resource["spec"]["template"]["spec"]["containers"][0]


def commands() -> dict[str, list[str]]:
    compose = {f"compose {name}": service["command"] for name, service in COMPOSE["services"].items()}
    return compose | {f"kubernetes {name}": container["args"] for name, container in containers()}


COMMANDS = commands()


def options(name: str) -> dict[str, Any]:
    return command.make_context("load", COMMANDS[name][1:]).params


@pytest.mark.parametrize("name", COMMANDS)
def test_command_is_understood(name: str) -> None:
    assert (COMMANDS[name][0], options(name)["scenario"]) == ("load", "streaming")


@pytest.mark.parametrize(
    ("master", "worker"),
    [("compose master", "compose worker"), ("kubernetes load-master", "kubernetes load-worker")],
)
def test_master_and_workers_are_told_the_same_load(master: str, worker: str) -> None:
    same = ("scenario", "target_file", "rate_per_s", "duration_s", "warm_up_s", "allow_load")

    assert [options(master)[name] for name in same] == [options(worker)[name] for name in same]


def test_compose_starts_as_many_workers_as_its_master_waits_for() -> None:
    assert COMPOSE["services"]["worker"]["deploy"]["replicas"] == options("compose master")["workers"]


def test_cluster_starts_as_many_workers_as_its_master_waits_for() -> None:
    worker = next(each["spec"] for each in KUBERNETES if each["metadata"]["name"] == "load-worker")
    workers = options("kubernetes load-master")["workers"]

    assert (worker["parallelism"], worker["completions"]) == (workers, workers)


def test_workers_find_their_master_by_its_service() -> None:
    service = next(each for each in KUBERNETES if each["kind"] == "Service")
    master = dict(containers())["load-master"]

    assert options("kubernetes load-worker")["master_host"] == service["metadata"]["name"]
    assert service["spec"]["ports"][0]["port"] == master["ports"][0]["containerPort"] == 5557


def test_target_of_the_cluster_is_understood() -> None:
    config = next(each for each in KUBERNETES if each["kind"] == "ConfigMap")

    target = Target.model_validate(yaml.safe_load(config["data"]["target.yaml"]))

    assert str(target.base_url) == "https://staging.example.com"


def test_key_is_in_no_command_line() -> None:
    assert [name for name, words in COMMANDS.items() if "key" in " ".join(words).lower()] == []
