# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The documentation is whole: links lead somewhere, environments, options and settings have their place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from gymnasium.envs.registration import EnvSpec

from rsi_agents import registry
from rsi_agents.cli.app import app
from rsi_agents.environments import registered_ids, spec_of
from rsi_sandboxes import LANGUAGES, backend_names
from tests.docs import pages

pytestmark = pytest.mark.skipif(not pages.ROOT, reason=pages.NO_ROOT)

ROOT = pages.ROOT or Path()


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def links_of(path: Path) -> list[str]:
    prose = re.sub(r"^```.*?^```", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    targets = re.findall(r"\]\(([^)\s]+)\)", prose)
    return [target.partition("#")[0] for target in targets if "://" not in target and not target.startswith("#")]


@pytest.mark.parametrize("path", pages.all_pages(), ids=pages.relative)
def test_every_relative_link_leads_to_a_file(path: Path) -> None:
    missing = [target for target in links_of(path) if not (path.parent / target).exists()]
    assert missing == []


@pytest.mark.parametrize("env_id", registered_ids())
def test_every_environment_has_a_page_with_its_card(env_id: str) -> None:
    spec: EnvSpec = spec_of(env_id)
    page = text_of(f"docs/environments/{spec.name.lower()}.md")
    assert env_id in page
    assert f"```{{docstring}} {spec.entry_point}" in page


def commands(group: typer.core.TyperGroup, prefix: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            found |= commands(command, f"{prefix} {name}")
        else:
            options = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
            found[f"{prefix} {name}"] = options
    return found


def test_the_page_on_the_command_line_lists_every_command_and_option_and_no_other() -> None:
    sections = re.split(r"^## ", text_of("docs/cli.md"), flags=re.MULTILINE)[1:]
    shown = {
        heading.strip("`"): set(re.findall(r"^\| `(--[\w-]+)", body, flags=re.MULTILINE))
        for heading, _, body in (section.partition("\n") for section in sections)
        if heading.startswith("`rsi")
    }
    assert shown == {
        name: options - {"--help"} for name, options in commands(typer.main.get_command(app), "rsi").items()
    }


def test_the_page_on_agents_names_every_agent() -> None:
    page = text_of("docs/agents.md")
    assert [name for name in registry.TABLE if f"`{name}" not in page] == []


def test_the_page_on_agents_names_every_wrapper() -> None:
    page = text_of("docs/agents.md")
    assert [name for name in registry.WRAPPERS if f"| `{name}?" not in page] == []


def test_the_page_on_sandboxes_names_every_backend() -> None:
    page = text_of("docs/sandboxes.md")
    assert [name for name in backend_names() if f"`{name}`" not in page] == []


def test_the_page_on_languages_lists_every_language_with_its_file_and_packages() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `([\w.]+)` \|.*\| ([^|]+) \|$", text_of("docs/languages.md"), flags=re.MULTILINE)
    assert [(name, file, tuple(packages.replace("`", "").split())) for name, file, packages in rows] == [
        (language.name, language.file_name, language.packages) for language in LANGUAGES.values()
    ]


def test_every_decision_is_listed_in_order() -> None:
    written = sorted(path.stem for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert re.findall(r"^(\d{4}-[\w-]+)$", text_of("docs/decisions/index.md"), flags=re.MULTILINE) == written
    assert [int(name[:4]) for name in written] == list(range(1, len(written) + 1))
