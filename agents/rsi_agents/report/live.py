# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The page of a run that goes on, served on this machine alone."""

from __future__ import annotations

import dataclasses
import socket
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from rsi_agents.errors import NothingToReport
from rsi_agents.report.following import Follower
from rsi_agents.report.page import chapters_html, live_page, policy
from rsi_agents.report.rows import columns_of

LOOPBACK = "127.0.0.1"
_HOSTS = [LOOPBACK, "localhost"]
"""Other names in a request's Host header are refused: a page elsewhere might have had its name lead here."""
_GRACE_S = 2


def app_of(follower: Follower) -> Starlette:
    """Makes the application: the page, what is new since it was asked last, and single episodes."""
    headers = {
        "Content-Security-Policy": f"{policy(live=True)}; frame-ancestors 'none'",
        "Cache-Control": "no-store",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }

    def page(request: Request) -> Response:
        follower.news()
        chapter = follower.chapter()
        text = live_page([chapter] if chapter else [], title=follower.run.name)
        return HTMLResponse(text.encode("utf-8", "replace"), headers=headers)

    def changes(request: Request) -> Response:
        news, asked = follower.news(), request.query_params
        after = _number(asked.get("after")) if asked.get("edition") == news.edition else 0
        chapter = follower.chapter()
        summarised = chapter.episodes if chapter else 0
        fresh = chapter is not None and summarised != _number(asked.get("summarised"))
        content: dict[str, Any] = {
            **dataclasses.asdict(dataclasses.replace(news, rows=[])),
            "rows": columns_of(news.rows[after:]),
            "chapters": chapters_html([chapter]) if chapter and fresh else None,
            "summarised": summarised,
        }
        return JSONResponse(content, headers=headers)

    def episode(request: Request) -> Response:
        try:
            return JSONResponse(follower.details(request.path_params["id"]), headers=headers)
        except NothingToReport as error:
            return JSONResponse({"message": str(error)}, status_code=404, headers=headers)

    routes = [Route("/", page), Route("/changes", changes), Route("/episode/{id}", episode)]
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=_HOSTS, www_redirect=False)
    return Starlette(routes=routes, middleware=[hosts])


def serve(folder: str | Path, listening: socket.socket) -> None:
    """Serves a run's page until the process is interrupted.

    Args:
        folder: The run's folder.
        listening: Bound to the loopback; closed at the end.

    Raises:
        RunFolderBroken: The folder holds no run.
        KeyboardInterrupt: The process was interrupted; everything is closed.
    """
    config = uvicorn.Config(
        app_of(Follower(folder)), log_level="warning", lifespan="off", timeout_graceful_shutdown=_GRACE_S
    )
    uvicorn.Server(config).run(sockets=[listening])


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0
