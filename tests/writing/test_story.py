# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""An attempt is told draft by draft, with what a program found and what the judges said."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from rsi_envs.core.story import CastVote, Check, Conversation, Votes, Writing, told
from rsi_envs.writing import WritingEnv
from tests.agents.fake_provider import fails, says
from tests.recorded import Reciting, recorded, story_of
from tests.writing.test_env import FOR_THE_FIRST, TASK


@pytest.fixture
def tasks(tmp_path):
    path = tmp_path / "tasks.jsonl"
    path.write_text(json.dumps(TASK), "utf-8")
    return str(path)


def test_every_draft_is_told_with_its_demands(tasks):
    env = WritingEnv(tasks=tasks, split="test", revisions=1)
    draft, text, votes, conversation = story_of(env, Reciting("Hello Bo!", "…", " Dear Bo! "))
    assert draft == Writing(
        "Draft 1",
        "Hello Bo!",
        (Check("It has at most 4 words.", True, "Here it is 2."), Check("It begins with “Dear”.", False)),
    )
    assert (text.title, text.text) == ("The text", "Dear Bo!")
    assert all(check.passed for check in text.checks)
    assert isinstance(votes, Votes)
    assert isinstance(conversation, Conversation)


def test_votes_name_the_texts_and_the_letters_that_rationales_call_them_by(tasks, provider):
    provider.script = [FOR_THE_FIRST]
    env = WritingEnv(tasks=tasks, split="test", judges=[provider.name])
    _, votes, _ = story_of(env, Reciting("Dear Bo!"))
    assert votes.votes[:2] == (
        CastVote(provider.name, "this text (shown as A) > poor (shown as B)", "The first is warmer."),
        CastVote(provider.name, "poor (shown as A) > this text (shown as B)", "The first is warmer."),
    )
    assert len(votes.votes) == 6
    assert votes.health["swap_consistency"] == 0.0


def test_abstentions_and_weights_are_told(tasks, provider, tmp_path):
    provider.script = [fails(500)]
    name = f"{provider.name}&max_attempts=1"
    weights = tmp_path / "weights.json"
    weights.write_text(json.dumps({"constraints": 2.5, name: 1}), "utf-8")
    env = WritingEnv(tasks=tasks, split="test", judges=["constraints", name], weights=str(weights), quorum=1)
    _, votes, _ = story_of(env, Reciting("Dear Bo!"))
    assert {vote.judge for vote in votes.votes} == {"constraints, whose vote counts 2.5", name}
    (silent,) = {vote for vote in votes.votes if vote.judge == name}
    assert "500" in silent.abstained
    assert silent.ranking == ""
    assert votes.health["abstentions"] == 0.5


def test_an_opponents_text_is_told_too(tasks, provider):
    provider.script = [says("Hello Bo!")]
    env = WritingEnv(tasks=tasks, split="test", opponent=provider.name)
    text, rival, votes, _ = story_of(env, Reciting("Dear Bo!"))
    assert (rival.title, rival.text) == (f"The text of {provider.name}", "Hello Bo!")
    assert [check.passed for check in rival.checks] == [True, False]
    assert [check.passed for check in text.checks] == [True, True]
    assert votes.votes[0].ranking == f"this text (shown as A) > {provider.name} (shown as B)"
    env.close()


def test_nothing_but_the_conversation_is_told_where_there_was_no_text(tasks):
    (conversation,) = story_of(WritingEnv(tasks=tasks, split="test"), Reciting("…", "…", "…"))
    assert [message.malformed for message in conversation.messages[1::2]] == ["the reply holds no word"] * 3


def test_texts_without_names_are_numbered_and_measures_that_are_none_left_out(tasks):
    record = recorded(WritingEnv(tasks=tasks, split="test"), Reciting("Hello Bo!"))
    last = record.steps[-1]
    verdict = {**last.info["verdict"], "health": {"agreement": float("nan"), "abstentions": 0.0, "swap": "inf"}}
    info = {key: value for key, value in last.info.items() if key != "compared_with"} | {"verdict": verdict}
    _, votes, _ = told(WritingEnv, replace(record, steps=(replace(last, info=info),)))
    assert votes.votes[0].ranking == "this text (shown as A) > text 1 (shown as B)"
    assert votes.health == {"abstentions": 0.0}
