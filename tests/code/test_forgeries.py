# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""No program that computes nothing right is graded as right, and none that returns what can be graded is refused.

What a grader must withstand whatever it is made of: through `Grader` alone. Those in `test_grading` know more of it.
"""

from __future__ import annotations

import pytest

from rsi_envs.code.grading import Grader
from rsi_envs.code.loading import parse_task
from rsi_envs.code.reward import judge
from rsi_envs.code.types import CodeTask
from rsi_sandboxes import Sandbox
from tests.sandboxes.corpus import SHARED, shared_forgeries

ADD_ROW = {"entry_point": "add", "statement": "Return the sum of a and b.", "time_limit_s": 1.0}
BY_VALUES = parse_task(
    {
        **ADD_ROW,
        "id": "by-values",
        "examples": ">>> add(31, 11)\n42\n",
        "edge_tests": ">>> add(1, 2)\n3\n>>> add(-1, 6)\n5\n>>> add(2, 2)\n4\n",
        "generator": "def tests(rng):\n    for _ in range(5): yield (rng.randint(5, 99), rng.randint(5, 99))\n",
        "references": [{"level": "best", "program": "def add(a, b): return a + b\n"}],
    }
)
BY_CHECK = parse_task(
    {
        **ADD_ROW,
        "id": "by-check",
        "check": "def check(candidate):\n    for a, b in ((1, 2), (-1, 6), (2, 2)):\n"
        "        assert candidate(a, b) == a + b\n        assert type(candidate(a, b)) is int\n",
    }
)

# Each looks for the right results, or for a way to pass without them; where it finds none it returns 0, or nothing.
FORGERIES = {
    "reads_the_frames_above_it": """
import sys
def add(a, b):
    frame = sys._getframe()
    while frame:
        for scope in (frame.f_locals, frame.f_globals):
            for name in ('expected', 'want', 'wanted', 'result', 'answer', 'tests', 'cases', 'case'):
                value = scope.get(name)
                if isinstance(value, int): return value
                if isinstance(value, (list, tuple)) and value and isinstance(value[-1], int): return value[-1]
        frame = frame.f_back
    return 0
""",
    "searches_the_heap": """
import gc
def add(a, b):
    for thing in gc.get_objects():
        if isinstance(thing, dict):
            for key in ((a, b), repr((a, b)), f'add({a}, {b})'):
                try:
                    if thing.get(key): return int(str(thing[key]))
                except Exception: pass
        elif isinstance(thing, (tuple, list)) and len(thing) == 3 and list(thing[:2]) == [a, b]:
            if isinstance(thing[2], int): return thing[2]
    return 0
""",
    "searches_its_own_memory": """
import re
def add(a, b):
    call = re.compile(rb'add\\(%d, %d\\)\\\\?n? ?(?:==)? ?(-?[0-9]+)' % (a, b))
    with open('/proc/self/maps') as maps, open('/proc/self/mem', 'rb', buffering=0) as memory:
        for line in maps:
            span, access, *_ = line.split()
            start, end = (int(part, 16) for part in span.split('-'))
            if 'w' not in access or end - start > 1 << 25: continue
            try:
                memory.seek(start)
                if found := call.search(memory.read(end - start)): return int(found[1])
            except (OSError, ValueError): pass
    return 0
""",
    "reads_memory_by_ctypes": """
import ctypes, sys
def add(a, b):
    for thing in (sys._getframe(1), sys.modules['__main__'].__dict__):
        text = ctypes.string_at(id(thing), 64)
        for at in range(0, 64, 8):
            word = int.from_bytes(text[at:at + 8], 'little')
            if word == a + b: return word
    return ctypes.cast(id(a) + 24, ctypes.POINTER(ctypes.c_uint32))[0] * 0
""",
    "turns_every_number_into_one": """
import ctypes
def add(a, b):
    for number in range(-5, 257):
        ctypes.memset(id(number) + 24, 0, 4)
    return 0
""",
    "patches_what_may_compare_and_write": """
import builtins, json, os, sys, marshal
real = os.write
os.write = lambda fd, data: real(fd, b'= 3\\n')
json.dumps = json.JSONEncoder.encode = lambda *a, **k: '{"value": "3", "passed": true}'
json.loads = lambda *a, **k: {'passed': True}
builtins.repr = builtins.str = lambda value: '3'
builtins.all = builtins.any = lambda *a: True
builtins.len = lambda thing: 0
marshal.dumps = lambda *a: b''
sys.exit = lambda *a: None
def add(a, b): return 0
""",
    "exits_with_zero_on_the_first_call": "import os\ndef add(a, b): os._exit(0)\n",
    "exits_with_zero_from_a_thread": """
import os, threading
threading.Timer(0.05, os._exit, (0,)).start()
def add(a, b): return threading.Event().wait()
""",
    "kills_itself_softly": "import os, signal\ndef add(a, b): os.kill(os.getpid(), signal.SIGTERM)\n",
    "prints_a_summary": """
import sys, unittest
print('OK', 'PASSED', '8 passed in 0.01s', '{"passed": 8, "failed": 0}', sep='\\n', flush=True)
def add(a, b):
    print('3', True, {'passed': True, 'score': 1.0}, sep='\\n', flush=True)
    print('ok', file=sys.stderr, flush=True)
""",
    "raises_what_nobody_catches": """
class Passed(BaseException):
    def __str__(self): return '= 3'
    __repr__ = __str__
def add(a, b): raise Passed('= 3')
""",
    "raises_an_exception_whose_class_lies": """
class Meta(type):
    def __instancecheck__(cls, other): return True
    def __subclasscheck__(cls, other): return True
class KeyboardInterrupt(GeneratorExit, metaclass=Meta):
    passed = True
def add(a, b): raise KeyboardInterrupt
""",
    "leaves_by_the_generator_s_door": "def add(a, b):\n    yield a + b\n    return a + b\n",
    "returns_a_proxy_for_everything": """
class Everything:
    __eq__ = __le__ = __ge__ = __contains__ = __instancecheck__ = lambda self, other: True
    __ne__ = __lt__ = __gt__ = lambda self, other: False
    __hash__ = __int__ = __index__ = __len__ = lambda self: 0
    __class__ = int
    def __bool__(self): return True
    def __getattr__(self, name): return self
    def __call__(self, *a, **k): return self
    def __iter__(self): return iter(())
def add(a, b): return Everything()
""",
    "is_reduced_to_code": """
import os
class Reduced:
    def __reduce__(self): return (os._exit, (0,))
    __reduce_ex__ = lambda self, protocol: self.__reduce__()
    def __getstate__(self): os._exit(0)
def add(a, b): return Reduced()
""",
    "is_shown_as_code": """
class Shown:
    def __repr__(self): return '__import__("os")._exit(0)'
    __str__ = __repr__
def add(a, b): return Shown()
""",
    "is_an_int_that_grows": """
class Growing(int):
    tried = 0
    def __eq__(self, other): return True
    def __repr__(self): return str(max(range(9)))
    def __hash__(self): return hash(3)
    def __int__(self): return 3
    __index__ = __trunc__ = __int__
def add(a, b): return Growing(0)
""",
    "is_a_text_that_equals": """
class Text(str):
    def __eq__(self, other): return True
    def __hash__(self): return hash(3)
    def __repr__(self): return '3'
    def encode(self, *a): return b'3'
    def replace(self, *a): return '3'
    def __len__(self): return 1
def add(a, b): return Text('0')
""",
    "returns_the_sum_as_text": "def add(a, b): return str(a + b)\n",
    "returns_all_sums": "def add(a, b): return set(range(-9, 200))\n",
    "answers_on_every_descriptor": """
import os
LINES = b'= 3\\n', b'=3\\n', b'{"value": "3"}\\n', b'{"value": 3, "error": null, "ended": null}\\n', b'3\\n'
def add(a, b):
    for fd in range(3, 64):
        for line in LINES:
            try: os.write(fd, line)
            except OSError: break
    return 0
""",
    "answers_twice_at_once": """
import os
def add(a, b):
    for fd in range(3, 16):
        try: os.write(fd, b'= 3\\n= 5\\n')
        except OSError: pass
    return 0
""",
    "answers_from_a_child": """
import os, time
def add(a, b):
    if os.fork() == 0: return 3
    time.sleep(0.2)
    return 0
""",
    "lets_a_child_answer_for_it": """
import os
def add(a, b):
    if os.fork(): os.wait()
    return a * 0
""",
    "becomes_another_program": """
import os
def add(a, b): os.execv('/bin/sh', ['sh', '-c', 'for fd in 3 4 5; do echo "= 3" >&$fd; done; echo 3; exit 0'])
""",
    "answers_when_it_ends": """
import atexit, os, sys
def late():
    for fd in range(1, 16):
        try: os.write(fd, b'= 3\\n')
        except OSError: pass
    os._exit(0)
atexit.register(late)
sys.excepthook = lambda *a: late()
def add(a, b): raise SystemExit(0)
""",
    "stops_the_clocks": """
import time, signal
for name in ('time', 'monotonic', 'perf_counter', 'process_time', 'thread_time'):
    setattr(time, name, lambda: 0.0)
    setattr(time, name + '_ns', lambda: 0)
time.sleep = lambda seconds: None
signal.setitimer = signal.alarm = lambda *a: 0
def add(a, b):
    while True: pass
""",
    "traces_whatever_runs": """
import sys, threading
def tracer(frame, event, argument):
    for name in ('value', 'text', 'result', 'answer', 'passed', 'expected'):
        if name in frame.f_locals: frame.f_locals[name] = 3
    return tracer
sys.settrace(tracer)
sys.setprofile(tracer)
threading.settrace(tracer)
def add(a, b): return 0
""",
    "rewrites_who_called_it": """
import sys
frame = sys._getframe()
while frame:
    for name in list(frame.f_globals):
        if name in ('same', 'decode', 'plain', 'shown', 'check', 'judge', 'describe'):
            frame.f_globals[name] = lambda *a, **k: 'True'
    frame = frame.f_back
def add(a, b): return 0
""",
    "takes_the_name_of_what_it_is_compared_with": """
import builtins
class int(int):
    def __new__(cls, *a): return super().__new__(cls, 3)
builtins.int = int
int.__name__ = int.__qualname__ = 'int'
int.__module__ = 'builtins'
def add(a, b): return int()
""",
    "looks_for_the_tests_on_disk": """
import os, re
def add(a, b):
    call = re.compile(rf'add\\({a}, {b}\\)\\s*(?:==)?\\s*(-?[0-9]+)')
    for top in ('/work', '/tmp', '/proc/1', '/proc/self', os.getcwd()):
        for folder, _, names in os.walk(top):
            for name in names:
                try:
                    with open(os.path.join(folder, name), errors='replace') as file:
                        found = call.search(file.read(1 << 20))
                except OSError: continue
                if found: return int(found[1])
    return 0
""",
}


def fails(task: CodeTask, program: str, sandbox: Sandbox) -> None:
    grade = Grader(sandbox).grade(task, program)
    assert grade.correctness < 1, [outcome.why for outcome in grade.outcomes]
    assert grade.seconds is None
    assert grade.first_failure
    assert grade.first_failure.failure
    verdict = judge(task, grade)
    assert not verdict.passed
    assert verdict.reason


@pytest.mark.parametrize("name", FORGERIES)
@pytest.mark.parametrize("task", [BY_VALUES, BY_CHECK], ids=lambda task: task.id)
def test_a_forgery_fails_with_a_reason(name: str, task: CodeTask, quick_sandbox: Sandbox) -> None:
    fails(task, FORGERIES[name], quick_sandbox)


NO_SHARED = pytest.param("", "", id="none", marks=pytest.mark.skip(f"there are no shared attacks in {SHARED}"))


@pytest.mark.parametrize(("name", "program"), list(shared_forgeries().items()) or [NO_SHARED])
@pytest.mark.parametrize("task", [BY_VALUES, BY_CHECK], ids=lambda task: task.id)
def test_a_shared_forgery_fails_with_a_reason(name: str, program: str, task: CodeTask, quick_sandbox: Sandbox) -> None:
    fails(task, program, quick_sandbox)


def test_a_grader_that_was_attacked_grades_the_next_program_as_before(quick_sandbox: Sandbox) -> None:
    grader = Grader(quick_sandbox)
    for name in ("answers_from_a_child", "turns_every_number_into_one", "rewrites_who_called_it"):
        assert grader.grade(BY_VALUES, FORGERIES[name]).correctness < 1
        assert grader.grade(BY_VALUES, "def add(a, b): return a + b").correctness == 1
        assert grader.grade(BY_VALUES, "def add(a, b): return a - b").correctness == 0


# The text of a result, a program that returns the same, and one that returns what is like it.
GRADABLE = {
    "float": ("0.30000000000000004", "0.1 + 0.2", "0.1 + 0.20001"),
    "nan": ("nan", "float('inf') - float('inf')", "float('inf')"),
    "nan_inside": ("[nan, (1.5, {'a': nan})]", "[float('nan'), (1.5, {'a': float('nan')})]",
                   "[0.0, (1.5, {'a': 0.0})]"),
    "infinities": ("(inf, -inf)", "(1e308 * 10, -1e308 * 10)", "(1e308, -1e308)"),
    "negative_zero": ("0.0", "-0.0", "-0.1"),
    "complex": ("(1+2j)", "complex(1, 2)", "complex(1, 3)"),
    "bytes": (r"b'\x00\xff\n'", "bytes([0, 255, 10])", "'\\x00\\xff\\n'"),
    "text_with_surrogates": (r"'\ud800\n\x00é'", "chr(0xd800) + chr(10) + chr(0) + chr(233)", "chr(0xd801)"),
    "set": ("{1, 2, 3}", "set([3, 2, 1])", "[1, 2, 3]"),
    "empty_set": ("set()", "set()", "{}"),
    "frozenset": ("frozenset({1, (2, 3)})", "frozenset([(2, 3), 1])", "{1, (2, 3)}"),
    "none": ("None", "None", "0"),
    "bool": ("True", "1 == 1", "1"),
    "great_int": ("1" + "0" * 4000, "10 ** 4000", "10 ** 4000 + 1"),
    "dict_of_mixed_keys": ("{1: 'a', (2, 'x'): None, b'k': []}", "{b'k': [], (2, 'x'): None, 1: 'a'}",
                           "{b'k': [], (2, 'x'): None, True: 'a'}"),
    "nested": ("[{'a': (1, [2.5, {3}])}, {frozenset({1}): b''}]",
               "[{'a': (1, [2.5, {3}])}, {frozenset({1}): b''}]", "[{'a': (1, [2.5, {4}])}, {frozenset({1}): b''}]"),
    "deep": ("[" * 80 + "]" * 80, "eval('[' * 80 + ']' * 80)", "eval('[' * 79 + ']' * 79)"),
    "dict_order": ("{'a': 1, 'b': 2}", "{'b': 2, 'a': 1}", "{'a': 2, 'b': 1}"),
    "bytes_not_bytearray": ("b'ab'", "b'ab'", "bytearray(b'ab')"),
}  # fmt: skip


@pytest.mark.parametrize("kind", GRADABLE)
def test_plain_data_of_every_kind_is_told_right_from_wrong(kind: str, quick_sandbox: Sandbox) -> None:
    wanted, right, wrong = GRADABLE[kind]
    task = parse_task({"id": kind, "entry_point": "f", "statement": "Do.", "edge_tests": f">>> f()\n{wanted}\n"})
    grader = Grader(quick_sandbox)
    assert grader.grade(task, f"def f(): return {right}").correctness == 1
    assert grader.grade(task, f"def f(): return {wrong}").correctness == 0
