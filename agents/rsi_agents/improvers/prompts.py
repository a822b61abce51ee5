# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Every word that an improver is told of what programs are for, but for assignments."""

IMPROVE_IMPROVERS = """\
The program is an improver: it improves other programs, by asking a language model and by measuring what comes back. \
It defines this function:

def improve(program, utility, language_model):

program is the text of the program to improve. utility(text) is a number that says how good a program is, the greater \
the better; utility.task says in words what the program is for, and utility.left how often utility may still be \
called. language_model([prompt, ...]) is a list of replies, one for each prompt; language_model.left says how many \
prompts it still takes. improve returns the text of the improved program.

An improver is the better, the better the programs are that it returns, over many tasks in the Python language. It may \
use Python's standard library. It runs in a sandbox: it has no network, starts no processes and reads no files but its \
own. What it may call or take is bounded, so it should look at utility.left and language_model.left, and return the \
best program that it knows of when they are used up."""

GONE_ON = """\
{assignment}

Since then there were turns. This is what the program answers:

{observation}"""
