# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Agents, rollouts, records and the `rsi` command.

env = gymnasium.make("rsi/Code-v0")
trajectory = rollout(env, make_agent("reference:fast"), seed=0)
"""

from rsi_agents.environments import open_environment
from rsi_agents.errors import (
    AgentNameError,
    AgentNotFound,
    AgentsError,
    EnvironmentNotFound,
    EpisodeTimeout,
    InvalidGames,
    InvalidPlan,
    InvalidSuite,
    NobodyAnswers,
    NoReferences,
    NothingToJudge,
    ProgramEnded,
    ProgramFault,
    ProgramGarbled,
    ProgramTimeout,
    RecordsDiskFull,
    RecordsError,
    RunFolderBroken,
    RunFolderExists,
    RunInUse,
    UnfitEnvironment,
)
from rsi_agents.leaderboard import Interval, Mean, Standing, leaderboard
from rsi_agents.plan import EpisodeSpec, Plan, check_agents, make_plan
from rsi_agents.records import EpisodeRecord, RunFolder
from rsi_agents.registry import agent_factory, make_agent
from rsi_agents.rollout import Step, Trajectory, rollout
from rsi_agents.runner import RunOutcome, run_plan
from rsi_envs.core.agents import Agent, Attached, Closeable, Metered, Observer, Overruled, Traced

__all__ = [
    "Agent",
    "AgentNameError",
    "AgentNotFound",
    "AgentsError",
    "Attached",
    "Closeable",
    "EnvironmentNotFound",
    "EpisodeRecord",
    "EpisodeSpec",
    "EpisodeTimeout",
    "Interval",
    "InvalidGames",
    "InvalidPlan",
    "InvalidSuite",
    "Mean",
    "Metered",
    "NoReferences",
    "NobodyAnswers",
    "NothingToJudge",
    "Observer",
    "Overruled",
    "Plan",
    "ProgramEnded",
    "ProgramFault",
    "ProgramGarbled",
    "ProgramTimeout",
    "RecordsDiskFull",
    "RecordsError",
    "RunFolder",
    "RunFolderBroken",
    "RunFolderExists",
    "RunInUse",
    "RunOutcome",
    "Standing",
    "Step",
    "Traced",
    "Trajectory",
    "UnfitEnvironment",
    "agent_factory",
    "check_agents",
    "leaderboard",
    "make_agent",
    "make_plan",
    "open_environment",
    "rollout",
    "run_plan",
]
