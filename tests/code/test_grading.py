# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A program earns what its results are worth, and no trick earns more."""

from __future__ import annotations

import pytest

from rsi_envs.code.grading import Grader
from rsi_envs.code.loading import parse_task
from rsi_envs.code.reward import judge
from rsi_envs.code.types import CodeTask
from rsi_envs.core.errors import ReferenceFailed
from rsi_sandboxes import Sandbox, WorldLost
from rsi_sandboxes.fake import FakeSandbox

SLOW = "def add(a, b):\n    for _ in range(2_000_000): pass\n    return a + b\n"
FAST = "def add(a, b):\n    for _ in range(200_000): pass\n    return a + b\n"
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

FLOATS = parse_task({"id": "mean", "entry_point": "add", "statement": "Add.", "edge_tests": ">>> add(1, 2)\n3.0\n"})

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


PATCHED_CLOCK = """
import time
for name in ('time', 'perf_counter', 'monotonic', 'process_time', 'perf_counter_ns', 'time_ns', 'monotonic_ns'):
    setattr(time, name, lambda: 0)
"""


def test_a_patched_clock_gains_no_time(quick_sandbox: Sandbox) -> None:
    # A busy machine makes times longer, so the shortest honest one is compared with the longest forged one.
    honest = [Grader(quick_sandbox).grade(ADD, SLOW).seconds for _ in range(3)]
    forged = [Grader(quick_sandbox).grade(ADD, PATCHED_CLOCK + SLOW).seconds for _ in range(3)]
    assert max(filter(None, forged)) > min(filter(None, honest)) / 2


SABOTEURS = {
    "slows_what_comes_after_it": """
import os
for pid in filter(str.isdigit, os.listdir('/proc')):
    try:
        os.setpriority(os.PRIO_PROCESS, int(pid), 19)
        os.sched_setscheduler(int(pid), os.SCHED_IDLE, os.sched_param(0))
    except OSError: pass
""",
    "leaves_hogs": """
import os, time
for _ in range(40):
    if os.fork() == 0:
        held = bytearray(b'x' * 5_000_000)
        time.sleep(60)
""",
}


@pytest.mark.parametrize("name", SABOTEURS)
def test_a_program_cannot_reach_the_references(name: str, quick_sandbox: Sandbox) -> None:
    # A busy machine makes times longer now and then; a saboteur would every time.
    honest = min(dict(Grader(quick_sandbox).grade(ADD, FAST).reference_seconds)["fast"] for _ in range(3))
    grades = [Grader(quick_sandbox).grade(ADD, SABOTEURS[name] + FAST) for _ in range(3)]
    sabotaged = [dict(grade.reference_seconds)["fast"] for grade in grades if grade.correctness == 1]
    assert not sabotaged or min(sabotaged) < 3 * honest


WORK = "\ndef work(a, b):\n    for _ in range(3_000_000): pass\n    return a + b\n"
# Each does the work, honestly takes its time, and tries not to have it counted.
STOPPED_CLOCKS = {
    "remembers_on_disk_what_it_was_asked_before": WORK
    + """
import os
def add(a, b):
    name = f'/tmp/{a}_{b}'
    if not os.path.exists(name):
        open(name, 'w').write(str(work(a, b)))
    return int(open(name).read())
""",
    "stops_its_grader_while_it_works": WORK
    + """
import inspect, os, signal, time
frame = inspect.currentframe()
while 'waiting' not in frame.f_locals: frame = frame.f_back
calls = list(frame.f_locals['waiting'])
os.write(4, b'=\\n')
time.sleep(0.001)
os.kill(os.getppid(), signal.SIGSTOP)
known = {arguments: work(*arguments) for arguments, named in calls}
os.kill(os.getppid(), signal.SIGCONT)
def add(a, b): return known.get((a, b), a + b)
""",
    "works_in_a_thread_between_calls": WORK
    + """
import inspect, threading
frame = inspect.currentframe()
while 'waiting' not in frame.f_locals: frame = frame.f_back
known = {}
def ahead(calls=list(frame.f_locals['waiting'])):
    for arguments, named in calls: known[arguments] = work(*arguments)
thread = threading.Thread(target=ahead)
thread.start()
def add(a, b):
    thread.join()
    return known.get((a, b), a + b)
""",
}


@pytest.mark.parametrize("name", STOPPED_CLOCKS)
def test_work_that_is_done_is_counted(name: str, quick_sandbox: Sandbox) -> None:
    honest = Grader(quick_sandbox).grade(ADD, WORK + "add = work\n")
    forged = Grader(quick_sandbox).grade(ADD, STOPPED_CLOCKS[name])
    assert honest.seconds
    assert forged.seconds is None or forged.seconds > honest.seconds / 2


DODGES = {
    "stops_its_grader_for_good": "import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)\n",
    "fills_the_channel_with_controls": """
import os
def add(a, b): os.write(4, b'=' + b'\\x01' * 4000000 + b'\\n')
""",
    "takes_the_supervisors_descriptors": "import resource\nresource.prlimit(1, resource.RLIMIT_NOFILE, (0, 0))\n",
    "returns_what_no_float_holds": "def add(a, b): return 10 ** 400\n",
    "returns_a_complex_beyond_floats": """
class C:
    def __repr__(self): return '1' * 400 + '+1.0'
def add(a, b): return C()
""",
}


@pytest.mark.parametrize("name", DODGES)
def test_a_failing_program_does_not_dodge_its_zero(name: str, quick_sandbox: Sandbox) -> None:
    for task in (ADD, FLOATS):
        assert Grader(quick_sandbox).grade(task, DODGES[name]).correctness == 0


def test_nothing_a_program_says_of_hidden_tests_reaches_the_verdict(quick_sandbox: Sandbox) -> None:
    grade = Grader(quick_sandbox).grade(ADD, "def add(a, b): raise ValueError(f'secret {a} {b}')")
    verdict = judge(ADD, grade)
    assert verdict.reason == "0 of 11 hidden tests passed; the first to fail raised an exception"


def test_what_a_program_says_is_cut(quick_sandbox: Sandbox) -> None:
    grade = Grader(quick_sandbox).grade(ADD, "import os\ndef add(a, b): os.write(4, b'!' + b'x' * 3000000 + b'\\n')")
    assert grade.first_failure
    assert len(grade.first_failure.why) < 1000


@pytest.mark.parametrize(
    "program",
    ["from __future__ import annotations\ndef double(x): return twice(x)\n", "def double(x):\n    return twice(x)\n"],
)
def test_a_preamble_is_there_for_the_program_and_the_tests(program: str, quick_sandbox: Sandbox) -> None:
    row = {"id": "double", "entry_point": "double", "statement": "Double.", "preamble": "def twice(x): return 2 * x"}
    by_value = parse_task({**row, "edge_tests": ">>> double(2)\n4\n"})
    by_check = parse_task({**row, "check": "def check(f):\n    assert f(x=2) == twice(2)\n    assert double(3) == 6\n"})
    for task in (by_value, by_check):
        assert Grader(quick_sandbox).grade(task, program).correctness == 1


@pytest.mark.parametrize(
    ("check", "problem"),
    [("def check(f): f(object())", "not plain data"), ("def check(f): raise SystemExit(0)", "SystemExit")],
)
def test_a_fault_of_the_test_code_is_the_tasks(check: str, problem: str, quick_sandbox: Sandbox) -> None:
    task = parse_task({"id": "t", "entry_point": "f", "statement": "Do.", "check": check})
    with pytest.raises(ReferenceFailed, match=problem):
        Grader(quick_sandbox).grade(task, "def f(x): return x")


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
        ("def add(a, b):\n    while True: pass", "gave no answer within 1 s"),
        ("def add(a, b): return bytes(5000000)", "more than"),
        ("import os\ndef add(a, b): os.abort()", "signal 6"),
        ("held = []\nwhile True: held.append(bytearray(b'x' * 10**7))", "MiB of memory"),
    ],
)
def test_a_failure_is_named(program: str, why: str, quick_sandbox: Sandbox) -> None:
    grade = Grader(quick_sandbox).grade(ADD, program)
    assert grade.correctness == 0
    assert grade.first_failure
    assert why in grade.first_failure.why


def test_a_program_that_hangs_now_and_then_keeps_its_other_tests(quick_sandbox: Sandbox) -> None:
    program = "def add(a, b):\n    while a < 0: pass\n    return a + b\n"
    grade = Grader(quick_sandbox).grade(ADD, program)
    assert [outcome.passed for outcome in grade.outcomes].count(False) == 1


def test_subclasses_of_plain_types_count_as_plain_at_any_depth(quick_sandbox: Sandbox) -> None:
    wanted = ">>> count('aab')\n[{'a': 2, 'b': 1}, (1, 2), {'x': {'y': 3}}]\n"
    task = parse_task({"id": "count", "entry_point": "count", "statement": "Count.", "edge_tests": wanted})
    program = """
from collections import Counter, OrderedDict, defaultdict, namedtuple
Point = namedtuple('Point', 'x y')
def count(text):
    nested = defaultdict(dict)
    nested['x']['y'] = 3
    return [Counter(text), Point(1, 2), OrderedDict(nested)]
"""
    assert Grader(quick_sandbox).grade(task, program).correctness == 1


def test_test_code_sees_results_as_plain_data_and_errors_as_errors(quick_sandbox: Sandbox) -> None:
    right = Grader(quick_sandbox).grade(CHECKED, "def add(a, b): return a + b")
    wrong = Grader(quick_sandbox).grade(CHECKED, "def add(a, b): return a")
    broken = Grader(quick_sandbox).grade(CHECKED, "def add(a, b): return 1 / 0")
    assert (right.correctness, wrong.correctness, broken.correctness) == (1, 0, 0)
    assert wrong.first_failure
    assert broken.first_failure
    assert "AssertionError" in wrong.first_failure.why
    assert "ZeroDivisionError" in broken.first_failure.why


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
        ({"generator": "1 / 0"}, "generator raised ZeroDivisionError"),
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
