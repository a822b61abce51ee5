# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
from __future__ import annotations

import contextlib
import importlib.metadata
import inspect
import re
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
    arguments |= {"script": ":/bin/true", "tablebase": f":{tmp_path}", "td": ":untrained", "uci": ":sh"}
    # A saved policy needs packages of its own; tests/agents/test_sb3.py and its like make some.
    for scheme in registry.TABLE.keys() - {"sb3", "rllib", "transformers"}:
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


@pytest.mark.parametrize(("content", "problem"), [(None, "No such file or directory"), (b"\xff", "no text in UTF-8")])
def test_instructions_that_can_not_be_read_are_named_when_the_agent_is_made(tmp_path, content, problem):
    file = tmp_path / "instructions"
    if content is not None:
        file.write_bytes(content)
    made = agent_factory(f"llm:openai/x?instructions={file}")
    with pytest.raises(AgentNameError, match=f"the instructions in {file} can't be read: .*{problem}"):
        made()


def test_an_entry_point_adds_an_agent(monkeypatch):
    point = importlib.metadata.EntryPoint(
        "scripted", "tests.agents.fakes:FakeScriptedAgent", registry.ENTRY_POINT_GROUP
    )
    monkeypatch.setattr(registry, "entry_points", lambda group: [point] if group == registry.ENTRY_POINT_GROUP else [])
    assert isinstance(make_agent("scripted?action=7"), FakeScriptedAgent)


def test_every_wrapper_wraps_and_is_wrapped():
    for outer in registry.WRAPPERS:
        for inner in registry.WRAPPERS:
            assert callable(make_agent(f"{outer} of {inner} of random").act)


def test_settings_are_those_of_the_wrapper_or_the_agent_that_they_stand_with():
    agent = make_agent(f"majority?n=2 of best_of?n=3&judge=first of {SCRIPTED}?action=a%20b&seconds=0")
    assert len(agent._inner) == 2
    assert all(len(one._inner) == 3 for one in agent._inner)
    assert agent._inner[0]._inner[0].act("", {}) == "a b"


def test_what_is_wrapped_is_all_after_the_first_of():
    assert make_agent(f"majority?n=1 of {SCRIPTED}?action=king of france")._inner[0].act("", {}) == "king of france"


def test_an_agents_setting_may_say_of_where_nothing_is_wrapped():
    assert make_agent(f"{SCRIPTED}?action=best of all").act("", {}) == "best of all"


def test_defaults_fill_the_innermost_agent():
    assert make_agent(f"majority?n=1 of {SCRIPTED}", action="d")._inner[0].act("", {}) == "d"


@pytest.mark.parametrize(
    ("name", "error", "said"),
    [
        (
            "bestof?n=2 of random",
            AgentNotFound,
            "no wrapper is called 'bestof'; the nearest is 'best_of' of best_of, impr",
        ),
        ("best_of of randm", AgentNotFound, "no agent is called 'randm'; the nearest is 'random'"),
        (
            "best_of of majoritas of random",
            AgentNotFound,
            "no wrapper is called 'majoritas'; the nearest is 'majority'",
        ),
        ("best_of of python:nomodule", AgentNotFound, "'nomodule' names no object"),
        ("majority of ", AgentNotFound, "no agent is called ''"),
        ("best_of?m=2 of random", AgentNameError, "agent 'best_of?m=2' takes no setting 'm'; it takes judge, n"),
        ("best_of?n=many of random", AgentNameError, "setting 'n' is 'many'"),
        ("best_of?n=0 of random", AgentNameError, "'best_of?n=0': n is 0; it must be an integer of at least 1"),
        ("best_of?n=27&judge=first of random", AgentNameError, "n is 27; a judge ranks 26 candidates at most"),
        ("best_of?judge=frist of random", AgentNotFound, "no agent is called 'frist'; the nearest is 'first'"),
        ("best_of?judge=first+as+critic of random", AgentNameError, "no persona is called 'critic'"),
        ("best_of?budget=1 of random", AgentNameError, "takes no setting 'budget'"),
        ("best_of:4 of random", AgentNameError, "'best_of:4' takes nothing after the colon; leave '4' out"),
        ("self_refine?rounds=0 of random", AgentNameError, "rounds is 0"),
        ("reflexion?trials=0 of random", AgentNameError, "trials is 0"),
        ("reflexion?passing_score=2 of random", AgentNameError, "passing_score is 2.0; scores are in [0, 1]"),
        ("majority of llm:openai/x?temprature=0", AgentNameError, "takes no setting 'temprature'"),
    ],
)
def test_what_is_wrong_in_a_wrapped_name_is_said_of_its_part_and_the_whole_is_shown(name, error, said):
    with pytest.raises(error) as raised:
        agent_factory(name)
    assert said in str(raised.value)
    assert str(raised.value).endswith(f"(in {name!r})")


@pytest.mark.parametrize("name", ["best_of", "best_of?n=4"])
def test_a_wrapper_alone_says_how_it_is_written(name):
    with pytest.raises(AgentNameError, match=re.escape(f"{name!r} wraps another agent; write '{name} of AGENT'")):
        make_agent(name)


def test_an_entry_point_adds_a_wrapper(monkeypatch):
    group = registry.WRAPPER_ENTRY_POINT_GROUP
    point = importlib.metadata.EntryPoint("vote", registry.WRAPPERS["majority"], group)
    monkeypatch.setattr(registry, "entry_points", lambda group: [point] if group == point.group else [])
    assert make_agent(f"vote?n=1 of {SCRIPTED}?action=7").act("", {}) == "7"
    with pytest.raises(AgentNameError, match="'vote' wraps another agent"):
        make_agent("vote")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_survives_as_a_setting_when_quoted_as_in_a_url(text):
    assert make_agent(f"{SCRIPTED}?{urlencode({'action': text})}").act("", {}) == text


@given(
    st.text(max_size=30)
    | st.lists(st.sampled_from([" of ", "best_of", "majority", "?", "n=1", "random", ":", "&"])).map("".join)
)
def test_no_text_makes_anything_but_an_agent_or_a_named_error(name):
    with contextlib.suppress(AgentNotFound, AgentNameError):
        agent_factory(name)


def test_the_settings_of_llm_are_those_of_the_docs():
    assert set(inspect.signature(of_model).parameters) == {
        *("model", "api_base", "temperature", "max_tokens", "timeout_s", "max_attempts", "system_prompt", "tools"),
        *("cache", "soft", "budget", "top_p", "stop", "reasoning_effort", "logprobs", "token_ids", "context_tokens"),
        *("retries", "max_concurrency", "instructions"),
    }
