# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Who plays the episodes: each gives the steps that it played."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rsi_agents import EpisodeRecord, EpisodeSpec, Plan, RunFolder, make_agent, open_environment, run_plan

BARE, BARE_SYNCED = "bare asyncio loop", "bare asyncio loop, synced lines"
OURS, OURS_FORGETFUL = "rsi_agents.run_plan", "rsi_agents.run_plan, no disk"
PEER = "inspect_ai.eval, mockllm"


def bare(plan: Plan) -> None:
    """Plays in one thread, so many episodes at a time; what comes of them is forgotten."""
    asyncio.run(_played(plan, None))


def bare_synced(plan: Plan) -> None:
    """Likewise, and has a line for each episode on the disk before it goes on."""
    with tempfile.TemporaryFile() as file:
        asyncio.run(_played(plan, file.fileno()))


async def _played(plan: Plan, file: int | None) -> None:
    specs = plan.specs()

    async def lane() -> None:
        env, agent = open_environment(plan.env_id, plan.env_kwargs), make_agent(plan.agents[0])
        for spec in specs:
            if hasattr(agent, "attach"):
                agent.attach(env)
            agent.reset(spec.seed)
            observation, info = env.reset(seed=spec.seed)
            over, said = False, [observation]
            while not over:
                await asyncio.sleep(0)  # where an awaited model would answer
                action = agent.act(observation, info)
                observation, reward, terminated, truncated, info = env.step(action)
                over = terminated or truncated
                said += [action, observation, reward]
            if file is not None:
                os.write(file, json.dumps(said).encode() + b"\n")
                os.fsync(file)
        env.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(plan.concurrency):
            group.create_task(lane())


def ours(plan: Plan) -> None:
    """Plays with the runner, as users run it."""
    with tempfile.TemporaryDirectory() as folder, RunFolder.create(Path(folder, "run"), plan) as run:
        _check(run_plan(run).missing)


def ours_forgetful(plan: Plan) -> None:
    """Plays with the runner, records written and thrown away."""
    _check(run_plan(_Forgetful(plan)).missing)


class _Forgetful:
    """What the runner needs of a `RunFolder`, without a disk."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._done: set[Any] = set()

    def missing(self, plan: Plan | None = None) -> list[EpisodeSpec]:
        return [spec for spec in self.plan.specs() if spec.key not in self._done]

    def holds(self, key: Any) -> bool:
        return key in self._done

    def append(self, *records: EpisodeRecord) -> None:
        for record in records:
            record.to_line()
            self._done.add(record.key)


def peer(plan: Plan) -> None:
    """Plays by `eval(Task(dataset, solver=…), model="mockllm/model", max_samples=…)`, its log on the disk."""
    from inspect_ai import Task
    from inspect_ai import eval as evaluate
    from inspect_ai.dataset import Sample
    from inspect_ai.model import ChatMessageUser, ModelOutput, ModelUsage, get_model
    from inspect_ai.solver import solver

    def answer(*_: Any) -> ModelOutput:
        output = ModelOutput.from_content("mockllm", "All right.")
        output.usage = ModelUsage()  # else tokens are counted, by a table from the network
        return output

    @solver
    def in_environment() -> Any:
        async def solve(state: Any, generate: Any) -> Any:
            with _opened(plan) as env:
                observation, _ = env.reset(seed=int(state.sample_id))
                over = False
                while not over:
                    state.messages.append(ChatMessageUser(content=observation))
                    state = await generate(state)
                    observation, _, terminated, truncated, _ = env.step(state.output.completion)
                    over = terminated or truncated
            return state

        return solve

    samples = [Sample(input="Begin.", id=spec.seed + 1) for spec in plan.specs()]
    task = Task(samples, solver=in_environment())
    with tempfile.TemporaryDirectory() as folder:
        model = get_model("mockllm/model", custom_outputs=answer, memoize=False)
        at_once = {"max_samples": plan.concurrency, "max_connections": plan.concurrency}
        [log] = evaluate(task, model=model, log_dir=folder, display="none", **at_once)
        if log.error or not log.results or log.results.completed_samples < len(samples):
            raise RuntimeError(log.error.message if log.error else "samples are missing")


@contextmanager
def _opened(plan: Plan) -> Iterator[Any]:
    env = open_environment(plan.env_id, plan.env_kwargs)
    try:
        yield env
    finally:
        env.close()


def _check(missing: int) -> None:
    if missing:
        raise RuntimeError(f"{missing} episodes were not played")


WAYS = {BARE: bare, BARE_SYNCED: bare_synced, OURS_FORGETFUL: ours_forgetful, OURS: ours, PEER: peer}
