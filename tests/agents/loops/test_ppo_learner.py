# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Masked policy gradients learn a game from its own games: the same every time, and better than untrained."""

from __future__ import annotations

import sys

import gymnasium as gym
import numpy as np
import pytest

from rsi_agents import make_agent, open_environment, rollout
from rsi_agents.arena.two_players import TWO_PLAYERS
from rsi_agents.errors import EnvironmentNotFound, InvalidLoop, UnfitEnvironment
from rsi_agents.loops.config import checked_config
from rsi_agents.loops.drive import improve
from rsi_agents.loops.folder import LoopFolder
from rsi_agents.loops.ppo_learner import MaskablePPOLearner, _Games
from rsi_agents.loops.table import make_loop
from rsi_envs.core.errors import InvalidOption, MissingExtra
from tests.agents.adding_env import ADDING_ANYWHERE
from tests.agents.arena import nim
from tests.components import need

LEARNER = "rsi_agents.loops.ppo_learner:MaskablePPOLearner"
STICKS = {"game": nim.NIM, "side": "alternate", "sticks": 5}
ALGORITHM = {
    "n_steps": 64,
    "batch_size": 128,
    "n_epochs": 8,
    "learning_rate": 3e-3,
    "gamma": 0.95,
    "policy_kwargs": {"net_arch": [32]},
}
CONFIG = {
    "loop": "self_play",
    "env": TWO_PLAYERS,
    "env_args": STICKS | {"opponent": "random"},
    "base": "random",
    "rounds": 3,
    "held_out": {"split": "", "tasks": 20},
    "brakes": {"patience": 9},
    "settings": {
        "learner": LEARNER,
        "plies": 1024,
        "options": {"env": TWO_PLAYERS, "env_args": STICKS, "algorithm": ALGORITHM},
    },
}


def nim_learner(**options):
    need("rl")
    return MaskablePPOLearner(**{"env": TWO_PLAYERS, "env_args": STICKS, "algorithm": ALGORITHM} | options)


def weights(state):
    """Everything that learning goes on from: the policy's numbers and its optimizer's."""
    from sb3_contrib import MaskablePPO

    held = MaskablePPO.load(state, device="cpu").get_parameters()
    moments = held["policy.optimizer"]["state"]
    return {name: value.numpy() for name, value in held["policy"].items()} | {
        f"{name}{i}": np.asarray(value) for i, one in moments.items() for name, value in one.items()
    }


def same(one, other):
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


def score(agent, opponent, games=40):
    env = open_environment(TWO_PLAYERS, STICKS | {"opponent": opponent})
    played = [rollout(env, make_agent(agent), seed=seed).verdict.score for seed in range(games)]
    env.close()
    return sum(played) / games


def test_a_policy_that_has_learned_from_its_own_games_beats_the_untrained_one(tmp_path):
    learner = nim_learner()
    learner.begin(tmp_path / "0", seed=0)
    told = [
        learner.learn(
            tmp_path / str(i), [tmp_path / str(j) for j in range(i)], tmp_path / str(i + 1), seed=i, plies=3000
        )
        for i in range(3)
    ]
    untrained, trained = (learner.agent(tmp_path / number) for number in "03")
    assert score(trained, "random") >= score(untrained, "random") + 0.2
    assert score(trained, f"{untrained}?deterministic=false") >= 0.8
    for one in told:
        assert one["plies"] == 3072  # three times 64 turns and their answers on each of 8 boards
        assert one["games"] > 300
        assert 0.3 < one["won"] < 0.9
        assert one["drawn"] == 0
        assert one["length"] == one["plies"] / one["games"]
        assert one["value_loss"] > 0 != one["policy_loss"]


def test_the_same_arguments_give_the_same_policy(tmp_path):
    learner = nim_learner()
    for name, seed in (("a", 1), ("b", 1), ("other", 2)):
        learner.begin(tmp_path / name, seed=seed)
    began = weights(tmp_path / "a")
    assert same(began, weights(tmp_path / "b"))
    assert not same(began, weights(tmp_path / "other"))
    told = {
        name: learner.learn(tmp_path / "a", [tmp_path / "other"], tmp_path / name, seed=seed, plies=1024)
        for name, seed in (("c", 5), ("d", 5), ("e", 6))
    }
    assert told["c"] == told["d"] != told["e"]
    assert same(weights(tmp_path / "c"), weights(tmp_path / "d"))
    assert not same(weights(tmp_path / "c"), weights(tmp_path / "e"))
    assert same(began, weights(tmp_path / "a"))


def test_nobody_elses_randomness_and_threads_are_touched(tmp_path):
    need("rl")
    import torch

    torch.manual_seed(3)
    np.random.seed(3)
    before = torch.get_rng_state(), np.random.get_state()[1].tolist(), torch.get_num_threads()
    learner = nim_learner(boards=2)
    learner.begin(tmp_path / "a", seed=0)
    learner.learn(tmp_path / "a", [], tmp_path / "b", seed=0, plies=64)
    assert torch.equal(before[0], torch.get_rng_state())
    assert (before[1], before[2]) == (np.random.get_state()[1].tolist(), torch.get_num_threads())


def test_learning_goes_on_where_it_stood(tmp_path):
    learner = nim_learner()
    learner.begin(tmp_path / "a", seed=0)
    learner.learn(tmp_path / "a", [], tmp_path / "b", seed=1, plies=1024)
    learner.learn(tmp_path / "b", [], tmp_path / "c", seed=2, plies=1024)
    steps = [weights(tmp_path / name).get("step0", 0) for name in "abc"]
    assert steps == [0, 32, 64]  # 512 turns in batches of 128, eight times


def test_past_generations_sit_at_their_share_of_the_boards(tmp_path, monkeypatch):
    seated = []
    learner = nim_learner(boards=4)
    learner.begin(tmp_path / "now", seed=0)
    for name in ("old", "older"):
        learner.begin(tmp_path / name, seed=1)

    def noted(env_id, kwargs):
        seated.append(kwargs["opponent"])
        return open_environment(env_id, kwargs)

    monkeypatch.setattr("rsi_agents.loops.ppo_learner.open_environment", noted)

    def opponents(share, rivals):
        learner = nim_learner(boards=4, share=share)
        seated.clear()
        learner.learn(tmp_path / "now", [tmp_path / name for name in rivals], tmp_path / "next", seed=0, plies=1)
        assert all(name.startswith(f"sb3:{tmp_path}/") and name.endswith("?deterministic=false") for name in seated)
        return [name.partition("?")[0].rpartition("/")[2] for name in seated]

    assert opponents(0.75, ["old", "older"]) == ["old", "older", "old", "now"]
    assert opponents(0.25, ["old", "older"]) == ["old", "now", "now", "now"]
    assert opponents(0.0, ["old"]) == opponents(1.0, []) == ["now"] * 4


def test_chess_is_learned_too(tmp_path):
    env_args = {"observation": "light", "color": "alternate", "max_plies": 8}
    learner = nim_learner(
        env="rsi/Chess-v0", env_args=env_args, boards=2, algorithm={"n_steps": 16, "batch_size": 16, "n_epochs": 1}
    )
    learner.begin(tmp_path / "a", seed=0)
    told = learner.learn(tmp_path / "a", [], tmp_path / "b", seed=0, plies=64)
    assert (told["plies"], told["drawn"]) == (64, 1.0)
    env = open_environment("rsi/Chess-v0", env_args | {"opponent": learner.agent(tmp_path / "a")})
    assert rollout(env, make_agent(learner.agent(tmp_path / "b")), seed=0).verdict.score == 0.5
    env.close()


class FakeKill(Exception):
    """Stands for a kill at a point that the test chooses."""


@pytest.mark.parametrize("target", ["rsi_agents.loops.ppo_learner._save", "rsi_agents.loops.contract.run_plan"])
def test_a_loop_that_is_killed_in_a_round_learns_the_same(tmp_path, monkeypatch, target):
    need("rl")
    with LoopFolder.create(tmp_path / "whole", checked_config(CONFIG, "here")) as folder:
        whole = improve(folder)
    with LoopFolder.create(tmp_path / "loop", checked_config(CONFIG, "here")) as folder:

        def killed(*args, **kwargs):
            raise FakeKill

        with pytest.raises(FakeKill):
            improve(folder, on_round=lambda record: record.number == 2 and monkeypatch.setattr(target, killed))
        monkeypatch.undo()
        assert len(folder.rounds()) == 3
    with LoopFolder.open(tmp_path / "loop") as folder:
        resumed = improve(folder)
    assert [(r.number, r.held_out, r.kept, r.measures) for r in resumed.rounds] == [
        (r.number, r.held_out, r.kept, r.measures) for r in whole.rounds
    ]
    last = [tmp_path / name / "round-003/generation/state" for name in ("whole", "loop")]
    assert same(*map(weights, last))
    assert [record.measures["games"] > 0 for record in whole.rounds[1:]] == [True] * 3
    assert make_agent(f"sb3:{tmp_path / 'loop/round-001/beginning'}")


class UnmaskedEnv(gym.Env):
    """Has a seat for an opponent, and numbers, but tells no mask."""

    observation_space, action_space = gym.spaces.Box(0, 1, (1,), np.float32), gym.spaces.Discrete(2)

    def __init__(self, *, opponent="random", render_mode=None):
        pass

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return np.zeros(1, np.float32), {}


UNMASKED = "test/Unmasked-v0"
gym.register(UNMASKED, entry_point=UnmaskedEnv)


@pytest.mark.parametrize(
    ("options", "error", "problem"),
    [
        (
            {"env": UNMASKED, "env_args": {}},
            InvalidLoop,
            rf"{UNMASKED} tells no legal actions as info\['action_mask'\]",
        ),
        ({"env_args": {"game": nim.UNMASKED}}, InvalidLoop, "tells no legal actions"),
        ({"env": ADDING_ANYWHERE, "env_args": {}}, InvalidLoop, "takes no argument 'opponent'"),
        ({"env": "rsi/ChessText-v0", "env_args": {}}, UnfitEnvironment, "numbered actions, but rsi/ChessText-v0 shows"),
        ({"env": "rsi/Ches-v0", "env_args": {}}, EnvironmentNotFound, "the nearest is 'rsi/Chess-v0'"),
        ({"env_args": STICKS | {"side": "third"}}, InvalidLoop, "side is 'third'"),
        ({"env_args": STICKS | {"opponent": "random"}}, InvalidOption, "leave 'opponent' out of env_args"),
        ({"algorithm": {"n_step": 5}}, InvalidLoop, "does not take .*unexpected keyword argument 'n_step'"),
        ({"algorithm": {"seed": 5}}, InvalidLoop, "multiple values for keyword argument 'seed'"),
        ({"algorithm": {"policy": "BestPolicy"}}, InvalidLoop, "BestPolicy unknown"),
        ({"boards": 0}, InvalidOption, "boards is 0; it must be an integer of at least 1"),
        ({"share": 1.5}, InvalidOption, "share is 1.5; it must be from 0 to 1"),
    ],
)
def test_what_can_not_be_learned_is_told_before_any_round(options, error, problem):
    with pytest.raises(error, match=problem):
        nim_learner(**options)
    if error is InvalidOption:
        settings = CONFIG["settings"] | {"options": CONFIG["settings"]["options"] | options}
        with pytest.raises(InvalidLoop, match=problem):
            make_loop(checked_config(CONFIG | {"settings": settings}, "here"))


def test_without_its_packages_it_names_their_extra(monkeypatch):
    for package in ("torch", "sb3_contrib", "stable_baselines3"):
        monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=r"pip install 'rsi-envs\[rl\]'"):
        make_loop(checked_config(CONFIG, "here"))


def test_games_that_end_without_a_verdict_are_named():
    with pytest.raises(InvalidLoop, match=r"a game ended without info\['verdict'\]"):
        _Games().note({"dones": [False, True], "infos": [{}, {}]}, {})
