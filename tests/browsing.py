# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A real browser that tells on a page; `tests/conftest.py` hands these fixtures to all tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.components import CHROMIUM, need


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Of one module, because while it is there an event loop counts as running, and no other can be started."""
    need("chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def open_page(browser) -> Iterator[Callable[..., Any]]:
    """Opens an address or a file; at the end, nothing may have gone wrong in the page, or left it."""
    wrong: list[str] = []
    pages = []

    from playwright.sync_api import expect

    expect.set_options(timeout=30_000)

    def opened(where: Path | str, hash_: str = "", width: int = 1280, **options: Any) -> Any:
        page = browser.new_page(viewport={"width": width, "height": 900}, **options)
        pages.append(page)
        url = where.as_uri() if isinstance(where, Path) else where
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on("console", lambda message: wrong.append(f"console: {message.text}"))
        page.on("dialog", lambda dialog: (wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("popup", lambda popup: wrong.append("a window was opened"))
        page.on(
            "request", lambda sent: None if sent.url.startswith((url, "data:", "blob:")) else wrong.append(sent.url)
        )
        page.goto(url + hash_)
        expect(page.locator("#count")).not_to_be_empty()
        return page

    yield opened
    for page in pages:
        if not page.is_closed():
            assert page.evaluate("window.pwned") is None
            page.close()
    assert wrong == []
