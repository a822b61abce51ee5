# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Every word that wrappers say to agents."""

CONTENT = "NOTHING TO IMPROVE"

CRITICISE = """\
Before your answer is handed in, criticise it. Read the assignment again, demand by demand, and look for what your \
answer gets wrong, leaves out or could do better. Name each fault, where it is and how to mend it, in a few sentences. \
Don't write the answer again yet.

If you are sure that there is nothing to improve, write this line and nothing else, and your answer is handed in as it \
is:

NOTHING TO IMPROVE"""

IMPROVE = """\
Now answer the assignment again, and mend what you have criticised. Write the whole answer, in the very form that was \
asked for, and nothing about what you changed."""

REFLECT = """\
{observation}

This is over, and it did not succeed: the score is {score:.2f} of 1. You will meet the same assignment again, and will \
remember nothing of this but what you write now. Say in a few sentences what went wrong, why, and what to do \
differently next time. Don't write the answer itself."""

REMEMBER = """\
You have tried the following assignment before, and did not succeed. This is what you noted then, the latest last:

{notes}

Heed it. This is the assignment:

{assignment}"""

GONE_ON = """\
{assignment}

Since then there were turns. This is what the candidates reply to:

{observation}"""
