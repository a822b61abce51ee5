# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Suites' files: what `rsi eval --config` reads.

    [agents]                      # names for the table
    small = "llm:openai/gpt-4o-mini?temperature=0"

    [defaults]                    # what every run is asked, unless it says otherwise
    agents = ["random", "small"]
    episodes = 10

    [budget]                      # of all runs together
    max_cost = 5

    [[run]]
    env = "rsi/Code-v0"
    agents = ["reference:fast"]   # besides the defaults'

    [[run]]
    env = "rsi/ChessText-v0"
    without = ["random"]          # of the defaults'
    env_args = { opponent = "uci:stockfish?nodes=1" }

Keys are the options of `rsi eval`, with `_` for `-`; the two that may be repeated are `agents` and `env_args`. A run's
own value takes the place of the defaults', but for `agents`, which are added, and `env_args`, which are put together.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError

from rsi_agents.errors import AgentsError, InvalidSuite
from rsi_agents.plan import Plan, check_agents, environment_arguments, make_plan
from rsi_agents.registry import agent_factory
from rsi_agents.suite import Limits, Suite, SuiteRun
from rsi_envs.core.errors import RsiError


class _Table(BaseModel):
    """A table of the file: what it does not know is an error."""

    model_config: ClassVar = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Options(_Table):
    """The options of `rsi eval` that a file has keys for; None is as if the option were left out."""

    agents: list[str] = []
    episodes: int | None = None
    seed: int | None = None
    split: str | None = None
    tasks: str | None = None
    max_turns: int | None = None
    env_args: dict[str, Any] = {}
    sandbox: str | None = None
    concurrency: int | None = None
    episode_timeout: float | None = None


class _Run(_Options):
    env: str
    name: str | None = None
    """None takes the id's last part."""
    without: list[str] = []
    """Agents among the defaults' that do not play here."""


class _Budget(_Table):
    max_tokens_total: int | None = None
    max_cost: float | None = None
    max_wall: float | None = None


class _File(_Table):
    agents: dict[str, str] = {}
    defaults: _Options = _Options()
    budget: _Budget = _Budget()
    run: list[_Run]


_TABLES: Mapping[str, type[_Table]] = {"defaults": _Options, "budget": _Budget, "run": _Run}


def read_suite(path: str | Path) -> Suite:
    """Reads a suite's file and settles the plan of each run, which opens each environment once.

    Args:
        path: A TOML file; see the module's docstring. Paths in it are relative to the working directory.

    Raises:
        InvalidSuite: The file can't be read, or asks for what makes no sense; the message names the place.
        Exception: Whatever an environment's constructor raises.
    """
    asked = _parsed(Path(path))
    names = _names(path, asked.run)
    _check_labels(path, asked.agents)
    runs = []
    for number, (run, name) in enumerate(zip(asked.run, names, strict=True), start=1):
        with _naming(path, number, name):
            runs.append(SuiteRun(name, _plan(run, asked)))
    return Suite(tuple(runs), asked.agents, Limits(**asked.budget.model_dump()))


def check_suite(path: str | Path, suite: Suite) -> None:
    """Makes each agent of each run and shows it the environment; see `check_agents`.

    Args:
        path: The suite's file, which messages name.
        suite: What was read of it.

    Raises:
        InvalidSuite: An agent can't be made, or can't play there; the message names the run.
        Exception: Whatever else the environments' and the agents' constructors raise.
    """
    for number, run in enumerate(suite.runs, start=1):
        with _naming(path, number, run.name):
            check_agents(run.plan)


@contextmanager
def _naming(path: str | Path, number: int, name: str) -> Iterator[None]:
    try:
        yield
    except (AgentsError, RsiError) as error:
        raise InvalidSuite(f"{path}, run {number} ({name}): {error}") from error


def _parsed(path: Path) -> _File:
    try:
        asked = _File.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise InvalidSuite(f"can't read {path}: {error.strerror}") from error
    except ValidationError as error:
        raise InvalidSuite(f"{path}, {_described(error)}") from error
    except ValueError as error:  # no UTF-8, or no TOML
        raise InvalidSuite(f"{path} is no TOML file: {error}") from error
    if not asked.run:
        raise InvalidSuite(f"{path} has no run; add [[run]] with an env")
    return asked


def _described(error: ValidationError) -> str:
    """Names one problem and its place: a key that is unknown, with the nearest, before one that is missing."""
    first = min(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
    place = [part + 1 if isinstance(part, int) else part for part in first["loc"]]
    *table, key = place
    where = f"[{' '.join(map(str, table))}]: " if table else ""
    if first["type"] != "extra_forbidden":
        return f"{where}{key}: {first['msg']}"
    known = (_TABLES[str(table[0])] if table else _File).model_fields
    near = get_close_matches(str(key), known, n=1, cutoff=0.0)[0]
    return f"{where}there is no key {key!r}; the nearest is {near!r} of {', '.join(known)}"


def _names(path: str | Path, runs: Sequence[_Run]) -> list[str]:
    """Names each run, by its environment where the file does not; numbers those of the same environment."""
    names: list[str] = []
    for run in runs:
        stem = run.name or run.env.rpartition("/")[2]
        if run.name in names:
            raise InvalidSuite(f"{path}: two runs are called {run.name!r}; call each something else")
        number = 1
        while (name := stem if number == 1 else f"{stem}-{number}") in names:
            number += 1
        names.append(name)
    return names


def _check_labels(path: str | Path, labels: Mapping[str, str]) -> None:
    for label, name in labels.items():
        others = [other for other in labels if labels[other] == name and other != label]
        if others:
            raise InvalidSuite(f"{path}, [agents]: {label!r} and {others[0]!r} are the same agent; keep one")


def _plan(run: _Run, asked: _File) -> Plan:
    options = asked.defaults.model_dump(exclude_none=True) | run.model_dump(exclude_none=True, exclude_unset=True)
    agents = _agents(run, asked)
    for name in agents:
        agent_factory(name)
    return make_plan(
        run.env,
        agents,
        env_kwargs=environment_arguments(
            {**asked.defaults.env_args, **run.env_args},
            tasks=options.get("tasks"),
            sandbox=options.get("sandbox"),
            max_turns=options.get("max_turns"),
        ),
        split=options.get("split"),
        episodes=options.get("episodes"),
        episode_timeout_s=options.get("episode_timeout"),
        **{key: options[key] for key in ("seed", "concurrency") if key in options},
    )


def _agents(run: _Run, asked: _File) -> list[str]:
    """Lists the full names of those who play: the defaults' agents but for those left out, then the run's own."""
    for left_out in run.without:
        if left_out not in asked.defaults.agents:
            near = get_close_matches(left_out, asked.defaults.agents, n=1, cutoff=0.0)
            nearest = f"the nearest is {near[0]!r}" if near else "there are none"
            raise InvalidSuite(f"without: {left_out!r} is not among the defaults' agents; {nearest}")
    playing = [agent for agent in asked.defaults.agents if agent not in run.without]
    playing += [agent for agent in run.agents if agent not in playing]
    return [asked.agents.get(agent, agent) for agent in playing]
