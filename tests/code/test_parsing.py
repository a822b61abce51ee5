# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The program is found wherever models put it."""

import pytest

from rsi_envs.code.parsing import extract_program

PROGRAM = "def f(x):\n    return x\n"
OTHER = "print(f(1))\n"


@pytest.mark.parametrize(
    "reply",
    [
        f"```python\n{PROGRAM}```",
        f"Sure!\n\n```py\n{PROGRAM}```\nThis returns x.",
        f"```\n{PROGRAM}```",
        f"~~~python\n{PROGRAM}~~~",
        f"```python\n{PROGRAM}```\nUse it so:\n```python\n{OTHER}```",
        f"First try:\n```python\ndef g(): pass\n```\nBetter:\n```python\n{PROGRAM}```",
        f"```bash\npip install x\n```\n```python\n{PROGRAM}```",
        f"```python\n{PROGRAM}",
        PROGRAM,
    ],
)
def test_the_program_that_defines_the_function_is_taken(reply: str) -> None:
    assert extract_program(reply, "f") == PROGRAM


@pytest.mark.parametrize("definition", ["f = lambda x: x\n", "class f:\n    pass\n", "async def f(x):\n    return x\n"])
def test_any_way_of_defining_it_counts(definition: str) -> None:
    assert extract_program(f"```python\n{definition}```\n```python\n{OTHER}```", "f") == definition


def test_without_a_definition_the_last_block_is_taken() -> None:
    assert extract_program("```python\nx = 1\n```\n```python\ndef f(:\n```", "f") == "def f(:\n"


@pytest.mark.parametrize(
    "reply", ["", "I can't do that.", "```json\n{}\n```", "```python\n\n```", "x = 1", "def g(): pass", "\0"]
)
def test_a_reply_without_a_program_has_none(reply: str) -> None:
    assert extract_program(reply, "f") is None
