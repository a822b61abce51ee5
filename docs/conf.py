# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""How Sphinx builds the documentation: `make docs`."""

from __future__ import annotations

import inspect
import pkgutil
import re
from typing import Any

from docutils.nodes import Element, Node
from docutils.parsers.rst import Directive
from docutils.statemachine import StringList
from sphinx.application import Sphinx

project = "rsi-envs"
author = "The rsi-envs authors"
project_copyright = "2026, The rsi-envs authors"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "rsi-envs"

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

default_role = "code"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": True}
napoleon_numpy_docstring = False
napoleon_use_ivar = True

nitpicky = True
# Names of other projects: their documentation can't be asked when this one is built without a network.
nitpick_ignore_regex = [("py:.*", r"(?!rsi_).*"), ("py:.*", r".*\.\w*(Task|Result)T")]


class DocstringDirective(Directive):
    """Shows an object's docstring as the Markdown that it is: `module:object`, or a module alone."""

    required_arguments = 1

    def run(self) -> list[Node]:
        """Parses the docstring into the page, its headings included."""
        text = inspect.getdoc(pkgutil.resolve_name(self.arguments[0])) or ""
        # A directive holds no sections: headings become bold lines, and what is raised a list.
        text = re.sub(r"^## (.*)$", r"**\1**\n", text, flags=re.MULTILINE)
        head, _, raised = text.partition("\nRaises:\n")
        text = (
            head + "\n**Raises**\n\n" + re.sub(r"^ +(\w+): ", r"* `\1`: ", raised, flags=re.MULTILINE)
            if raised
            else head
        )
        container = Element()
        self.state.nested_parse(StringList(text.splitlines(), self.arguments[0]), self.content_offset, container)
        return container.children


def leave_out_module_docstring(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Modules' docstrings are Markdown, and pages show them where they belong with `{docstring}`."""
    if what == "module":
        lines.clear()


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.add_directive("docstring", DocstringDirective)
    app.connect("autodoc-process-docstring", leave_out_module_docstring)
