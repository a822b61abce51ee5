# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A session is a sandbox environment by Inspect AI's own checks, and serves a task of its."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import fields
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, TypeVar

import pytest
from _pytest.mark import ParameterSet

pytest.importorskip("inspect_ai", reason="the inspect extra is not installed")

import anyio
from inspect_ai import Task
from inspect_ai import eval as evaluate
from inspect_ai.dataset import Sample
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import Score, match
from inspect_ai.solver import Generate, Solver, TaskState, generate, solver, use_tools
from inspect_ai.tool import bash
from inspect_ai.util import (
    OutputLimitExceededError,
    SandboxEnvironmentSpec,
    SandboxUnavailableError,
    SandboxUserUnsupportedError,
)
from inspect_ai.util import sandbox as sandbox_of_sample
from inspect_ai.util._sandbox import self_check
from inspect_ai.util._sandbox.registry import registry_find_sandboxenv
from pydantic import ValidationError

from rsi_sandboxes import Limits, inspect_provider
from rsi_sandboxes.fake import FakeSandbox, exited
from rsi_sandboxes.inspect_provider import RsiSandboxEnvironment, SandboxConfig
from rsi_sandboxes.inspect_provider.config import BOUNDS, SharedSandboxes, resolve
from tests.components import need
from tests.docs import pages

T = TypeVar("T")
COMMAND_LINES = "cat /proc/[0-9]*/cmdline"
SETUP = 'echo "set $(cat given.txt)" > told.txt'
BACKENDS = ("bubblewrap", "docker")
ONE_USER = "a world has one user, without rights: nobody in it is root, and none can be added"
NO_PASSWD = "the check runs /etc/passwd, which bubblewrap's worlds don't hold; ours runs a file that is there"
KNOWN_FAILURES = {
    ("bubblewrap", "test_exec_as_user"): ONE_USER,
    ("bubblewrap", "test_exec_permission_error"): NO_PASSWD,
    ("docker", "test_exec_as_user"): ONE_USER,
}
"""Checks of Inspect's that a backend does not pass, and why."""


@pytest.fixture(scope="module")
def config(request: pytest.FixtureRequest) -> SandboxConfig:
    need(request.param)
    return SandboxConfig(backend=request.param)


on_each_backend = pytest.mark.parametrize("config", BACKENDS, indirect=True)


@asynccontextmanager
async def environment_of(config: SandboxConfig) -> AsyncIterator[RsiSandboxEnvironment]:
    await RsiSandboxEnvironment.task_init("test", config)
    environments = await RsiSandboxEnvironment.sample_init("test", config, {})
    try:
        yield environments["default"].as_type(RsiSandboxEnvironment)
    finally:
        await RsiSandboxEnvironment.sample_cleanup("test", config, environments, False)
        await RsiSandboxEnvironment.task_cleanup("test", config, True)


def use(config: SandboxConfig, action: Callable[[RsiSandboxEnvironment], Awaitable[T]]) -> T:
    async def main() -> T:
        async with environment_of(config) as environment:
            return await action(environment)

    return anyio.run(main)


def inspects_checks() -> Iterator[ParameterSet]:
    for backend in BACKENDS:
        for check in self_check.__all__:
            reason = KNOWN_FAILURES.get((backend, check))
            yield pytest.param(backend, check, marks=[pytest.mark.xfail(reason=reason)] if reason else [])


@pytest.mark.parametrize(("config", "check"), [*inspects_checks()], indirect=["config"])
def test_inspects_own_check_passes(config: SandboxConfig, check: str) -> None:
    use(config, getattr(self_check, check))


def test_every_known_failure_is_a_check_of_inspects() -> None:
    assert {check for _, check in KNOWN_FAILURES} <= set(self_check.__all__)


@on_each_backend
def test_a_file_that_is_no_program_raises_a_permission_error(config: SandboxConfig) -> None:
    async def run(environment: RsiSandboxEnvironment) -> None:
        await environment.write_file("/tmp/no-program", "text")
        with pytest.raises(PermissionError):
            await environment.exec(["/tmp/no-program"])

    use(config, run)


@on_each_backend
@pytest.mark.parametrize(
    ("command", "options", "status"),
    [
        (["no-such-program"], {}, 127),
        (["echo"], {"cwd": "/no/such/folder"}, 126),
        (["echo", "a\0b"], {}, 126),
        (["sh", "-c", "kill -9 $$"], {}, 137),
    ],
)
def test_what_cannot_run_has_a_shells_status(
    config: SandboxConfig, command: list[str], options: dict[str, Any], status: int
) -> None:
    result = use(config, lambda environment: environment.exec(command, **options))
    assert (result.success, result.returncode) == (False, status)
    assert result.stderr or status == 137


@on_each_backend
def test_a_link_is_followed(config: SandboxConfig) -> None:
    async def follow(environment: RsiSandboxEnvironment) -> tuple[str, str]:
        await environment.exec(["sh", "-c", "echo old > file; ln -s file link; ln -s file other"])
        before = await environment.read_file("link")
        await environment.write_file("other", "new")
        return before, await environment.read_file("file")

    assert use(config, follow) == ("old\n", "new")


@on_each_backend
@pytest.mark.parametrize("path", ["missing", "file/below", "a\0b", "pipe", "loop", "x" * 300])
def test_what_is_no_file_raises_an_error_that_the_model_is_shown(config: SandboxConfig, path: str) -> None:
    async def read(environment: RsiSandboxEnvironment) -> None:
        await environment.exec(["sh", "-c", "touch file; mkfifo pipe; ln -s loop loop"])
        with pytest.raises(FileNotFoundError):
            await environment.read_file(path)

    use(config, read)


@on_each_backend
def test_a_cancelled_program_is_killed_and_its_session_goes_on(config: SandboxConfig) -> None:
    async def cancel(environment: RsiSandboxEnvironment) -> str:
        with anyio.move_on_after(1) as scope:
            await environment.exec(["sleep", "61"])
        assert scope.cancelled_caught
        await anyio.sleep(0.5)
        return (await environment.exec(["sh", "-c", COMMAND_LINES])).stdout

    assert "sleep\x0061" not in use(config, cancel)


@on_each_backend
def test_a_timeout_kills_what_the_program_has_started(config: SandboxConfig) -> None:
    async def time_out(environment: RsiSandboxEnvironment) -> str:
        with pytest.raises(TimeoutError):
            await environment.exec(["sh", "-c", "sleep 62 & sleep 62"], timeout=1)
        await anyio.sleep(0.5)
        return (await environment.exec(["sh", "-c", COMMAND_LINES])).stdout

    assert "sleep\x0062" not in use(config, time_out)


@on_each_backend
def test_what_a_program_leaves_running_goes_on(config: SandboxConfig) -> None:
    async def leave(environment: RsiSandboxEnvironment) -> str:
        await environment.exec(["sh", "-c", "sleep 63 &"], timeout=5)
        return (await environment.exec(["sh", "-c", COMMAND_LINES])).stdout

    assert "sleep\x0063" in use(config, leave)


@on_each_backend
def test_programs_run_side_by_side(config: SandboxConfig) -> None:
    async def meet(environment: RsiSandboxEnvironment) -> None:
        await environment.exec(["mkfifo", "pipe"])
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(environment.exec, ["sh", "-c", "echo > pipe"], None, None, None, None, 20)
            tasks.start_soon(environment.exec, ["cat", "pipe"], None, None, None, None, 20)

    use(config, meet)


@on_each_backend
def test_the_bounds_are_the_configurations(config: SandboxConfig) -> None:
    small = config.model_copy(update={"wall_s": 1.0, "memory_bytes": 128 * 2**20})

    async def exceed(environment: RsiSandboxEnvironment) -> str:
        with pytest.raises(TimeoutError):
            await environment.exec(["sleep", "30"], timeout=20)
        return (await environment.exec(["python3", "-c", "b'x' * 2**29"])).stderr

    assert "memory" in use(small, exceed).lower()


@on_each_backend
def test_output_beyond_inspects_bound_raises(config: SandboxConfig) -> None:
    async def flood(environment: RsiSandboxEnvironment) -> None:
        with pytest.raises(OutputLimitExceededError, match="10 MiB") as caught:
            await environment.exec(["sh", "-c", "yes | head -c 11000000"])
        assert len(caught.value.truncated_output or "") == 10 * 2**20

    use(config, flood)


@on_each_backend
def test_only_the_worlds_own_user_may_be_named(config: SandboxConfig) -> None:
    async def name(environment: RsiSandboxEnvironment) -> bool:
        own = (await environment.exec(["id", "-u"])).stdout.strip()
        with pytest.raises(SandboxUserUnsupportedError, match=f"root.* but {own}"):
            await environment.exec(["true"], user="root")
        return (await environment.exec(["true"], user=own)).success

    assert use(config, name)


@on_each_backend
def test_a_world_that_is_gone_is_unavailable(config: SandboxConfig) -> None:
    async def lose(environment: RsiSandboxEnvironment) -> None:
        environment.session.close()
        with pytest.raises(SandboxUnavailableError):
            await environment.exec(["true"])
        with pytest.raises(SandboxUnavailableError):
            await environment.read_file("file")

    use(config, lose)


def test_a_backend_that_there_is_not_is_unavailable() -> None:
    with pytest.raises(SandboxUnavailableError, match="bubblewrap"):
        anyio.run(RsiSandboxEnvironment.sample_init, "test", "bublewrap", {})


@solver
def greet() -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        result = await sandbox_of_sample().exec(["echo", "hi"])
        state.output.completion = result.stdout + await sandbox_of_sample().read_file("told.txt")
        return state

    return solve


@on_each_backend
def test_a_task_of_inspects_runs_in_the_sandbox(config: SandboxConfig, tmp_path: Path) -> None:
    sample = Sample(input="greet", target="hi\nset up", files={"given.txt": "up"}, setup=SETUP)
    task = Task([sample], solver=greet(), scorer=match(location="exact"), sandbox=SandboxEnvironmentSpec("rsi", config))
    (log,) = evaluate(task, model="mockllm/model", log_dir=str(tmp_path), display="none")
    assert log.status == "success", log.error
    assert log.samples
    assert log.samples[0].scores
    assert log.samples[0].scores["match"].value == "C", log.samples[0].scores["match"].explanation
    assert log.eval.sandbox
    assert log.eval.sandbox.config == config


@on_each_backend
def test_a_model_reaches_the_sandbox_by_inspects_tools(config: SandboxConfig, tmp_path: Path) -> None:
    call = ModelOutput.for_tool_call("mockllm/model", "bash", {"command": "echo $((6 * 7))"})
    answers = [call, ModelOutput.from_content("mockllm/model", "done")]
    for answer in answers:
        answer.usage = ModelUsage()  # else tokens are counted, by a table from the network
    model = get_model("mockllm/model", custom_outputs=answers)
    sandbox = SandboxEnvironmentSpec("rsi", config)
    task = Task([Sample(input="count")], solver=[use_tools(bash()), generate()], sandbox=sandbox)
    (log,) = evaluate(task, model=model, log_dir=str(tmp_path), display="none")
    assert log.samples
    assert [message.text.strip() for message in log.samples[0].messages if message.role == "tool"] == ["42"]


def test_a_configuration_comes_back_from_a_log() -> None:
    config = SandboxConfig(backend="docker", options={"image": "mine:1"}, wall_s=5)
    assert RsiSandboxEnvironment.config_deserialize(config.model_dump()) == config


def test_a_configuration_names_every_bound_but_that_of_output() -> None:
    assert set(BOUNDS) == {field.name for field in fields(Limits)} - {"output_bytes"}


@pytest.mark.parametrize("fault", [{"memory": 1}, {"wall_s": 0}, {"processes": -1}])
def test_a_faulty_configuration_is_refused(fault: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(fault))):
        SandboxConfig(**fault)


def test_another_providers_configuration_is_refused() -> None:
    with pytest.raises(TypeError, match="SandboxConfig"):
        resolve(Score(value=1))


def test_a_string_names_the_backend() -> None:
    assert resolve("docker") == SandboxConfig(backend="docker")
    assert resolve(None) == SandboxConfig()


def test_tasks_of_one_configuration_share_a_sandbox_until_the_last_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[FakeSandbox] = []

    def make(name: str, **options: Any) -> FakeSandbox:
        made.append(FakeSandbox(lambda job: exited()))
        return made[-1]

    monkeypatch.setattr("rsi_sandboxes.inspect_provider.config.make_sandbox", make)
    shared, config = SharedSandboxes(), SandboxConfig()
    assert shared.acquire(config) is shared.acquire(config.model_copy(update={"wall_s": 5.0}))
    assert shared.acquire(SandboxConfig(backend="docker")) is made[1]
    shared.release(config)
    assert not made[0].closed
    shared.release(config)
    assert [sandbox.closed for sandbox in made] == [True, False]


def test_public_names_are_pinned() -> None:
    assert inspect_provider.__all__ == ["RsiSandboxEnvironment", "SandboxConfig"]


@pytest.mark.skipif(not pages.ROOT, reason="the project's table lies in a checkout, and these tests run outside one")
def test_inspect_finds_the_provider_by_its_entry_point() -> None:
    project = tomllib.loads((pages.ROOT or Path()).joinpath("pyproject.toml").read_text("utf-8"))["project"]
    points = project["entry-points"]["inspect_ai"]
    (module,) = (EntryPoint(name, value, "inspect_ai").load() for name, value in points.items())
    assert module is inspect_provider
    assert registry_find_sandboxenv("rsi") is RsiSandboxEnvironment
