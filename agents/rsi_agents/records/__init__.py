# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Records: a run is a folder that survives being killed at any moment."""

from rsi_agents.records.arrays import unpack
from rsi_agents.records.episode import EpisodeRecord
from rsi_agents.records.folder import RunFolder
from rsi_agents.records.reading import read_plan, read_records
from rsi_agents.records.suite import SuiteFolder, holds_suite, read_suite_folder

__all__ = [
    "EpisodeRecord",
    "RunFolder",
    "SuiteFolder",
    "holds_suite",
    "read_plan",
    "read_records",
    "read_suite_folder",
    "unpack",
]
