# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Agents by name: `scheme[:argument][?key=value&…]`.

    random                                       samples the action space
    reference:LEVEL                              plays the current task's reference of that level
    llm:MODEL?temperature=0&max_tokens=512       a chat model, by litellm's name
    uci:ENGINE?nodes=1000&epsilon=0.2            a chess engine, by its program's name or path
    tablebase:FOLDER                             perfect chess, where the endgame tables in the folder reach
    td:FILE?depth=1&captures=true                a network that has learned chess by playing itself
    transformers:FOLDER?temperature=0.7          a language model whose weights are here
    sb3:FILE?algorithm=MaskablePPO               a policy saved by Stable-Baselines3 or sb3-contrib
    rllib:CHECKPOINT                             a policy saved by RLlib
    script:FILE?timeout_s=60                     a program of yours, in any language
    constraints, first, longest                  judges by what a program checks, by place, by length
    human                                        a person at the terminal
    python:module:Class?key=value                a class of yours

A wrapper stands before ` of ` and the agent that it wraps, which may be wrapped itself:

    best_of?n=4&judge=NAME of AGENT              plays the best of several candidates
    improver?program=FILE of AGENT               plays what a program, run in a sandbox, makes of its answer
    majority?n=5 of AGENT                        plays the most frequent of several samples
    reflexion?trials=3 of AGENT                  learns from trials at the same task that failed
    self_refine?rounds=2 of AGENT                criticises its answers before they are played

Settings are written as in a URL's query, so `%20` or `+` is a space and `%2B` a plus sign. They are the keyword
parameters of the agent's constructor and are checked against its type hints. API keys never stand in a name,
because names go into records: providers' environment variables hold them.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import partial
from importlib.metadata import entry_points
from typing import Any
from urllib.parse import parse_qsl

from pydantic import TypeAdapter, ValidationError

from rsi_agents.errors import AgentNameError, AgentNotFound
from rsi_agents.loading import load_object
from rsi_envs.core.agents import Agent
from rsi_envs.core.budget import Budget
from rsi_envs.core.errors import InvalidOption

TABLE = {
    "constraints": "rsi_agents.policies.judges:constraints",
    "first": "rsi_agents.policies.judges:first",
    "human": "rsi_agents.policies.human:HumanAgent",
    "llm": "rsi_agents.policies.llm:of_model",
    "longest": "rsi_agents.policies.judges:longest",
    "random": "rsi_agents.policies.random:RandomAgent",
    "reference": "rsi_agents.policies.reference:ReferenceAgent",
    "rllib": "rsi_agents.policies.rllib:RllibAgent",
    "sb3": "rsi_agents.policies.sb3:Sb3Agent",
    "script": "rsi_agents.policies.script:ScriptAgent",
    "tablebase": "rsi_envs.chess.tablebases:TablebaseAgent",
    "td": "rsi_envs.chess.td_agent:TdAgent",
    "transformers": "rsi_agents.policies.transformers:of_weights",
    "uci": "rsi_envs.chess.uci:UciAgent",
}
WRAPPERS = {
    "best_of": "rsi_agents.policies.best_of:best_of",
    "improver": "rsi_agents.policies.improver:improver",
    "majority": "rsi_agents.policies.majority:majority",
    "reflexion": "rsi_agents.policies.reflexion:reflexion",
    "self_refine": "rsi_agents.policies.self_refine:self_refine",
}
"""Functions that take what makes an agent, and settings, and return what makes the wrapped one."""
ENTRY_POINT_GROUP = "rsi_envs.agents"
WRAPPER_ENTRY_POINT_GROUP = "rsi_envs.wrappers"
PYTHON_SCHEME = "python"
_BUDGET = "budget"
_OF = " of "


def make_agent(name: str, *, budget: Budget | None = None, **defaults: Any) -> Agent:
    """Makes the agent of this name.

    Args:
        name: See the module's docstring.
        budget: Shared by every agent that calls models; None for no bound.
        **defaults: Constructor arguments used where the name sets none and the agent takes them.

    Raises:
        AgentNotFound: No agent, or no wrapper, has this name; the message names the nearest.
        AgentNameError: The agent or wrapper does not take this argument or setting; the message names those it takes.
        Exception: Whatever the agent's constructor raises.
    """
    return agent_factory(name, budget=budget, **defaults)()


def agent_factory(name: str, *, budget: Budget | None = None, **defaults: Any) -> Callable[[], Agent]:
    """Checks a name and returns what makes its agent; see `make_agent`."""
    try:
        return _factory(name, {**defaults, _BUDGET: budget})
    except (AgentNotFound, AgentNameError) as error:
        if _OF not in name or repr(name) in str(error):
            raise
        raise type(error)(f"{error} (in {name!r})") from error


def innermost(name: str) -> str:
    """Gives the name of the agent within all its wrappers; the name itself where nothing is wrapped."""
    outer, of, inner = name.partition(_OF)
    return innermost(inner) if of and _wrapper(_scheme(outer)) else name


def _factory(name: str, offered: Mapping[str, Any]) -> Callable[[], Agent]:
    outer, of, inner = name.partition(_OF)
    wrapper = _wrapper(_scheme(outer))
    if wrapper is None:
        scheme, argument, settings = _split(name)
        if scheme == PYTHON_SCHEME:
            return _bound(name, load_object(argument or "", AgentNotFound), None, settings, offered)
        return _bound(name, _constructor(scheme, name), argument, settings, offered)
    if not of:
        raise AgentNameError(f"{name!r} wraps another agent; write '{name} of AGENT'")
    wrapped = _factory(inner, offered)
    _, argument, settings = _split(outer)
    wrap = _bound(outer, load_object(wrapper, AgentNotFound), argument, settings, {_BUDGET: offered[_BUDGET]}, wrapped)
    try:
        return typing.cast("Callable[[], Agent]", wrap())
    except InvalidOption as error:
        raise AgentNameError(f"{outer!r}: {error}") from error


def _bound(
    name: str,
    constructor: Callable[..., Any],
    argument: str | None,
    settings: Mapping[str, str],
    offered: Mapping[str, Any],
    *first: Any,
) -> Callable[[], Any]:
    """Checks what a name says against the constructor's parameters, of which `first` are filled already."""
    parameters = inspect.signature(partial(constructor, *first)).parameters
    arguments = _positional(name, parameters, argument)
    given = _typed(name, constructor, parameters, settings)
    given = {key: value for key, value in offered.items() if key in parameters} | given
    missing = [
        p.name for p in parameters.values() if p.kind is p.KEYWORD_ONLY and p.default is p.empty and p.name not in given
    ]
    if missing:
        raise AgentNameError(f"agent {name!r} needs the setting {missing[0]!r}; add ?{missing[0]}=…")
    return partial(constructor, *first, *arguments, **given)


def _scheme(name: str) -> str:
    return name.partition("?")[0].partition(":")[0]


def _wrapper(scheme: str) -> str | None:
    """Finds the wrapper of this name; None where it is an agent's, whose settings may well say " of ", or nobody's."""
    if scheme in TABLE or scheme == PYTHON_SCHEME:
        return None
    return WRAPPERS.get(scheme) or _from_entry_points(WRAPPER_ENTRY_POINT_GROUP).get(scheme)


def _split(name: str) -> tuple[str, str | None, dict[str, str]]:
    head, _, query = name.partition("?")
    scheme, colon, argument = head.partition(":")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError as error:
        raise AgentNameError(f"agent {name!r}: write settings as ?key=value&key=value ({error})") from error
    settings = dict(pairs)
    if len(settings) < len(pairs):
        raise AgentNameError(f"agent {name!r} sets a key twice; set each once")
    return scheme, argument if colon else None, settings


def _constructor(scheme: str, name: str) -> Callable[..., Agent]:
    target = TABLE.get(scheme)
    if target is None:
        others = _from_entry_points(ENTRY_POINT_GROUP)
        target = others.get(scheme)
        if target is None:
            raise _not_found(name, {*TABLE, *others, PYTHON_SCHEME})
    return typing.cast("Callable[..., Agent]", load_object(target, AgentNotFound))


def _not_found(name: str, agents: set[str]) -> AgentNotFound:
    outer, of, _ = name.partition(_OF)
    scheme = _scheme(outer)
    what, known = "agent", sorted(agents)
    if of:
        what, known = "wrapper", sorted({*WRAPPERS, *_from_entry_points(WRAPPER_ENTRY_POINT_GROUP)})
    near = get_close_matches(scheme, known, n=1, cutoff=0.0)[0]
    return AgentNotFound(f"no {what} is called {scheme!r}; the nearest is {near!r} of {', '.join(known)}")


def _from_entry_points(group: str) -> dict[str, str]:
    return {point.name: point.value for point in entry_points(group=group)}


def _positional(name: str, parameters: Mapping[str, inspect.Parameter], argument: str | None) -> tuple[str, ...]:
    """The text after the colon fills the constructor's positional-only parameter, where it has one."""
    slots = [p for p in parameters.values() if p.kind is p.POSITIONAL_ONLY]
    if argument and not slots:
        raise AgentNameError(f"agent {name!r} takes nothing after the colon; leave {argument!r} out")
    if not argument and slots and slots[0].default is inspect.Parameter.empty:
        scheme = name.partition("?")[0].partition(":")[0]
        raise AgentNameError(
            f"agent {name!r} needs a {slots[0].name} after the colon: {scheme}:{slots[0].name.upper()}"
        )
    return (argument,) if argument else ()


def _typed(
    name: str, constructor: Callable[..., Any], parameters: Mapping[str, inspect.Parameter], settings: Mapping[str, str]
) -> dict[str, Any]:
    hints = typing.get_type_hints(constructor.__init__ if inspect.isclass(constructor) else constructor)
    permitted = {
        p.name: hints.get(p.name, str)
        for p in parameters.values()
        if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD) and p.name != _BUDGET
    }
    values = {}
    for key, text in settings.items():
        if key not in permitted:
            takes = f"it takes {', '.join(sorted(permitted))}" if permitted else "it takes none"
            raise AgentNameError(f"agent {name!r} takes no setting {key!r}; {takes}")
        try:
            values[key] = TypeAdapter(permitted[key]).validate_python(text)
        except ValidationError as error:
            problem = error.errors()[0]["msg"]
            raise AgentNameError(f"agent {name!r}: setting {key!r} is {text!r}: {problem}") from error
    return values
