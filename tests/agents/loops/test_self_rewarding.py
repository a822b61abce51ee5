# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""An agent that judges itself gets better where its judgements are right, and is stopped where they are not."""

from __future__ import annotations

import re

import pytest

from rsi_agents.errors import AgentNotFound, InvalidLoop, LeakedTask, LoopPaused
from rsi_agents.loops.config import checked_config
from rsi_agents.loops.drive import improve
from rsi_agents.loops.folder import LoopFolder
from rsi_agents.loops.lessons import read_rows
from rsi_agents.loops.minutes import Minutes
from rsi_agents.loops.table import make_loop
from rsi_envs.core.budget import Budget
from tests.agents.fake_provider import FakeProvider, says
from tests.agents.loops.talking import TALK_TEACHER, TALKER, TALKING, Talker

CONFIG = {
    "loop": "self_rewarding",
    "env": TALKING,
    "base": TALKER,
    "rounds": 1,
    "sample": {"per_task": 4},
    "held_out": {"per_task": 4},
    "updater": {"name": TALK_TEACHER},
}


def config(**changes):
    return checked_config(CONFIG | changes, "here")


def run(path, budget=None, **changes):
    with LoopFolder.create(path, config(**changes)) as folder:
        return improve(folder, budget=budget)


def lessons(path, number=1):
    return list(read_rows(path / f"round-{number:03d}/lessons.jsonl"))


def told(rounds):
    return [(r.number, r.held_out, r.against_parent, r.proxy_against_parent, r.kept, r.measures) for r in rounds]


def test_a_fair_judge_makes_itself_better_on_tasks_that_it_has_not_seen(tmp_path):
    base, first = run(tmp_path / "loop").rounds
    assert 0.2 < base.held_out.score < 0.8
    assert first.held_out.score == 1.0
    assert first.kept
    assert first.proxy_against_parent.difference > 0.1
    measures = first.measures
    assert measures["sampled"] == 24
    assert measures["judged"] == 6
    assert 1 <= measures["selected"] <= 6
    assert measures["swap_consistency"] == 1.0
    assert measures["abstentions"] == 0.0
    assert measures["agreement"] == 1.0
    assert measures["verification_gap"] > 0.2


def test_a_preference_says_where_it_is_from_and_what_judges_said(tmp_path):
    run(tmp_path / "loop")
    for row in lessons(tmp_path / "loop"):
        assert row["env_id"] == TALKING
        assert row["split"] == "train"
        assert row["generation"] == TALKER
        assert row["role"] == "actor"
        word = row["task_id"].removeprefix("train/")
        assert row["prompt"] == [{"role": "user", "content": f"Say the word {word!r}."}]
        assert word in row["chosen"][0]["content"]
        assert word not in row["rejected"][0]["content"]
        assert 0.1 <= row["margin"] <= 1.0
        assert row["health"]["swap_consistency"] == 1.0
        assert sorted(vote["shown"] for vote in row["votes"]) == [[0, 1], [1, 0]]
        assert all(vote["order"] == [[0], [1]] and vote["judge"] == TALKER for vote in row["votes"])


POISONED = {"sample": {"per_task": 8}, "rounds": 3}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_loop_poisoned_by_a_judge_that_rewards_length_is_stopped_and_rolled_back(tmp_path, seed):
    judging = {"judges": ["longest"], "proxy_tasks": 24}
    outcome = run(tmp_path / "loop", seed=seed, settings={"judging": judging}, **POISONED)
    _, first = outcome.rounds
    assert first.proxy_against_parent.difference > 0.3
    assert first.against_parent.difference <= 0
    assert first.measures["length_slope"] > 0.2
    (reason,) = first.brakes
    assert re.fullmatch(r"its own reward rose by 0\.\d+, the independent one .*: the reward is being gamed", reason)
    assert first.stopped
    assert not first.kept
    assert outcome.agent == TALKER
    with LoopFolder.open(tmp_path / "loop") as folder:
        assert folder.rounds()[1].brakes == (reason,)
        assert improve(folder).rounds == outcome.rounds


def test_it_is_the_judge_that_poisons_it(tmp_path):
    assert run(tmp_path / "loop", **POISONED | {"rounds": 1}).rounds[1].kept


@pytest.mark.parametrize("comparing", ["pairs", "list"])
def test_judges_see_samples_in_pairs_or_all_at_once(tmp_path, comparing):
    _, first = run(tmp_path / "loop", settings={"judging": {"comparing": comparing}}).rounds
    assert first.held_out.score == 1.0
    shown = {len(vote["shown"]) for row in lessons(tmp_path / "loop") for vote in row["votes"]}
    assert shown == {2}


def test_a_judge_whose_answers_can_not_be_read_teaches_nothing(tmp_path):
    _, first = run(tmp_path / "loop", base=f"{TALKER}?judges=babble").rounds
    assert first.agent is None
    assert first.held_out is None
    assert first.note.startswith("judges came to nothing on any task, so there is nothing to learn from: 0 of 1 judges")
    assert first.measures["abstentions"] == 1.0
    assert first.measures["selected"] == 0


def test_a_model_that_says_nothing_that_can_be_read_is_paid_for_and_teaches_nothing(tmp_path):
    with FakeProvider() as provider:
        provider.script = [says(f"This is reply {number}.") for number in range(500)]
        plans = {"sample": {"tasks": 2, "per_task": 2}, "held_out": {"tasks": 2}}
        base, first = run(tmp_path / "loop", base=provider.name, **plans).rounds
    assert first.agent is None
    assert first.measures["judged"] == 2
    assert first.measures["abstentions"] == 1.0
    held_out, samples, questions, attempts = 2, 4, 4, 3
    assert base.usage.calls == held_out + samples + questions * attempts
    assert first.usage.calls == 0
    assert "gave no ranking in 3 attempts" in first.note


def test_a_judge_that_goes_by_place_tells_nothing_apart(tmp_path):
    settings = {"pairing": {"least_consistency": 0.0}}
    _, first = run(tmp_path / "loop", base=f"{TALKER}?judges=place", settings=settings).rounds
    assert first.note == "judges told no two samples apart surely enough, so there is nothing to learn from"
    assert first.measures["swap_consistency"] == 0.0


@pytest.mark.parametrize(("least", "found"), [(0.5, True), (1.0, False)])
def test_a_pair_about_which_a_judge_changes_its_mind_with_the_order_can_be_left_out(tmp_path, least, found):
    settings = {"judging": {"judges": ["self", "first"]}, "pairing": {"least_consistency": least}}
    _, first = run(tmp_path / "loop", settings=settings).rounds
    assert (first.measures["selected"] > 0) == found
    if found:
        assert {row["health"]["swap_consistency"] for row in lessons(tmp_path / "loop")} == {0.5}


def test_the_same_agent_can_judge_as_several_persons(tmp_path):
    settings = {"judging": {"judges": ["self", "self as sceptic"], "rule": "bradley_terry"}}
    _, first = run(tmp_path / "loop", settings=settings).rounds
    assert first.measures["alpha"] == 1.0
    judges = {vote["judge"] for row in lessons(tmp_path / "loop") for vote in row["votes"]}
    assert judges == {TALKER, f"{TALKER} as sceptic"}


def test_where_all_samples_are_alike_nothing_is_judged(tmp_path):
    _, first = run(tmp_path / "loop", sample={"per_task": 1}).rounds
    assert first.note == "no task has two different samples to compare, so there is nothing to learn from"


def test_a_margin_and_a_bound_decide_how_many_pairs_there_are(tmp_path):
    wide = {"pairing": {"per_task": 9, "margin": 0.0}}
    many = run(tmp_path / "many", settings=wide, sample={"per_task": 6}).rounds[1]
    one = run(tmp_path / "one", sample={"per_task": 6}).rounds[1]
    assert many.measures["selected"] > one.measures["selected"]
    assert all(row["margin"] > 0 for row in lessons(tmp_path / "many"))
    sure = run(tmp_path / "sure", settings={"pairing": {"margin": 0.61}}, sample={"per_task": 6}).rounds[1]
    assert 0 < sure.measures["selected"] < one.measures["selected"]
    assert min(row["margin"] for row in lessons(tmp_path / "sure")) >= 0.61


def test_the_proxy_is_bounded_and_can_be_left_out(tmp_path):
    _, without = run(tmp_path / "without", settings={"judging": {"proxy_tasks": 0}}).rounds
    assert without.proxy_against_parent is None
    _, few = run(tmp_path / "few", settings={"judging": {"proxy_tasks": 3}}).rounds
    assert few.proxy_against_parent.pairs == 3


def test_a_lesson_about_a_held_out_task_is_refused(tmp_path):
    with pytest.raises(LeakedTask, match=r"has the assignment of a task of the split 'test': .*'train/again'"):
        run(tmp_path / "loop", env_args={"leaked": True}, sample={"per_task": 8})


def test_earlier_lessons_are_taught_again(tmp_path):
    run(tmp_path / "loop", rounds=2, base=f"{TALKER}?judges=length", brakes={"proxy_gap": None})
    own = [len(lessons(tmp_path / "loop", number)) for number in (1, 2)]
    taught = list(read_rows(tmp_path / "loop/round-002/taught.jsonl"))
    assert own[1] > 0
    assert len(taught) == sum(own)


def test_each_generation_is_judged_by_its_parent(tmp_path):
    outcome = run(tmp_path / "loop", rounds=2, base=f"{TALKER}?judges=length", brakes={"proxy_gap": None})
    judges = {vote["judge"] for row in lessons(tmp_path / "loop", 2) for vote in row["votes"]}
    assert judges == {outcome.rounds[1].agent} == {outcome.rounds[2].parent}


class FakeKill(Exception):
    """Stands for a kill."""


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_kill_in_the_middle_of_judging_changes_nothing_and_asks_nothing_twice(tmp_path, monkeypatch, share):
    """Samples are judged first, held-out episodes for the proxy last."""
    settings = {"settings": {"judging": {"concurrency": 1}}}
    Talker.judged.clear()
    whole = run(tmp_path / "whole", **settings)
    asked = dict(Talker.judged)
    Talker.judged.clear()
    put, calls, point = Minutes.put, [], max(1, round(share * len(asked)))

    def killed(self, asked, said):
        calls.append(asked)
        put(self, asked, said)
        if len(calls) == point:
            raise FakeKill

    monkeypatch.setattr(Minutes, "put", killed)
    with LoopFolder.create(tmp_path / "loop", config(**settings)) as folder, pytest.raises(FakeKill):
        improve(folder)
    monkeypatch.undo()
    with (tmp_path / "loop/round-001/judgements.jsonl").open("ab") as file:
        file.write(b'{"asked": "cut sho')
    with LoopFolder.open(tmp_path / "loop") as folder:
        resumed = improve(folder)
    assert told(resumed.rounds) == told(whole.rounds)
    assert dict(Talker.judged) == asked
    assert set(asked.values()) == {1}
    assert lessons(tmp_path / "loop") == lessons(tmp_path / "whole")


def test_a_budget_that_ends_amid_the_judging_pauses_the_loop(tmp_path):
    whole = run(tmp_path / "whole")
    # The base's 24 samples are paid for, and 34 judgements.
    with LoopFolder.create(tmp_path / "loop", config()) as folder:
        with pytest.raises(
            LoopPaused, match=r"the budget of 580 tokens is spent .* with questions of .*round-001 to ask"
        ):
            improve(folder, budget=Budget(max_tokens=580))
        assert told(improve(folder).rounds) == told(whole.rounds)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"judging": {"judges": []}}, "judging.judges: Tuple should have at least 1 item"),
        ({"judging": {"rule": "loudest"}}, "judging.rule: Input should be 'majority', 'borda' or 'bradley_terry'"),
        ({"judging": {"judge": "self"}}, "judging.judge: Extra inputs are not permitted"),
        ({"pairing": {"margin": 2}}, "pairing.margin: Input should be less than or equal to 1"),
        ({"margin": 2}, "takes no setting 'margin'; it takes judging, pairing, replay, unleashed"),
    ],
)
def test_settings_are_checked(settings, problem):
    with pytest.raises(InvalidLoop, match=problem):
        make_loop(config(settings=settings))


def test_a_judge_that_there_is_not_is_named_before_anything_is_sampled(tmp_path):
    with pytest.raises(AgentNotFound, match="the nearest is 'longest'"):
        run(tmp_path / "loop", settings={"judging": {"judges": ["longets"]}})
    assert not (tmp_path / "loop/round-001/samples").exists()
