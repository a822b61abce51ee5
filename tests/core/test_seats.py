# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Agents in an environment's seats: whose fault it is, and what they consume."""

from __future__ import annotations

import threading

import pytest

from rsi_envs.core.agents import SeatedAgent, noting_seats
from rsi_envs.core.errors import EnvironmentFault

METERED = "python:tests.agents.fakes:FakeMeteredAgent"
BROKEN = "python:tests.agents.fakes:FakeScriptedAgent?raises=ValueError"


def test_seats_are_noted_within_the_block_and_the_thread_that_asks():
    with noting_seats() as seats:
        seated = SeatedAgent("random")
        elsewhere = threading.Thread(target=SeatedAgent, args=("random",))
        elsewhere.start()
        elsewhere.join()
    SeatedAgent("random")
    assert seats == [seated]


def test_who_can_not_be_made_is_noted_all_the_same():
    with noting_seats() as seats, pytest.raises(LookupError):
        SeatedAgent("nobody")
    assert [(seat.name, seat.at_fault, seat.usage.calls) for seat in seats] == [("nobody", True, 0)]


def test_an_agent_is_at_fault_when_it_broke_and_until_it_has_answered():
    seat = SeatedAgent(BROKEN)
    seat.begin(None, 0)
    assert not seat.at_fault
    with pytest.raises(EnvironmentFault, match="the agent broke"):
        seat.act("", {})
    assert seat.at_fault


def test_what_can_not_be_played_is_blamed_on_who_gave_it():
    seat = SeatedAgent("random")
    assert str(seat.blame("gave 7")) == "the opponent 'random' gave 7"
    assert seat.at_fault


def test_usage_is_that_of_the_present_episode():
    seat = SeatedAgent(METERED)
    seat.begin(None, 0)
    seat.act("", {})
    seat.act("", {})
    assert seat.usage.total_tokens == 20
    seat.begin(None, 1)
    assert seat.usage.total_tokens == 0
    assert SeatedAgent("random").usage.total_tokens == 0
