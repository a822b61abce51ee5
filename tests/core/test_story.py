# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
from dataclasses import dataclass, field

from rsi_envs.core.story import Board, Conversation, Message, Table, told


@dataclass
class Moment:
    action: object
    reward: float = 0.0
    observation: object = ""
    info: dict = field(default_factory=dict)


@dataclass
class Tale:
    observation: object
    steps: list
    info: dict | None = field(default_factory=dict)


def test_texts_are_a_conversation_without_empty_observations():
    tale = Tale("Guess.", [Moment("five", observation="Higher."), Moment("<b>", info={"malformed": "no number"})])
    assert told(None, tale) == (
        Conversation(
            "Conversation",
            (
                Message("environment", "Guess."),
                Message("agent", "five"),
                Message("environment", "Higher."),
                Message("agent", "<b>", malformed="no number"),
            ),
        ),
    )


def test_a_tool_that_is_called_is_named():
    call = '{"name": "look_up", "arguments": {"word": "rook"}}'
    (talk,) = told(None, Tale("Ask.", [Moment(call), Moment('{"name": 3, "arguments": {}}'), Moment("[1]")]))
    assert [message.call for message in talk.messages] == ["", "look_up", "", ""]


def test_actions_that_are_no_text_are_a_table():
    (table,) = told(None, Tale([0.0], [Moment(12, reward=0.5), Moment([1, 2])]))
    assert table == Table("Actions", ("step", "action", "reward"), (("1", "12", "0.5"), ("2", "[1, 2]", "0")))


def test_an_episode_that_broke_has_nothing_to_tell():
    assert told(None, Tale(None, [], None)) == ()


def test_an_environment_may_tell_its_own():
    class Draughts:
        @staticmethod
        def story(episode):
            return [Board("Game", ("8/8", "8/9"), (episode.steps[0].action,))]

    assert told(Draughts, Tale("", [Moment("e4")])) == (Board("Game", ("8/8", "8/9"), ("e4",)),)
