# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every error that the room of chess raises beside those of `rsi_envs.core.errors`.

RsiError
├── InvalidOption
│   ├── InvalidNetwork              a file that holds no network of this room, or can't be read
│   └── InvalidPosition             a position that can't be played: malformed, illegal, over already, Chess960
├── PgnError (ValueError)           a PGN file that breaks off, or holds what is no legal game; names the game
└── EnvironmentFault
└── EngineError
├── EngineNotFound (LookupError)    no such program; says how to install one
├── EngineCrashed                   it ended, or broke the protocol
├── EngineTimeout (TimeoutError)    it did not answer in time
├── EngineIllegalMove               it answered with a move that is not legal
└── TablebaseMissing (LookupError)  no table for this position, or no tables in this folder
"""

from __future__ import annotations

from rsi_envs.core.errors import EnvironmentFault, InvalidOption, RsiError


class InvalidPosition(InvalidOption):
    """A position that no game can start from."""


class InvalidNetwork(InvalidOption):
    """A file that holds no network which `td:` could play by, or none at all."""


class PgnError(RsiError, ValueError):
    """A PGN text that can't be read to its end as legal games of standard chess."""


class EngineError(EnvironmentFault):
    """A chess engine, or a set of tablebases, let the environment down."""


class EngineNotFound(EngineError, LookupError):
    """There is no such engine on this machine; the message says how to get one."""


class EngineCrashed(EngineError):
    """The engine's process ended, or said something that is not UCI."""


class EngineTimeout(EngineError, TimeoutError):
    """The engine did not answer in time; its process was killed."""


class EngineIllegalMove(EngineError):
    """The engine answered with a move that is not legal."""


class TablebaseMissing(EngineError, LookupError):
    """There are no tablebases in the folder, or none for this position."""
