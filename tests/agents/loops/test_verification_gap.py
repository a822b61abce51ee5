# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Whether there is anything to select is told before a loop begins, of the samples that its first round learns from."""

from __future__ import annotations

from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsi_agents.loops.config import checked_config
from rsi_agents.loops.drive import improve
from rsi_agents.loops.folder import LoopFolder
from rsi_agents.loops.instruments import foreseen, verification_gap
from rsi_agents.records.reading import read_records
from tests.agents.adding_env import ADDING
from tests.agents.loops.talking import TALK_TEACHER, TALKER, TALKING
from tests.agents.loops.teaching import GUESSER, TEACHER

SUMS = {
    "loop": "rest_em",
    "env": ADDING,
    "env_args": {"max_turns": 1},
    "base": GUESSER,
    "rounds": 1,
    "sample": {"per_task": 4},
    "held_out": {"per_task": 2},
    "updater": {"name": TEACHER},
}
TALKS = {"loop": "self_rewarding", "env": TALKING, "base": TALKER, "rounds": 1, "updater": {"name": TALK_TEACHER}}
SCORES = st.lists(st.floats(0, 1, width=16), min_size=2, max_size=6)
TASKS = st.dictionaries(st.text(max_size=3), SCORES, min_size=1, max_size=4)


def run(path, config):
    with LoopFolder.create(path, checked_config(config, "here")) as folder:
        return improve(folder)


def scores_by_task(path):
    scores = {}
    for record in read_records(path / "round-001/samples"):
        scores.setdefault(record.info["task_id"], []).append(record.score)
    return scores


@given(TASKS)
def test_a_verifier_that_knows_the_truth_gains_what_the_best_score_above_the_mean(truth):
    found = verification_gap(truth, truth)
    assert found["verification_gap"] == pytest.approx(fmean(max(s) - fmean(s) for s in truth.values()), abs=1e-9)
    assert found["verification_gap"] >= 0.0
    assert found["verification_gap_tasks"] == len(truth)


@given(TASKS)
def test_a_verifier_that_tells_nothing_apart_gains_nothing_for_sure(truth):
    found = verification_gap(truth, {task: [0.3] * len(scores) for task, scores in truth.items()})
    assert found["verification_gap"] == 0.0
    assert found.get("verification_gap_low", 0.0) == found.get("verification_gap_high", 0.0) == 0.0


@given(TASKS)
def test_a_verifier_that_is_always_wrong_loses_what_the_worst_score_below_the_mean(truth):
    found = verification_gap(truth, {task: [-score for score in scores] for task, scores in truth.items()})
    assert found["verification_gap"] == pytest.approx(fmean(min(s) - fmean(s) for s in truth.values()), abs=1e-9)


def test_ties_share_their_weight_and_the_interval_is_over_tasks():
    truth = {"one": [1.0, 0.0, 0.5, 0.5], "other": [0.0, 1.0]}
    proxy = {"one": [0.9, 0.1, 0.9, 0.0], "other": [0.2, 0.7]}
    found = verification_gap(truth, proxy)
    assert found == {
        "verification_gap": pytest.approx((0.25 + 0.5) / 2),
        "verification_gap_low": 0.25,
        "verification_gap_high": 0.5,
        "verification_gap_tasks": 2,
    }


def test_of_single_samples_nothing_is_known():
    assert verification_gap({"one": [1.0], "none": []}, {"one": [1.0], "none": []}) == {}
    assert verification_gap({"one": [1.0], "two": [1.0, 0.0]}, {"one": [1.0], "two": [1.0, 0.0]}) == {
        "verification_gap": 0.5,
        "verification_gap_tasks": 1,
    }


@pytest.mark.parametrize(
    ("gap", "ends", "said"),
    [
        (
            0.25,
            (0.1, 0.4),
            "there is something to select: what the loop would choose of the base's samples scores +0.250",
        ),
        (0.25, (0.0, 0.4), "there may be nothing to select: "),
        (0.25, None, "there may be nothing to select: "),
        (0.0, (0.0, 0.0), "there is nothing to select: "),
        (-0.1, (-0.2, 0.1), "there is nothing to select: "),
    ],
)
def test_it_is_told_in_plain_words(gap, ends, said):
    measures = {"verification_gap": gap, "verification_gap_tasks": 6}
    if ends:
        measures |= {"verification_gap_low": ends[0], "verification_gap_high": ends[1]}
    told = foreseen(measures)
    assert told.startswith(said)
    assert told.endswith(f" (6 tasks, 95%: {ends[0]:+.3f} to {ends[1]:+.3f})" if ends else " (6 tasks)")


def test_nothing_is_told_of_what_was_not_measured():
    assert foreseen({"sampled": 3}) == ""


def test_round_0_tells_what_keeping_what_passes_gains(tmp_path):
    base, first = run(tmp_path / "loop", SUMS).rounds
    scores = scores_by_task(tmp_path / "loop")
    assert len(scores) == 9
    gap = fmean(max(of_task) - fmean(of_task) for of_task in scores.values())
    assert base.measures["verification_gap"] == pytest.approx(gap)
    assert 0.0 < base.measures["verification_gap_low"] < gap < base.measures["verification_gap_high"]
    assert base.note.startswith("there is something to select: ")
    assert base.measures == {name: value for name, value in first.measures.items() if name.startswith("verif")}


def test_where_nothing_ever_passes_there_is_nothing_to_select_and_a_brake_stops_before_the_first_round(tmp_path):
    (tmp_path / "habits").write_text("[1]")
    hopeless = SUMS | {"base": f"{GUESSER}?habits={tmp_path / 'habits'}", "rounds": 2}
    base, *later = run(tmp_path / "free", hopeless).rounds
    assert base.note.startswith("there is nothing to select: ")
    assert (base.stopped, base.brakes, len(later)) == (False, (), 2)
    outcome = run(tmp_path / "braked", hopeless | {"brakes": {"least_gap": 0.05}})
    (base,) = outcome.rounds
    assert base.stopped
    assert base.kept
    assert base.brakes == ("there is too little to select: the verification gap is 0.000",)
    assert outcome.agent == hopeless["base"]
    with LoopFolder.open(tmp_path / "braked") as folder:
        assert improve(folder) == outcome


def test_a_gap_that_is_large_enough_brakes_nothing(tmp_path):
    assert len(run(tmp_path / "loop", SUMS | {"brakes": {"least_gap": 0.05}}).rounds) == 2


def test_of_one_sample_a_task_nothing_is_told(tmp_path):
    config = SUMS | {"sample": {"per_task": 1}, "brakes": {"least_gap": 0.9}}
    base, first = run(tmp_path / "loop", config).rounds
    assert base.measures == {}
    assert base.note == ""
    assert first.measures.keys() == {"sampled", "selected"}


def test_a_fair_judge_gains_what_the_truth_would_and_is_asked_for_it_but_once(tmp_path):
    base, first = run(tmp_path / "loop", TALKS).rounds
    gap = fmean(max(of_task) - fmean(of_task) for of_task in scores_by_task(tmp_path / "loop").values())
    assert base.measures["verification_gap"] == first.measures["verification_gap"] == pytest.approx(gap)
    # 6 held-out episodes, 24 samples and their judgements; then 6 held-out ones, and those judged beside the base's.
    judgements = base.usage.calls - 6 - 24
    assert judgements > 12
    assert first.usage.calls <= 6 + 2 * 6


@pytest.mark.parametrize("judges", ["babble", "place"])
def test_judges_who_tell_nothing_apart_have_nothing_to_select(tmp_path, judges):
    base = run(tmp_path / "loop", TALKS | {"base": f"{TALKER}?judges={judges}"}).rounds[0]
    assert base.measures["verification_gap"] == 0.0
    assert base.measures["verification_gap_tasks"] == 6
    assert base.note.startswith("there is nothing to select: ")


def test_a_judge_that_goes_by_length_gains_less_than_a_fair_one(tmp_path):
    fair, long = (
        run(tmp_path / judges, TALKS | {"loop": "meta_rewarding", "base": f"{TALKER}?judges={judges}"}).rounds[0]
        for judges in ("fair", "length")
    )
    assert long.measures["verification_gap"] < fair.measures["verification_gap"]


class FakeKill(Exception):
    """Stands for a kill."""


@pytest.mark.parametrize("config", [SUMS, TALKS], ids=lambda config: config["loop"])
@pytest.mark.parametrize("point", ["loops.contract.run_plan", "loops.drive.foreseen", "loops.folder.append_lines"])
def test_a_kill_before_the_first_round_changes_nothing(tmp_path, monkeypatch, config, point):
    def killed(*args, **kwargs):
        raise FakeKill

    whole = run(tmp_path / "whole", config).rounds
    with LoopFolder.create(tmp_path / "loop", checked_config(config, "here")) as folder:
        monkeypatch.setattr(f"rsi_agents.{point}", killed)
        with pytest.raises(FakeKill):
            improve(folder)
        monkeypatch.undo()
    with LoopFolder.open(tmp_path / "loop") as folder:
        resumed = improve(folder).rounds
    assert [(r.measures, r.note, r.held_out, r.usage) for r in resumed] == [
        (r.measures, r.note, r.held_out, r.usage) for r in whole
    ]
