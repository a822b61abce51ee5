# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`TextEnv`: what every text environment shares, so that a room holds only its own rules."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import gymnasium as gym
from gymnasium.error import ResetNeeded

from rsi_envs.core.errors import InvalidAction, InvalidOption, TaskNotFound
from rsi_envs.core.spaces import UnicodeText
from rsi_envs.core.tasks import SPLITS, Split
from rsi_envs.core.tools import Tool
from rsi_envs.core.verdict import Verdict

MAX_TEXT_LENGTH = 100_000


@dataclass(frozen=True, slots=True)
class Opening:
    """How an episode begins."""

    observation: str
    """The whole assignment; it ends with the exact form that an action must have."""
    task_id: str | None = None
    """The task that the episode poses; None where the environment has no tasks."""
    split: Split | None = None
    """The split that this task belongs to; None where the environment has no tasks."""
    legal_actions: tuple[str, ...] | None = None
    """Every action that the rules allow now; None where they are not listed."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Further JSON-serialisable entries of the info dict."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What an action led to."""

    observation: str
    """Only what is new since the last observation."""
    reward: float = 0.0
    """This step's share of the episode's reward."""
    terminated: bool = False
    """Whether the episode has come to its own end."""
    truncated: bool = False
    """Whether a limit outside the task ended the episode."""
    verdict: Verdict | None = None
    """Given with the step that ends the episode, and only then."""
    malformed: str | None = None
    """Why the action could not be read; None when it could."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    """Further finite numbers, for logs."""
    legal_actions: tuple[str, ...] | None = None
    """Every action that the rules allow next; None where they are not listed."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Further JSON-serialisable entries of the info dict."""


class TextEnv(gym.Env[str, str]):
    """A Gymnasium environment whose observations and actions are text.

    A subclass gives `_open` and `_respond` (and `_refuse`, for what it can't read), and `_preview` where an action can
    be tried; this class gives the spaces, the order of calls, the info dicts and the transcript.

    Both spaces hold any Unicode text of up to `MAX_TEXT_LENGTH` (100,000) code points. Every step's info is a
    fresh JSON-serialisable dict with the keys `task_id`, `split`, `tools`, `malformed` and `metrics`; the last one
    has `verdict` too. An environment that can list the legal actions adds them as `legal_actions`.

    Args:
        render_mode: "ansi" makes `render` return the transcript so far; None renders nothing.
        split: The split that `reset` draws tasks from, "train" or "test".

    Raises:
        InvalidOption: A render mode or split that is not among these.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012 - as Gymnasium declares it
        "render_modes": ["ansi"],
        "render_fps": 1,
    }
    system_prompt: str = ""
    """What to tell a model before the first observation; empty when nothing need be said."""
    tools: Sequence[Tool] = ()
    """What an agent may call here, in order; empty where there is nothing to call."""

    def __init__(self, *, render_mode: str | None = None, split: Split = "train") -> None:
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            raise InvalidOption(f"render_mode {render_mode!r} is not among {self.metadata['render_modes']} or None")
        if split not in SPLITS:
            raise InvalidOption(f"split {split!r} is not among {list(SPLITS)}")
        self.render_mode = render_mode
        self.split: Split = split
        self.observation_space = UnicodeText(MAX_TEXT_LENGTH)
        self.action_space = UnicodeText(MAX_TEXT_LENGTH)
        self._transcript: list[tuple[str, str]] = []
        self._opening = Opening("")
        self._over = True

    @abstractmethod
    def _open(self, task_id: str | None) -> Opening:
        """Begins an episode on this task, or on one drawn with `self.np_random` when `task_id` is None."""

    @abstractmethod
    def _respond(self, action: str) -> Turn:
        """Plays one action that belongs to the action space."""

    @abstractmethod
    def _refuse(self, reason: str) -> Turn:
        """Answers an action that can't be read; `Turn.malformed` of the result is `reason`."""

    def task_ids(self, split: Split | None = None) -> tuple[str, ...]:
        """Lists the ids that `reset(options={"task_id": …})` takes, in order; empty for an endless generator."""
        return ()

    def reference_action(self, level: str) -> str:
        """Gives the action that plays the current task's reference of this level.

        Raises:
            TaskNotFound: The task has no such reference; the message lists those it has.
            ResetNeeded: No episode has begun.
        """
        raise TaskNotFound(f"{type(self).__name__} has no references")

    def reference_worth(self) -> Mapping[str, float]:
        """Gives what each reference of the current task is known to be worth, in [0, 1], by its level.

        References whose worth differs can examine whoever judges texts. Levels of which nothing is known are left out.

        Raises:
            ResetNeeded: No episode has begun.
        """
        return {}

    @property
    def previews(self) -> bool:
        """Whether actions can be tried here before one is played; see `preview`."""
        return type(self)._preview is not TextEnv._preview

    def preview(self, action: str) -> float | None:
        """Tells how far an action meets what the agent was shown, without playing it.

        Only what an agent could find out by itself goes into it, such as examples in the assignment; what decides the
        verdict beyond that stays hidden. The episode, its seeds and its counts stay as they are.

        Returns:
            A share in [0, 1]; 0 for an action that can't be read. None where nothing was shown to measure it by.

        Raises:
            ResetNeeded: No episode has begun, or it is over.
            EnvironmentFault: What tries the action broke.
        """
        if self._over:
            raise ResetNeeded("no action can be tried now; call reset() first")
        if self.previews and len(action) > MAX_TEXT_LENGTH:
            return 0.0
        return self._preview(action)

    def _preview(self, action: str) -> float | None:
        """Tries one action that belongs to the action space."""
        return None

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        """Begins an episode.

        Args:
            seed: Seeds the draw of the task and everything random in the episode; None goes on from before.
            options: May hold "task_id", to play that task whatever its split.

        Returns:
            The assignment and the info dict.

        Raises:
            InvalidOption: An unknown option.
            TaskNotFound: No task has this id, or the split is empty.
        """
        super().reset(seed=seed)
        unknown = set(options or {}) - {"task_id"}
        if unknown:
            raise InvalidOption(f"reset takes the option 'task_id', not {sorted(unknown)}")
        self._over = True
        opening = self._open((options or {}).get("task_id"))
        self._over = False
        self._opening = opening
        self._transcript = [("environment", opening.observation)]
        return opening.observation, self._info(legal_actions=opening.legal_actions, extra=opening.extra)

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Plays one action.

        Args:
            action: The agent's raw reply. One longer than the action space allows is malformed, not an error.

        Raises:
            InvalidAction: The action is no string.
            ResetNeeded: No episode has begun, or it is over.
            EnvironmentFault: The environment broke (see the environment's card).
        """
        if not isinstance(action, str):
            raise InvalidAction(f"an action here is a str, not {type(action).__name__}")
        if self._over:
            raise ResetNeeded("the episode is over; call reset() before step()")
        if len(action) > MAX_TEXT_LENGTH:
            turn = self._refuse(f"the reply has {len(action)} characters; at most {MAX_TEXT_LENGTH} are read")
        else:
            turn = self._respond(action)
        if len(turn.observation) > MAX_TEXT_LENGTH:
            turn = replace(turn, observation=turn.observation[: MAX_TEXT_LENGTH - 1] + "…")
        self._over = turn.terminated or turn.truncated
        self._transcript += [("agent", action), ("environment", turn.observation)]
        info = self._info(turn, turn.legal_actions, turn.extra)
        return turn.observation, turn.reward, turn.terminated, turn.truncated, info

    def render(self) -> str | None:
        """Returns the transcript as text in mode "ansi", else None."""
        if self.render_mode is None:
            return None
        return "\n\n".join(f"[{speaker}]\n{text}" for speaker, text in self._transcript)

    def _info(
        self,
        turn: Turn | None = None,
        legal_actions: tuple[str, ...] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        info: dict[str, Any] = {
            "task_id": self._opening.task_id,
            "split": self._opening.split,
            "tools": [tool.schema() for tool in self.tools],
            "malformed": turn.malformed if turn else None,
            "metrics": dict(turn.metrics) if turn else {},
        }
        if turn and turn.verdict:
            info["verdict"] = turn.verdict.as_dict()
        if legal_actions is not None:
            info["legal_actions"] = list(legal_actions)
        return info | dict(extra or {})
