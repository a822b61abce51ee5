# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The page: one HTML file that loads nothing."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from rsi_agents.errors import AgentsError
from rsi_agents.leaderboard import Interval
from rsi_agents.loading import load_object
from rsi_agents.report.chapters import Chapter
from rsi_agents.report.charts import UNIT, Scale, bounds_of, distributions
from rsi_agents.report.loops import LoopStory
from rsi_agents.report.measured import groups_of, told_once
from rsi_agents.report.visible import visible

PIECES = "rsi_envs.chess.pictures:pieces"
"""Where pictures of chess pieces come from; the page draws Unicode's where there are none."""
_FOLDER = Path(__file__).with_name("page")
_SCRIPTS = ("text.js", "archive.js", "list.js", "sections.js", "board.js", "episode.js", "main.js")


def page_text(
    chapters: Sequence[Chapter],
    *,
    loops: Sequence[LoopStory],
    title: str,
    rows: str,
    chunks: Iterable[str],
    notes: Sequence[str],
    pieces: bool,
) -> Iterator[str]:
    """Writes a report's page, piece by piece.

    Args:
        chapters: What it says of each environment.
        loops: Those that it tells of first.
        title: Its title.
        rows: The list of episodes, as `packed_text` packs it.
        chunks: What opened episodes show, as `pack_to_fit` packs it.
        notes: What the reader should know about what is missing.
        pieces: Whether some episode shows a board.
    """
    return _template("report.html").generate(
        _shared(chapters, title),
        live=False,
        loops=loops,
        rows=rows,
        chunks=chunks,
        notes=notes,
        pieces=piece_pictures() if pieces else {},
    )


def live_page(chapters: Sequence[Chapter], *, title: str) -> str:
    """Writes the page of a run that goes on; its script asks the server that it came from for what is new."""
    return _template("live.html").render(_shared(chapters, title), live=True, pieces=piece_pictures())


def chapters_html(chapters: Sequence[Chapter]) -> str:
    """Writes what the page says of environments, for a page that is open already."""
    return visible(_template("chapters.html").render(chapters=chapters))


def policy(*, live: bool) -> str:
    """The Content-Security-Policy: this page's own script and style by their hashes, and nothing else."""
    connections = "'self'" if live else "'none'"
    return (
        f"default-src 'none'; script-src '{_digest(script())}'; style-src '{_digest(style())}'; img-src data:; "
        f"connect-src {connections}; base-uri 'none'; form-action 'none'"
    )


@cache
def script() -> str:
    """The page's script."""
    parts = "".join((_FOLDER / name).read_text("utf-8") for name in _SCRIPTS)
    return f'(() => {{\n"use strict";\n{parts}}})();\n'


@cache
def style() -> str:
    """The page's style sheet."""
    return (_FOLDER / "style.css").read_text("utf-8")


@cache
def piece_pictures() -> dict[str, Markup]:
    """SVG of each chess piece by its letter in FEN; empty where the chess room has none to give."""
    try:
        pictures = load_object(PIECES, AgentsError)()
    except AgentsError:
        return {}
    return {name: Markup(_without_styles(picture)) for name, picture in pictures.items()}  # noqa: S704  from a package


def _without_styles(picture: str) -> str:
    """Says in attributes what an SVG says in styles, which the page's policy forbids."""
    tree = ElementTree.fromstring(picture)  # noqa: S314  from a package
    for element in tree.iter():
        for declaration in element.attrib.pop("style", "").split(";"):
            name, _, value = declaration.partition(":")
            if value:
                element.set(name.strip(), value.strip())
        element.attrib.pop("id", None)
    return ElementTree.tostring(tree, encoding="unicode")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _shared(chapters: Sequence[Chapter], title: str) -> dict[str, Any]:
    return {"chapters": chapters, "title": title, "script": Markup(script()), "style": Markup(style())}  # noqa: S704


def _template(name: str) -> Template:
    return _templates().get_template(name)


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Every value: agents' names and servers' messages come from outside.
        finalize=lambda value: visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
    )
    environment.filters["figure"] = _figure
    environment.filters["percent"] = lambda value: "" if value is None else f"{value:.1%}"
    environment.filters["signed"] = lambda value: f"{value:+.3f}".replace("-", "\u2212")
    environment.filters["interval"] = _interval
    environment.filters["measure"] = lambda value: f"{value:,.4g}".replace("-", "\u2212")
    environment.filters["as_json"] = lambda value: json.dumps(value, ensure_ascii=False)
    environment.globals.update(
        unit=UNIT,
        scale_around=Scale.around,
        scale_over=Scale.over,
        bounds_of=bounds_of,
        distributions=distributions,
        groups_of=groups_of,
        told_once=told_once,
        policy=policy,
    )
    return environment


def _figure(value: float | None, digits: int = 3) -> str:
    return "" if value is None else f"{value:.{digits}f}".replace("-", "\u2212")


def _interval(interval: Interval | None, form: str = "{:.3f}") -> str:
    if interval is None:
        return ""
    return f"{form.format(interval.low)} to {form.format(interval.high)}".replace("-", "\u2212")
