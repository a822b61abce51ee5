# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`improver of AGENT`: what an agent plays is improved first, by a program that may be improved itself.

Source: E. Zelikman et al., Self-taught optimizer (STOP): recursively self-improving code generation, 2023 (2310.02304).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

import gymnasium as gym
import numpy as np

from rsi_agents.environments import open_environment
from rsi_agents.errors import AgentNameError, UnfitEnvironment
from rsi_agents.improvers import prompts
from rsi_agents.improvers.fences import fenced_program, in_fence
from rsi_agents.improvers.running import Bounds, Improvement, ImproverRunner, seed_improver
from rsi_agents.policies.fitting import check_text, name_of
from rsi_agents.policies.wrapping import Factory, WrappingAgent, aside
from rsi_agents.rollout import rollout, usage_of
from rsi_envs.core.agents import Agent, Attached, Closeable, Overruled
from rsi_envs.core.errors import EnvironmentFault
from rsi_envs.core.options import check_count

Utility = Literal["feedback", "verdict"]
TRAIN = "train"


class ImproverAgent(WrappingAgent):
    """Has an improver, in a sandbox, improve what the agent within would play, and plays that.

    Where the improver breaks, what the agent within said is played as it is.

    Args:
        inner: Gives the action to improve.
        model: Answers the improver's prompts, each as a conversation of its own.
        source: The improver's.
        utility: What tells the improver what a program is worth.
        bounds: What the improver may consume for an action.
        sandbox: The backend's name.
    """

    def __init__(
        self, inner: Agent, model: Agent, source: str, *, utility: Utility, bounds: Bounds, sandbox: str = "auto"
    ) -> None:
        super().__init__([inner])
        self.source = source
        self._model, self._utility, self._bounds = model, utility, bounds
        self._runner = ImproverRunner(sandbox)
        self._trial: gym.Env[Any, Any] | None = None

    def attach(self, env: gym.Env[Any, Any]) -> None:
        """Takes the environment that tells what actions are worth.

        Raises:
            UnfitEnvironment: It is not played in text.
        """
        check_text("improver", env)
        self._env: Any = env.unwrapped
        if isinstance(self._model, Attached):
            self._model.attach(env)
        super().attach(env)

    def reset(self, seed: int | None) -> None:
        """Begins an episode."""
        super().reset(seed)
        self._seed = seed
        self._seeds = np.random.default_rng(None if seed is None else [seed, self.depth])
        self._opening: str | None = None

    def act(self, observation: str, info: Mapping[str, Any]) -> str:
        """Plays what the improver makes of the action of the agent within.

        Raises:
            UnfitEnvironment: Verdicts are to be asked for on a task that no loop may learn from.
            Exception: Whatever the agents within, the environment or the sandbox raise.
        """
        task = self._opening = self._opening or observation
        if observation != task:
            task = prompts.GONE_ON.format(assignment=task, observation=observation)
        (inner,) = self._inner
        first: str = inner.act(observation, info)
        in_block = fenced_program(first)
        program = first if in_block is None else in_block

        def written(text: str) -> str:
            return text if in_block is None else in_fence(text)

        judge = self._judge(info)
        worth = None if judge is None else cache(lambda text: judge(written(text)))
        made = self.improve(program, task=task, utility=worth)
        texts, candidates = [program], [first]
        if made.program is not None and made.program != program:
            texts.append(made.program)
            candidates.append(written(made.program))
            if isinstance(inner, Overruled):
                inner.overruled(candidates[-1])
        self._tell(
            inner,
            candidates=candidates,
            scores=[None if worth is None else worth(text) for text in texts],
            chosen=len(candidates) - 1,
            improver={"problem": made.problem, "violations": dict(made.violations), "notes": list(made.notes)},
        )
        return candidates[-1]

    def improve(
        self,
        program: str,
        *,
        task: str,
        utility: Callable[[str], float] | None,
        utility_calls: int | None = None,
    ) -> Improvement:
        """Runs the improver on a program, whatever it is for; an episode need not have begun, but `reset` must.

        Args:
            program: What to improve.
            task: What it is for.
            utility: Says what a program is worth; None where nobody knows.
            utility_calls: How often the improver may ask that; None for what its bounds say.

        Raises:
            Exception: Whatever the agents within, `utility` or the sandbox raise.
        """
        bounds = self._bounds if utility_calls is None else replace(self._bounds, utility_calls=utility_calls)
        return self._runner.run(
            self.source, program, task=task, utility=utility, language_model=self._replies, bounds=bounds
        )

    def close(self) -> None:
        """Ends the sandbox and the second environment, and closes the agents within."""
        with ExitStack() as closing:
            closing.callback(super().close)
            if isinstance(self._model, Closeable):
                closing.callback(self._model.close)
            if self._trial is not None:
                closing.callback(self._trial.close)
            closing.callback(self._runner.close)

    def _replies(self, asked: Sequence[str]) -> list[str]:
        return [self._reply(prompt) for prompt in asked]

    def _reply(self, prompt: str) -> str:
        self._model.reset(int(self._seeds.integers(2**31)))
        try:
            return str(self._model.act(prompt, aside({})))
        finally:
            self._own += usage_of(self._model)

    def _judge(self, info: Mapping[str, Any]) -> Callable[[str], float] | None:
        """What tells an action's worth here; None where the environment can't."""
        if self._utility == "verdict":
            if info.get("split") != TRAIN:
                raise UnfitEnvironment(
                    "an improver may see verdicts on tasks of the split 'train' alone, not of "
                    f"{info.get('split')!r}; leave utility=verdict out"
                )
            return lambda action: self._verdict(action, info.get("task_id"))
        if not getattr(self._env, "previews", False):
            return None
        return lambda action: float(self._env.preview(action) or 0.0)

    def _verdict(self, action: str, task_id: str | None) -> float:
        """Plays an action in an episode of its own, and gives its score."""
        if self._trial is None:
            spec = self._env.spec
            self._trial = open_environment(spec.id, spec.kwargs)
        options = None if task_id is None else {"task_id": task_id}
        verdict = rollout(self._trial, _Saying(action), seed=self._seed, options=options).verdict
        if verdict is None or verdict.score is None:
            why = verdict.unscored if verdict else "it gives no verdicts"
            raise EnvironmentFault(f"{name_of(self._trial)} can't tell what a program is worth: {why}")
        return verdict.score


class _Saying:
    """Says one thing, whatever it is asked."""

    def __init__(self, what: str) -> None:
        self._what = what

    def reset(self, seed: int | None) -> None:
        pass

    def act(self, observation: Any, info: Mapping[str, Any]) -> str:
        return self._what


def improver(
    inner: Factory,
    /,
    *,
    program: Path | None = None,
    utility: Utility = "feedback",
    utility_calls: int = 8,
    prompts: int = 8,
    timeout_s: float = 60.0,
    sandbox: str = "auto",
) -> Factory:
    """Wraps an agent so that an improver, run in a sandbox, improves what it would play.

    Args:
        inner: Makes the agents that play first and that answer the improver.
        program: The improver's file; None for the one that others begin with.
        utility: What a program is worth to the improver: "feedback", what the environment lets an agent find out by
            itself before it acts, or "verdict", the score of an episode that is played with the program, on training
            tasks alone.
        utility_calls: How often the improver may ask for it, for each action.
        prompts: How many prompts it may have answered, for each action.
        timeout_s: Seconds that it may take itself, for each action.
        sandbox: "auto", "docker", "bubblewrap" or another registered backend.

    Raises:
        AgentNameError: The file can't be read.
        InvalidOption: A number is no such number.
    """
    check_count("utility_calls", utility_calls)
    check_count("prompts", prompts)
    bounds = Bounds(utility_calls=utility_calls, prompts=prompts, own_s=timeout_s)
    try:
        source = seed_improver() if program is None else program.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise AgentNameError(f"improver?program={program} can't be read: {error}") from error
    return lambda: ImproverAgent(inner(), inner(), source, utility=utility, bounds=bounds, sandbox=sandbox)
