# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
from __future__ import annotations

import contextlib
import importlib.metadata
import inspect
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_agents import AgentNameError, AgentNotFound, agent_factory, make_agent, registry
from rsi_agents.policies.llm import LLMAgent, of_model
from rsi_agents.policies.random import RandomAgent
from rsi_envs.core.budget import Budget
from tests.agents.fakes import FakeMeteredAgent, FakeScriptedAgent

SCRIPTED = "python:tests.agents.fakes:FakeScriptedAgent"


def test_every_name_in_the_table_leads_to_an_agent(tmp_path):
    (tmp_path / "krk.gtb.cp4").touch()
    arguments = dict.fromkeys(("constraints", "first", "human", "longest", "random"), "")
    arguments |= {"tablebase": f":{tmp_path}", "uci": ":sh"}
    # A saved policy needs packages of its own; tests/agents/test_sb3.py makes one.
    for scheme in registry.TABLE.keys() - {"sb3"}:
        agent = make_agent(scheme + arguments.get(scheme, ":x"))
        assert callable(agent.reset)
        assert callable(agent.act)


def test_an_empty_query_sets_nothing():
    assert isinstance(make_agent("random?"), RandomAgent)


def test_an_unknown_name_names_the_nearest():
    with pytest.raises(AgentNotFound, match="no agent is called 'randm'; the nearest is 'random'"):
        make_agent("randm")


def test_a_setting_is_typed_by_the_constructor():
    agent = make_agent(f"{SCRIPTED}?action=a%20b%2Bc&seconds=0")
    assert agent.act("", {}) == "a b+c"


def test_an_unknown_setting_names_those_there_are():
    with pytest.raises(AgentNameError, match="takes no setting 'colour'; it takes action, raises, seconds"):
        make_agent(f"{SCRIPTED}?colour=red")


def test_a_setting_of_the_wrong_type_is_named_with_its_value():
    with pytest.raises(AgentNameError, match=r"setting 'temperature' is 'hot': .*number"):
        make_agent("llm:openai/gpt-4o?temperature=hot")


def test_a_setting_outside_its_choices_is_refused():
    with pytest.raises(AgentNameError, match="'native' or 'text'"):
        make_agent("llm:openai/gpt-4o?tools=telepathy")


@pytest.mark.parametrize(
    "name", ["random?x", "random?a=1&a=2", "random:3", "reference", "reference:", "llm:?temperature=0"]
)
def test_a_name_that_is_no_name_is_refused(name):
    with pytest.raises(AgentNameError):
        make_agent(name)


@pytest.mark.parametrize("secret", ["api_key", "budget"])
def test_what_must_not_stand_in_records_can_not_stand_in_a_name(secret):
    with pytest.raises(AgentNameError, match=f"takes no setting '{secret}'"):
        make_agent(f"llm:openai/gpt-4o?{secret}=x")


def test_a_models_name_may_hold_slashes_and_colons_and_a_setting_a_url(monkeypatch):
    made = []
    monkeypatch.setattr("rsi_agents.policies.llm.LiteLLMChatModel", lambda name, **kw: made.append((name, kw)))
    make_agent("llm:ollama/qwen3:8b?api_base=http://127.0.0.1:8080/v1&temperature=0&max_tokens=5")
    name, settings = made[0]
    assert name == "ollama/qwen3:8b"
    assert settings["api_base"] == "http://127.0.0.1:8080/v1"
    assert settings["temperature"] == 0.0
    assert settings["max_tokens"] == 5


def test_the_budget_reaches_an_agent_that_takes_one():
    budget = Budget(max_tokens=1)
    agent = make_agent("python:tests.agents.fakes:FakeMeteredAgent", budget=budget)
    assert isinstance(agent, FakeMeteredAgent)
    assert agent._budget is budget


def test_defaults_fill_what_the_name_leaves_open_and_the_agent_takes():
    assert make_agent(SCRIPTED, action="d", unheard_of=1).act("", {}) == "d"
    assert make_agent(f"{SCRIPTED}?action=n", action="d").act("", {}) == "n"


@pytest.mark.parametrize("target", ["", "nomodule", "no.such.module:X", "tests.agents.fakes:Nothing"])
def test_a_class_that_can_not_be_loaded_is_not_found(target):
    with pytest.raises(AgentNotFound):
        make_agent(f"python:{target}")


def test_a_name_is_checked_before_anything_is_made():
    made = agent_factory("llm:openai/gpt-4o?temperature=0")
    assert isinstance(made(), LLMAgent)
    assert made() is not made()


def test_an_entry_point_adds_an_agent(monkeypatch):
    point = importlib.metadata.EntryPoint(
        "scripted", "tests.agents.fakes:FakeScriptedAgent", registry.ENTRY_POINT_GROUP
    )
    monkeypatch.setattr(registry, "entry_points", lambda group: [point] if group == registry.ENTRY_POINT_GROUP else [])
    assert isinstance(make_agent("scripted?action=7"), FakeScriptedAgent)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_survives_as_a_setting_when_quoted_as_in_a_url(text):
    assert make_agent(f"{SCRIPTED}?{urlencode({'action': text})}").act("", {}) == text


@given(st.text(max_size=30))
def test_no_text_makes_anything_but_an_agent_or_a_named_error(name):
    with contextlib.suppress(AgentNotFound, AgentNameError):
        agent_factory(name)


def test_the_settings_of_llm_are_those_of_the_docs():
    assert set(inspect.signature(of_model).parameters) == {
        *("model", "api_base", "temperature", "max_tokens", "timeout_s", "max_attempts", "system_prompt", "tools"),
        *("cache", "soft", "budget", "top_p", "stop", "reasoning_effort", "logprobs", "token_ids", "context_tokens"),
        *("retries", "max_concurrency"),
    }
