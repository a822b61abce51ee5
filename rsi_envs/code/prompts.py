# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Every word that an agent reads in rsi/Code-v0."""

SYSTEM = "You are an expert Python programmer."

ASSIGNMENT = """\
Write a Python program for the following task.

{statement}

The program must define this function:

{signature}

Examples:

{examples}

Use the standard library only. Hidden tests call the function and compare what it returns; each call may take \
{time_limit_s:g} seconds. Among correct programs, faster ones score higher.
{turns}
Reply with the whole program in one Markdown code block:

```python
{signature}
    ...
```"""

COMPLETION = """\
Write a self-contained Python program that solves the following problem: complete the function.

```python
{statement}
```

Use the standard library only. Hidden tests call the function; they may take {time_limit_s:g} seconds in all.
{turns}
Reply with one Markdown code block and nothing else: the whole function, with the imports and helpers it needs.

```python
...
```"""

TURNS = """
You may hand in up to {max_turns} programs. Each but the last is run on the examples first: when it fails any, you are \
told how and may try again; when it passes all, or is the last, the hidden tests decide.
"""

FEEDBACK = """\
Your program fails {failed} of {total} examples:

{failures}

{left}. Reply with the whole corrected program in one Markdown code block."""

FAILURE = """\
>>> {call}
expected {wanted}, but it {why}"""

MALFORMED = """\
No program was found in your reply: {reason}.

{left}. Reply with the whole program in one Markdown code block:

```python
...
```"""

PROGRAMS_LEFT = "You may hand in {count} more"

UNJUDGED = "The program could not be judged, through no fault of yours."

CLOSING = "The hidden tests have decided. {reason}"
