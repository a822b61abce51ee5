# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Runs made by hand, for reports about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rsi_agents import EpisodeRecord, Plan, RunFolder
from rsi_agents.faults import Fault
from rsi_agents.rollout import Step
from rsi_envs.core.budget import Usage
from rsi_envs.core.verdict import Verdict
from tests.agents.adding_env import ADDING_ANYWHERE

STARTED = "2026-01-02T03:04:05+00:00"


def make_run(
    folder: Path,
    records: Iterable[EpisodeRecord],
    *,
    env_id: str = ADDING_ANYWHERE,
    agents: Sequence[str] = (),
    **plan: Any,
) -> Path:
    """Writes a run; the plan's agents are the records' unless given."""
    held = list(records)
    names = tuple(agents) or tuple(dict.fromkeys(record.agent for record in held)) or ("a",)
    episodes = plan.pop("episodes", max([record.index for record in held], default=0) + 1)
    with RunFolder.create(folder, Plan(env_id, names, episodes, **plan)) as run:
        for record in held:
            run.append(record)
    return folder


def episode(agent: str = "a", index: int = 0, **fields: Any) -> EpisodeRecord:
    """An episode of one step; `score`, `text` and `sections` stand for what they make."""
    score, text = fields.pop("score", 1.0), fields.pop("text", "an answer")
    sections = fields.pop("sections", None)
    info: dict[str, Any] = {"task_id": fields.get("task_id", f"task-{index}")}
    if sections is not None:
        info["sections"] = sections
    verdict = fields.pop("verdict", Verdict(score=score, passed=score > 0.5, parts={"correctness": score}))
    step = Step(text, verdict.score or 0.0 if verdict else 0.0, True, False, "Done.", {})
    given = {
        "task_id": f"task-{index}",
        "seed": index,
        "started": STARTED,
        "wall_s": 1.25,
        "usage": Usage(100, 20, 0.001, 1),
        "observation": "A question.",
        "info": info,
        "steps": (step,),
        "verdict": verdict,
    }
    return EpisodeRecord(agent=agent, index=index, **{**given, **fields})


def fault(agent: str = "a", index: int = 0, *, message: str = "the sandbox is gone") -> EpisodeRecord:
    """An episode that broke."""
    broken = Fault("EnvironmentFault", message, "environment", f"Traceback …\nEnvironmentFault: {message}\n")
    return EpisodeRecord(agent, f"task-{index}", index, index, STARTED, 0.5, Usage(), fault=broken)


def unscored(agent: str = "a", index: int = 0, *, reason: str = "the judge is unreachable") -> EpisodeRecord:
    """An episode that could not be judged."""
    return episode(agent, index, verdict=Verdict(unscored=reason))


HOSTILE = (
    "<script>window.pwned = 1</script></script><script>window.pwned = 2</script>",
    "<img src=x onerror='window.pwned = 3'><svg onload='window.pwned = 4'>",
    "<a href='javascript:window.pwned = 5'>press</a><iframe src='http://198.51.100.7/'></iframe>",
    "{{ 7 * 7 }}{% include 'report.html' %}${window.pwned = 6}<!-- --><![CDATA[",
    "lone \ud800 surrogate, NUL \x00, red \x1b[31mANSI\x1b[0m, turned \u202egnp.exe\u202c, BOM \ufeff",
    "</textarea></title></style><style>*{display:none}</style><meta http-equiv=refresh content='0;url=http://198.51.100.7/'>",
)
"""What agents might say to a reader's browser."""

SECTIONS: list[tuple[str, dict[str, Any]]] = [
    (
        "Conversation",
        {
            "title": "Conversation",
            "messages": [
                {"role": "environment", "text": "Which number?"},
                {"role": "agent", "text": '{"name": "look", "arguments": {}}', "call": "look"},
                {"role": "environment", "text": "It is odd."},
                {"role": "agent", "text": "seven, I say", "malformed": "no number"},
            ],
        },
    ),
    (
        "Program",
        {
            "title": "The program",
            "source": "def double(number):\n    return number * 2\n",
            "checks": [
                {"name": "double(2) is 4", "passed": True},
                {"name": "double('a')", "passed": False, "detail": "got 'aa'"},
                {"name": "double(10**9)", "passed": None, "detail": "no time left"},
            ],
        },
    ),
    (
        "Writing",
        {
            "title": "The text",
            "text": "It was a dark and stormy night.\n\nThe rain fell.",
            "checks": [{"name": "at most 20 words", "passed": True, "detail": "10"}],
        },
    ),
    (
        "Votes",
        {
            "title": "The panel",
            "votes": [
                {"judge": "llm:one", "ranking": "A > B", "rationale": "A is clearer."},
                {"judge": "llm:two", "ranking": "", "rationale": "", "abstained": "no ranking could be read"},
            ],
            "health": {"abstentions": 0.5, "swap_consistency": 1.0},
        },
    ),
    ("Table", {"title": "Levels", "columns": ["level", "worth"], "rows": [["good", "0.9"], ["poor", "0.1"]]}),
    (
        "Board",
        {
            "title": "The game",
            "positions": [
                "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1",
                "rnbqkbnr/pppppppp/8/8/4P3/8/PPPP1PPP/RNBQKBNR b KQkq - 0 1",
                "rnbqkbnr/pppp1ppp/8/4p3/4P3/8/PPPP1PPP/RNBQKBNR w KQkq - 0 2",
                "rnbqkbnr/pppp1ppp/8/4p3/4P3/5N2/PPPP1PPP/RNBQKB1R b KQkq - 1 2",
            ],
            "moves": ["e4", "e5", "Nf3"],
            "evaluations": [0.5, 0.55, None, 0.6],
        },
    ),
]
"""One of each kind of section."""
