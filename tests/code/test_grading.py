# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A program earns what its results are worth, and no trick earns more."""

from __future__ import annotations

from pathlib import Path

import pytest

from rsi_envs.code.grading import Grader
from rsi_envs.code.loading import parse_task
from rsi_envs.code.reward import judge
from rsi_envs.code.types import CodeTask
from rsi_envs.core.errors import ReferenceFailed
from rsi_sandboxes import Sandbox, WorldLost
from rsi_sandboxes.fake import FakeSandbox

SLOW = "def add(a, b):\n    for _ in range(200000): pass\n    return a + b\n"
FAST = "def add(a, b):\n    for _ in range(20000): pass\n    return a + b\n"
ADD = parse_task(
    {
        "id": "add",
        "entry_point": "add",
        "signature": "def add(a: int, b: int) -> int",
        "statement": "Return the sum of a and b.",
        "examples": ">>> add(3, 4)\n7\n",
        "edge_tests": ">>> add(1, 2)\n3\n>>> add(-1, 6)\n5\n>>> add(2, 2)\n4\n",
        "generator": "def tests(rng):\n    for _ in range(5): yield (rng.randint(5, 99), rng.randint(5, 99))\n"
        "def timed(rng):\n    for _ in range(3): yield (rng.randint(5, 99), rng.randint(5, 99))\n",
        "references": [{"level": "slow", "program": SLOW}, {"level": "fast", "program": FAST}],
        "time_limit_s": 1.0,
    }
)
CHECKED = parse_task(
    {
        "id": "checked",
        "entry_point": "add",
        "statement": "Return the sum of a and b.",
        "check": "def check(candidate):\n    assert candidate(1, 2) == 3\n    assert candidate(-1, 1) == 0\n"
        "    assert add(2, 2) == 4\n",
    }
)

# Each computes nothing right and tries to be graded as right all the same.
FORGERIES = {
    "prints_what_the_grader_prints": """
import json, os
lines = ['= 3', '{"value": "3", "error": null, "ended": null, "seconds": 0.0}', '{"passed": true, "why": ""}']
for fd in range(1, 64):
    for line in lines:
        try: os.write(fd, (line + '\\n').encode())
        except OSError: pass
def add(a, b): return 0
""",
    "answers_before_it_is_asked": """
import os
def add(a, b):
    os.write(4, b'= 3\\n= 0\\n= 4\\n')
    return 0
""",
    "exits_with_zero": "import os\ndef add(a, b): os._exit(0)\n",
    "exits_while_loading": "import os\nos._exit(0)\n",
    "raises_system_exit": "def add(a, b): raise SystemExit(0)\n",
    "returns_an_object_equal_to_all": """
class Any:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0
def add(a, b): return Any()
""",
    "returns_an_int_equal_to_all": """
class Any(int):
    def __eq__(self, other): return True
def add(a, b): return Any(0)
""",
    "reads_the_graders_files": """
import os
def texts():
    for pid in filter(str.isdigit, os.listdir('/proc')):
        for name in ('cmdline', 'environ', 'maps', 'mem'):
            try: yield open(f'/proc/{pid}/{name}', 'rb').read(100000)
            except OSError: pass
        for fd in range(20):
            try:
                opened = os.open(f'/proc/{pid}/fd/{fd}', os.O_RDONLY | os.O_NONBLOCK)
                yield os.read(opened, 100000)
            except OSError: pass
SEEN = b''.join(texts())
def add(a, b): return 7 if b'add(3, 4)' in SEEN else 0
""",
    "patches_builtins": """
import builtins, json
builtins.repr = lambda value: 'True'
builtins.eval = builtins.exec = lambda *arguments: 3
json.dumps = lambda value: '3'
builtins.isinstance = lambda *arguments: True
def add(a, b): return 0
""",
    "kills_its_grader": "import os\ndef add(a, b):\n    os.kill(-1, 9)\n    os.kill(os.getppid(), 9)\n",
    "floods_its_channel": "import os\nwhile True: os.write(4, b'= 3' * 1000)\n",
    "forks_and_answers_twice": """
import os
def add(a, b):
    os.fork()
    return a - b
""",
    "lies_in_repr": """
class Sum:
    def __init__(self, a): self.a = a
    def __repr__(self): return str(self.a)
def add(a, b): return Sum(a)
""",
}


@pytest.mark.parametrize("name", FORGERIES)
@pytest.mark.parametrize("task", [ADD, CHECKED], ids=lambda task: task.id)
def test_a_forgery_gains_nothing(name: str, task: CodeTask, sandbox: Sandbox) -> None:
    grade = Grader(sandbox).grade(task, FORGERIES[name])
    # No case has a sum of 0, or equal to its first number.
    assert grade.correctness == 0
    assert grade.first_failure


def test_shared_hostile_graders_fail(quick_sandbox: Sandbox) -> None:
    attacks = Path(__file__).parents[2].parent / "shared" / "attacks"
    if not attacks.is_dir():
        pytest.skip("the shared attack programs are not beside this checkout")
    for attack in sorted(attacks.glob("grade_*.py")):
        assert not judge(ADD, Grader(quick_sandbox).grade(ADD, attack.read_text())).passed, attack.name


PATCHED_CLOCK = """
import time
for name in ('time', 'perf_counter', 'monotonic', 'process_time', 'perf_counter_ns', 'time_ns', 'monotonic_ns'):
    setattr(time, name, lambda: 0)
"""


def test_a_patched_clock_gains_no_time(quick_sandbox: Sandbox) -> None:
    honest = Grader(quick_sandbox).grade(ADD, SLOW)
    forged = Grader(quick_sandbox).grade(ADD, PATCHED_CLOCK + SLOW)
    assert honest.seconds is not None
    assert forged.seconds is not None
    assert forged.seconds > honest.seconds / 2


SABOTEUR = """
import os, signal
if os.fork() == 0:
    os.setsid()
    while True:
        for pid in filter(str.isdigit, os.listdir('/proc')):
            if int(pid) != os.getpid():
                try: os.kill(int(pid), signal.SIGSTOP); os.kill(int(pid), signal.SIGCONT)
                except OSError: pass
"""


def test_a_daemon_of_the_program_cannot_slow_the_references_down(quick_sandbox: Sandbox) -> None:
    honest = dict(Grader(quick_sandbox).grade(ADD, FAST).reference_seconds)
    grade = Grader(quick_sandbox).grade(ADD, SABOTEUR + FAST)
    if grade.correctness == 1:
        assert dict(grade.reference_seconds)["fast"] < 3 * honest["fast"]


def test_faster_programs_score_higher_beyond_the_best_reference(quick_sandbox: Sandbox) -> None:
    grader = Grader(quick_sandbox)
    programs = [SLOW, FAST, "def add(a, b): return a + b\n"]
    verdicts = [judge(ADD, grader.grade(ADD, program)) for program in programs]
    scores = [verdict.score or 0.0 for verdict in verdicts]
    assert scores == sorted(scores)
    assert scores[0] > 0.5
    assert scores[2] > 0.9
    beaten = [verdict.references_beaten or 0 for verdict in verdicts]
    assert beaten == sorted(beaten)
    assert beaten[0] < 2
    assert beaten[2] == 2


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("def add(a, b): return a - b", "returned -1"),
        ("def add(a, b): return [a + b]", "returned [3]"),
        ("def add(a, b): return str(a + b)", "returned '3'"),
        ("def add(a, b): return a + b + 0.5", "returned 3.5"),
        ("def add(a, b): raise ValueError('no')", "raised ValueError: no (line 1 of the program)"),
        ("def add(a): return a", "raised TypeError"),
        ("def sub(a, b): return a + b", "the program defines no 'add'"),
        ("def add(a, b): return a +", "raised SyntaxError"),
        ("def add(a, b):\n    while True: pass", "no answer within 1 s"),
        ("def add(a, b): return bytes(5000000)", "more than"),
        ("import os\ndef add(a, b): os.abort()", "signal 6"),
        ("held = []\nwhile True: held.append(bytearray(b'x' * 10**7))", "MiB of memory"),
    ],
)
def test_a_failure_is_named(program: str, why: str, quick_sandbox: Sandbox) -> None:
    grade = Grader(quick_sandbox).grade(ADD, program)
    assert grade.correctness == 0
    assert why in (grade.first_failure or "")


def test_a_program_that_hangs_now_and_then_keeps_its_other_tests(quick_sandbox: Sandbox) -> None:
    program = "def add(a, b):\n    while a < 0: pass\n    return a + b\n"
    grade = Grader(quick_sandbox).grade(ADD, program)
    assert [outcome.passed for outcome in grade.outcomes].count(False) == 1


def test_subclasses_of_plain_types_count_as_plain(quick_sandbox: Sandbox) -> None:
    task = parse_task(
        {
            "id": "count",
            "entry_point": "count",
            "statement": "Count.",
            "edge_tests": ">>> count('aab')\n{'a': 2, 'b': 1}\n",
        }
    )
    program = "from collections import Counter\ndef count(text): return Counter(text)"
    assert Grader(quick_sandbox).grade(task, program).correctness == 1


def test_test_code_sees_results_as_plain_data_and_errors_as_errors(quick_sandbox: Sandbox) -> None:
    right = Grader(quick_sandbox).grade(CHECKED, "def add(a, b): return a + b")
    wrong = Grader(quick_sandbox).grade(CHECKED, "def add(a, b): return a")
    broken = Grader(quick_sandbox).grade(CHECKED, "def add(a, b): return 1 / 0")
    assert (right.correctness, wrong.correctness, broken.correctness) == (1, 0, 0)
    assert "AssertionError" in (wrong.first_failure or "")
    assert "ZeroDivisionError" in (broken.first_failure or "")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            {"references": [{"level": "best", "program": "def add(a, b): return a"}]},
            r"returns 1 for add\(1, 2\), not 3",
        ),
        ({"references": [{"level": "best", "program": "def add(a): return a"}]}, "'best'.*TypeError"),
        ({"references": [{"level": "best", "program": "import nothing"}]}, "'best'.*ModuleNotFoundError"),
        ({"generator": "def tests(rng): yield 3"}, "must yield tuples"),
        ({"generator": "1 / 0"}, "generator failed: raised ZeroDivisionError"),
    ],
)
def test_a_task_whose_reference_fails_is_an_error(
    change: dict[str, object], problem: str, quick_sandbox: Sandbox
) -> None:
    row = ADD.model_dump(exclude={"examples", "edge_tests"}) | {"edge_tests": ">>> add(1, 2)\n3\n"}
    with pytest.raises(ReferenceFailed, match=problem):
        Grader(quick_sandbox).grade(parse_task({**row, **change}), FAST)


def test_a_lost_world_is_no_verdict() -> None:
    def lose(job: object) -> None:
        raise WorldLost("gone")

    with pytest.raises(WorldLost):
        Grader(FakeSandbox(lose)).grade(CHECKED, FAST)  # type: ignore[arg-type]
