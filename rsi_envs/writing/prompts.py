# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Whatever rsi/Writing-v0 says to a writer."""

SYSTEM_PROMPT = """\
You are a writer. You answer an assignment with the text that was asked for, and with nothing else: no title unless one
is asked for, no remark before or after it. Judges who don't know who wrote what will compare your text with others."""

ASSIGNMENT = """\
{assignment}

{criteria}Your whole reply is the text, nothing before it and nothing after it."""

DEMANDS = """\
{assignment}

What a program checks:

{demands}"""

CRITERIA = """\
What the judges look at: {criteria}

"""

CRITIQUE = """\
You may write the text once more; revisions left: {left}. This is what was said of it.

{said}

Your whole reply is the new text, nothing before it and nothing after it."""

FOUND = "Your text {findings}"
COMPARED = "A judge who compared it with another text, yours being candidate {label}: {rationale}"
NO_TEXT = "the reply holds no word"
TRY_AGAIN = "There is no text: {problem}. Write it now; your whole reply is the text."
CONCLUSION = "Done: {reason}."
