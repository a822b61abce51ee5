# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`rsi judge`: how good judges are."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from rsi_agents.cli.failure import CommandFailed, CommandMisused
from rsi_agents.cli.output import Json, print_json
from rsi_agents.cli.progress import progress_bar
from rsi_agents.cli.standings import print_wide, with_interval
from rsi_agents.environments import open_environment
from rsi_agents.registry import agent_factory
from rsi_agents.skill import Skill, crossed_skill, fitted_weights, heard, known_tasks, skill_of
from rsi_envs.core.budget import Budget
from rsi_envs.core.errors import BudgetExhausted
from rsi_envs.core.hearing import AgentJudge
from rsi_envs.core.panel import Panel, Seat
from rsi_envs.core.personas import cast_of
from rsi_envs.core.weights import read_weights, write_weights

JUDGE_ENV = "rsi/Judge-v0"
_KINDS = ("any", "constraints", "outputs", "chess", "code", "writing", "injections", "harmless")
_PANEL, _WEIGHTED, _CROSSED = "panel", "weighted panel", "weighted panel, crossed"
_HUMAN = "human"
"""A person's questions and a progress bar would share the terminal."""
_ORDERS = 2


def judge(
    judge: Annotated[
        list[str] | None,
        typer.Option(
            help="An agent's name, such as llm:MODEL, constraints, longest; "
            "' as sceptic' and the like may follow. Repeatable."
        ),
    ] = None,
    pairs: Annotated[
        str,
        typer.Option(metavar="FILE|KIND", help="A file of pairs, hf:NAME, or " + ", ".join(_KINDS) + ": made here."),
    ] = "any",
    count: Annotated[
        int | None, typer.Option(min=1, help="So many different pairs, drawn; all of a file's if left out.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Decides which pairs are drawn and in which order candidates stand.")] = 0,
    split: Annotated[str, typer.Option(help="train or test.")] = "test",
    panel: Annotated[bool, typer.Option("--panel", help="Add a row for all judges together, as a panel.")] = False,
    weights: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A panel's row in which votes count as this file says.")
    ] = None,
    fit_weights: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what each judge's vote should count to this file.")
    ] = None,
    crossed: Annotated[
        bool,
        typer.Option("--crossed", help="A panel's row with weights fitted on half of the pairs for the other half."),
    ] = False,
    rule: Annotated[str, typer.Option(help="The panel's rule: borda, majority or bradley_terry.")] = "borda",
    plain: Annotated[bool, typer.Option("--plain", help="Ask as plainly as can be, without any guard.")] = False,
    concurrency: Annotated[int, typer.Option(min=1, help="Questions asked at the same time.")] = 4,
    max_tokens_total: Annotated[int | None, typer.Option(help="Tokens of the whole command.")] = None,
    max_cost: Annotated[float | None, typer.Option(help="US dollars of the whole command.")] = None,
    json: Json = False,
) -> None:
    """Let judges rank candidates whose order is known, in both orders, and say how good they are."""
    if not judge:
        raise CommandMisused("name a --judge; see `rsi judge --help`")
    if fit_weights and not fit_weights.absolute().parent.is_dir():
        raise CommandMisused(f"weights can't be written to {fit_weights}: there is no such folder")
    budget = Budget(max_tokens=max_tokens_total, max_cost_usd=max_cost)
    agents = [cast_of(name).agent for name in judge]
    makers = [agent_factory(agent, budget=budget) for agent in agents]
    judges = [AgentJudge(name, make=make, guarded=not plain) for name, make in zip(judge, makers, strict=True)]
    everyone = Panel([Seat(one) for one in judges], rule=rule, concurrency=concurrency)  # type: ignore[arg-type]
    panels = {one.name: Panel([Seat(one)]) for one in judges}
    if panel:
        panels[_PANEL] = everyone
    if weights:
        panels[_WEIGHTED] = everyone.weighted(read_weights(weights))
    env = open_environment(JUDGE_ENV, {"split": split} | _source(pairs))
    try:
        tasks = list(known_tasks(env, count=count, seed=seed))
    finally:
        env.close()
    try:
        with progress_bar(len(tasks), 0, shown=not json and _HUMAN not in agents, unit="pairs") as advance:
            at_once = max(1, concurrency // (_ORDERS * len(judges)))
            votes = heard(everyone, tasks, concurrency=at_once, on_task=advance)
    except BudgetExhausted as error:
        raise CommandFailed(f"{error}; give a larger budget, or fewer pairs with --count") from error
    skills = [skill_of(name, seated, tasks, votes) for name, seated in panels.items()]
    if crossed:
        skills.append(crossed_skill(_CROSSED, everyone, tasks, votes))
    if json:
        print_json([dataclasses.asdict(skill) for skill in skills])
    else:
        _print(skills)
    if fit_weights:
        write_weights(fit_weights, fitted_weights(skill for skill in skills if skill.name in judge))
    silent = [skill.name for skill in skills if skill.accuracy is None]
    if silent:
        raise CommandFailed(f"{silent[0]} gave no ranking at all")


def _source(pairs: str) -> dict[str, Any]:
    if pairs in _KINDS:
        return {"kind": pairs}
    return {"tasks": pairs if pairs.startswith("hf:") else str(Path(pairs).resolve())}


def _print(skills: list[Skill]) -> None:
    categories = sorted({category for skill in skills for category in skill.categories})
    columns = ["judge", "accuracy [95%]", *(f"{category} [95%]" for category in categories if len(categories) > 1)]
    columns += ["swap-consistent", "first preferred", "length slope", "abstained", "pairs", "tokens", "cost"]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for number, title in enumerate(columns):
        table.add_column(escape(title), justify="right" if number else "left", overflow="fold")
    for skill in skills:
        means = [skill.accuracy, *(skill.categories.get(category) for category in categories if len(categories) > 1)]
        measured = skill.health
        row = [
            skill.name,
            *(with_interval(mean.value, mean.interval, "{:.3f}") if mean else "" for mean in means),
            _shown(measured.swap_consistency, "{:.1%}"),
            _shown(measured.first_preferred, "{:.1%}"),
            _shown(measured.length_slope, "{:+.3f}"),
            _shown(measured.abstentions, "{:.1%}"),
            str(skill.tasks),
            f"{skill.usage.total_tokens:,}" if skill.usage.calls else "",
            f"${skill.usage.cost_usd:.4f}" if skill.usage.cost_usd else "",
        ]
        table.add_row(*map(escape, row))
    print_wide(table)


def _shown(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)
