# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`rsi arena`: let agents play against one another, and say who is better and how sure that is."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from rsi_agents.arena import (
    ArenaFolder,
    ArenaOutcome,
    ArenaPlan,
    ArenaTable,
    Stage,
    faults_of,
    games_of,
    make_arena_plan,
    play_arena,
    read_results,
    standings,
)
from rsi_agents.cli.arena_table import print_arena
from rsi_agents.cli.failure import CommandFailed, CommandMisused
from rsi_agents.cli.options import given, key_values, refuse
from rsi_agents.cli.output import Json, print_json
from rsi_agents.cli.progress import progress_bar
from rsi_agents.cli.runs import begin
from rsi_agents.errors import InvalidGames, RecordsDiskFull
from rsi_agents.records.reading import ARENA_FILE
from rsi_agents.registry import agent_factory
from rsi_envs.core.budget import Budget

_PLAYED, _WHO, _LIMITS, _RUNNING, _RECORDS = "What is played", "Who meets whom", "Budget", "How it runs", "Records"
_PAIRINGS = ("round-robin", "swiss", "active")
_RATINGS = ("bradley-terry", "elo")
_GAMES, _ACTIVE_GAMES_AN_AGENT, _PLACE_GAMES = 2, 10, 200
_ROUNDS = 5
_WIDTH_ELO = 100.0
_POOL_PAIRS = "a pool chooses who meets whom, and is its own folder"


def arena(
    env: Annotated[
        str | None,
        typer.Argument(metavar="[ENV]", help="An id with an opponent's seat, or a PettingZoo game as module:function."),
    ] = None,
    agent: Annotated[
        list[str] | None, typer.Option(help="An agent's name, as for `rsi eval`. Repeatable.", rich_help_panel=_PLAYED)
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="The k-th meeting of two gets seed + k; 0 if left out.", rich_help_panel=_PLAYED)
    ] = None,
    split: Annotated[str | None, typer.Option(help="train or test; test if left out.", rich_help_panel=_PLAYED)] = None,
    env_arg: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUE",
            help="A constructor argument of the environment, as JSON or else as text. Repeatable.",
            rich_help_panel=_PLAYED,
        ),
    ] = None,
    pairing: Annotated[
        str | None,
        typer.Option(help="round-robin, swiss or active; round-robin if left out.", rich_help_panel=_WHO),
    ] = None,
    games: Annotated[
        int | None,
        typer.Option(
            help="An even number: of every two that meet (2 if left out); in active, of all together (10 an agent); "
            "with --pool, of a newcomer at most (200).",
            rich_help_panel=_WHO,
        ),
    ] = None,
    rounds: Annotated[int | None, typer.Option(help=f"Of swiss; {_ROUNDS} if left out.", rich_help_panel=_WHO)] = None,
    pool: Annotated[
        Path | None,
        typer.Option(
            help="Place every --agent among those of this arena, begun if it is not there.", rich_help_panel=_WHO
        ),
    ] = None,
    width: Annotated[
        float | None,
        typer.Option(
            metavar="ELO",
            help=f"With --pool: how wide a newcomer's interval may be; {_WIDTH_ELO:g} if left out.",
            rich_help_panel=_WHO,
        ),
    ] = None,
    concurrency: Annotated[
        int | None, typer.Option(help="Games played at the same time; 4 if left out.", rich_help_panel=_RUNNING)
    ] = None,
    episode_timeout: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="What a game may take.", rich_help_panel=_RUNNING)
    ] = None,
    max_tokens_total: Annotated[
        int | None, typer.Option(help="Tokens of the whole arena, resumed parts too.", rich_help_panel=_LIMITS)
    ] = None,
    max_cost: Annotated[
        float | None, typer.Option(help="US dollars of the whole arena, resumed parts too.", rich_help_panel=_LIMITS)
    ] = None,
    max_wall: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Seconds from now.", rich_help_panel=_LIMITS)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="A folder without an arena; runs/<time>-<ENV> if left out.", rich_help_panel=_RECORDS),
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(help="Play the games that this arena's folder lacks.", rich_help_panel=_RECORDS)
    ] = None,
    retry_faults: Annotated[
        bool,
        typer.Option("--retry-faults", help="With --resume: those without a result too.", rich_help_panel=_RECORDS),
    ] = False,
    results: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Play nothing: rate by the results in a JSON Lines file.", rich_help_panel=_RECORDS
        ),
    ] = None,
    rating: Annotated[
        str, typer.Option(help="bradley-terry, or elo to show Elo's own sequence of updates beside it.")
    ] = "bradley-terry",
    json: Json = False,
) -> None:
    """Let agents play against one another, and say who is better and how sure that is."""
    if rating not in _RATINGS:
        raise CommandMisused(f"--rating is {rating!r}; it must be one of {', '.join(_RATINGS)}")
    running = given(concurrency=concurrency, episode_timeout_s=episode_timeout)
    world = given(seed=seed, split=split, env_arg=env_arg)
    meeting = given(pairing=pairing, games=games, rounds=rounds, width=width)
    asked = given(env=env, agent=agent, out=out, pool=pool) | world | meeting
    limits = given(max_tokens_total=max_tokens_total, max_cost=max_cost, max_wall=max_wall)
    if retry_faults and resume is None:
        raise CommandMisused("--retry-faults goes with --resume; see `rsi arena --help`")
    if results is not None:
        refuse(asked | running | limits | given(resume=resume), "a file of results is rated as it is")
        _show(standings(read_results(results)), {"results": str(results)}, rating, json)
        return
    if resume is not None:
        refuse(asked, "a resumed arena keeps what it was asked")
        folder = ArenaFolder.open(resume)
    else:
        folder = _folder(env, agent or [], pool, out, world, meeting)
    with folder:
        budget = Budget(max_tokens=max_tokens_total, max_cost_usd=max_cost, max_wall_s=max_wall)
        plan = dataclasses.replace(folder.plan, **running)
        outcome = _play(folder, plan, budget, retry_faults, shown=not json)
        table = _table(folder)
        _show(table, {"arena": str(folder.path), **dataclasses.asdict(outcome)}, rating, json)
        _judge(folder, outcome, table)


def _folder(
    env: str | None,
    agents: Sequence[str],
    pool: Path | None,
    out: Path | None,
    world: Mapping[str, Any],
    meeting: Mapping[str, Any],
) -> ArenaFolder:
    """Begins an arena, or begins or enlarges a pool."""
    if not agents:
        raise CommandMisused("name an environment and two --agent, or an arena to --resume; see `rsi arena --help`")
    for name in agents:
        agent_factory(name)
    if pool is not None:
        refuse(given(out=out) | {name: meeting[name] for name in ("pairing", "rounds") if name in meeting}, _POOL_PAIRS)
        return _pool(pool, env, agents, world, meeting)
    if env is None:
        raise CommandMisused("name an environment to play in; see `rsi arena --help`")
    refuse({"width"} & set(meeting), "only newcomers to a --pool have a width")
    plan = _planned(env, _stage(agents, meeting), world)
    return begin(lambda path: ArenaFolder.create(path, plan), env, out)


def _stage(agents: Sequence[str], meeting: Mapping[str, Any]) -> Stage:
    pairing = meeting.get("pairing", "round-robin")
    if pairing not in _PAIRINGS:
        raise CommandMisused(f"--pairing is {pairing!r}; it must be one of {', '.join(_PAIRINGS)}")
    if pairing != "swiss":
        refuse({"rounds"} & set(meeting), "only swiss has rounds")
    default = _ACTIVE_GAMES_AN_AGENT * len(agents) if pairing == "active" else _GAMES
    rounds = meeting.get("rounds", _ROUNDS) if pairing == "swiss" else 0
    return Stage(pairing, tuple(agents), games=meeting.get("games", default), rounds=rounds)


def _pool(
    path: Path, env: str | None, agents: Sequence[str], world: Mapping[str, Any], meeting: Mapping[str, Any]
) -> ArenaFolder:
    def placing(*names: str) -> Stage:
        games, width_elo = meeting.get("games", _PLACE_GAMES), meeting.get("width", _WIDTH_ELO)
        return Stage("place", names, games=games, width_elo=width_elo)

    newcomers = list(agents)
    twice = next((name for name in newcomers if newcomers.count(name) > 1), None)
    if twice:
        raise CommandMisused(f"agent {twice!r} is named twice; name each once")
    if not (path / ARENA_FILE).exists():
        if env is None:
            raise CommandMisused(f"{path} holds no pool; name the environment to begin one")
        folder = ArenaFolder.create(path, _planned(env, placing(newcomers.pop(0)), world))
    else:
        refuse(world, "a pool keeps what it was asked")
        folder = ArenaFolder.open(path)
    try:
        if env not in (None, folder.plan.world):
            raise CommandMisused(f"the pool in {path} plays {folder.plan.world}; leave {env} out")
        known = next((name for name in newcomers if name in folder.plan.agents), None)
        if known:
            raise CommandMisused(f"{known!r} is in the pool already; go on with `{_resume(folder)}`")
        for name in newcomers:
            folder.add(placing(*folder.plan.agents, name))
    except BaseException:
        folder.close()
        raise
    return folder


def _planned(env: str, stage: Stage, world: Mapping[str, Any]) -> ArenaPlan:
    kwargs = key_values(world.get("env_arg", []))
    return make_arena_plan(env, [stage], env_kwargs=kwargs, split=world.get("split"), **given(seed=world.get("seed")))


def _play(folder: ArenaFolder, plan: ArenaPlan, budget: Budget, retry: bool, *, shown: bool) -> ArenaOutcome:
    for record in folder.records():
        for usage in record.usages:
            budget.charge(usage)
    done = len(folder.results) - (len(folder.without_result()) if retry else 0)
    try:
        with progress_bar(plan.most_games, done, shown=shown, unit="games") as advance:
            return play_arena(folder, plan=plan, budget=budget, retry_faults=retry, on_record=advance)
    except (KeyboardInterrupt, RecordsDiskFull) as error:
        why = str(error) if isinstance(error, RecordsDiskFull) else "interrupted"
        raise CommandFailed(
            f"{why}; {len(folder.results)} games are recorded, play the rest with `{_resume(folder)}`"
        ) from error


def _table(folder: ArenaFolder) -> ArenaTable:
    try:
        return standings(games_of(folder.records()), agents=folder.plan.agents, faults=faults_of(folder.records()))
    except InvalidGames as error:
        raise CommandFailed(f"{error}; go on with `{_resume(folder)}`") from error


def _show(table: ArenaTable, told: Mapping[str, Any], rating: str, json: bool) -> None:
    if json:
        print_json({**told, **dataclasses.asdict(table)})
        return
    print_arena(table, sequential=rating == "elo")
    if "arena" in told:
        typer.echo(f"records: {told['arena']}")


def _judge(folder: ArenaFolder, outcome: ArenaOutcome, table: ArenaTable) -> None:
    """Says what is wrong with an arena; raises when it leaves the question unanswered."""
    lost = len(folder.without_result())
    if lost:
        again = f"`{_resume(folder)} --retry-faults`"
        typer.echo(f"{lost} of {len(folder.results)} games have no result; try {again}", err=True)
    if outcome.exhausted:
        raise CommandFailed(f"{outcome.exhausted}; play the rest with `{_resume(folder)}` and a larger budget")
    if len(table.rows) > 1 and table.rows[-1].elo is None:
        raise CommandFailed(
            f"no game of {table.rows[-1].agent} has a result{_first_cause(folder, table.rows[-1].agent)}"
        )


def _first_cause(folder: ArenaFolder, agent: str) -> str:
    for record in folder.records():
        if agent not in (record.first, record.second):
            continue
        if record.fault:
            whom = {"first": record.first, "second": record.second}.get(record.blamed or "", "the environment")
            return f"; the first was broken by {whom} with {record.fault.kind}: {record.fault.message}"
        if record.unscored:
            return f"; the first could not be judged: {record.unscored}"
    return ""


def _resume(folder: ArenaFolder) -> str:
    return f"rsi arena --resume {shlex.quote(str(folder.path))}"
