# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Loops and updaters by name, so that none is imported before it is used."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from difflib import get_close_matches
from importlib.metadata import entry_points
from typing import Any, cast

from pydantic import ConfigDict, ValidationError, create_model

from rsi_agents.errors import InvalidLoop
from rsi_agents.loading import load_object
from rsi_agents.loops.config import LoopConfig
from rsi_agents.loops.contract import Loop
from rsi_agents.loops.updating import Updater

LOOPS = {
    "backtranslation": "rsi_agents.loops.backtranslation:Backtranslation",
    "meta_rewarding": "rsi_agents.loops.meta_rewarding:MetaRewarding",
    "opro": "rsi_agents.loops.opro:Opro",
    "rest_em": "rsi_agents.loops.rest_em:RestEM",
    "self_play": "rsi_agents.loops.self_play:SelfPlay",
    "self_rewarding": "rsi_agents.loops.self_rewarding:SelfRewarding",
    "stop": "rsi_agents.loops.stop:Stop",
    "weak_to_strong": "rsi_agents.loops.weak_to_strong:WeakToStrong",
}
UPDATERS = {
    "export": "rsi_agents.loops.updaters.export:ExportUpdater",
    "prompt": "rsi_agents.loops.updaters.prompt:PromptUpdater",
    "trl": "rsi_agents.loops.updaters.trl:TrlUpdater",
}
LOOP_GROUP, UPDATER_GROUP = "rsi_envs.loops", "rsi_envs.updaters"


def make_loop(config: LoopConfig) -> Loop:
    """Makes a loop with its settings and its updater.

    Raises:
        InvalidLoop: There is none of this name, or it takes no such setting; the message names what it takes.
    """
    constructor = _found("loop", config.loop, LOOPS, LOOP_GROUP)
    updater = dict(config.updater)
    name = updater.pop("name", None)
    if not isinstance(name, str):
        raise InvalidLoop(f"the updater needs a name: one of {', '.join(sorted(UPDATERS))}")
    made = _made(f"updater {name!r}", _found("updater", name, UPDATERS, UPDATER_GROUP), updater)
    return cast("Loop", _made(f"loop {config.loop!r}", constructor, config.settings, updater=cast("Updater", made)))


def _found(kind: str, name: str, table: Mapping[str, str], group: str) -> Any:
    others = {point.name: point.value for point in entry_points(group=group)}
    target = name if ":" in name else table.get(name) or others.get(name)
    if target is None:
        known = sorted({*table, *others})
        near = get_close_matches(name, known, n=1, cutoff=0.0)[0]
        raise InvalidLoop(f"no {kind} is called {name!r}; the nearest is {near!r} of {', '.join(known)}")
    return load_object(target, InvalidLoop)


def _made(what: str, constructor: Any, settings: Mapping[str, Any], **parts: Any) -> Any:
    """Makes an object with settings that its constructor's annotations check."""
    parameters = inspect.signature(constructor, eval_str=True).parameters
    fields = {
        name: (parameter.annotation, ... if parameter.default is parameter.empty else parameter.default)
        for name, parameter in parameters.items()
        if name not in parts
    }
    unknown = sorted(set(settings) - set(fields))
    if unknown:
        takes = f"it takes {', '.join(sorted(fields))}" if fields else "it takes none"
        raise InvalidLoop(f"{what} takes no setting {unknown[0]!r}; {takes}")
    model = create_model("Settings", __config__=ConfigDict(arbitrary_types_allowed=True), **cast("Any", fields))
    try:
        given = model.model_validate(dict(settings))
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidLoop(f"{what}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    chosen = {name: getattr(given, name) for name in fields}
    return constructor(**chosen, **{name: part for name, part in parts.items() if name in parameters})
