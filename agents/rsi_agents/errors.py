# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Every error `rsi_agents` raises on purpose.

    AgentsError
    ├── AgentNotFound (LookupError)         no agent has this name; names the nearest
    ├── AgentNameError (ValueError)         the name's agent exists, but not with this argument or these settings
    ├── NoReferences (LookupError)          the environment has no references that an agent could play
    ├── NothingToJudge (LookupError)        the environment has no candidates that a judge could rank
    ├── UnfitEnvironment (ValueError)       the agent can't play there: other spaces, or no feedback that it needs
    ├── NobodyAnswers (EOFError)            a person was to be asked, and standard input is closed
    ├── ProgramFault                        an agent that is a program of the user's broke
    │   ├── ProgramEnded                    it ended before it had answered; tells what it said on standard error
    │   ├── ProgramGarbled (ValueError)     it answered with something that is no answer
    │   └── ProgramTimeout (TimeoutError)   it did not answer in time
    ├── EnvironmentNotFound (LookupError)   no environment has this id; names the nearest
    ├── InvalidPlan (ValueError)            an evaluation that makes no sense
    ├── InvalidSuite (ValueError)           a suite's file that can't be read, or asks for what makes no sense
    ├── InvalidGames (ValueError)           results of games that nobody can be rated by
    ├── InvalidLoop (ValueError)            a loop's configuration that makes no sense
    ├── LoopPaused                          a loop's budget is spent; resumed, it goes on from there
    ├── CannotUpdate (TypeError)            an agent that the chosen updater can't teach
    ├── LeakedTask (ValueError)             something to be learned is about a task that is held out
    ├── EpisodeTimeout (TimeoutError)       an episode took longer than it may
    ├── ReportError
    │   ├── NothingToReport                 no run has an episode yet
    │   ├── ReportTooLarge (ValueError)     not even the list of episodes fits into so many bytes
    │   └── ReportNotWritable (OSError)     the file can't be written
    └── RecordsError
        ├── RunFolderExists (FileExistsError)   the folder holds a run already
        ├── RunInUse                            another runner is writing to the folder
        ├── RunFolderBroken (ValueError)        the folder holds no run, or one that was tampered with
        └── RecordsDiskFull (OSError)           no room for the next record; what was recorded is intact

What environments and chat models raise has a tree of its own, `rsi_envs.core.errors`.
"""

from __future__ import annotations


class AgentsError(Exception):
    """The root: `except AgentsError` catches everything `rsi_agents` raises on purpose."""


class AgentNotFound(AgentsError, LookupError):
    """No agent has this name."""


class AgentNameError(AgentsError, ValueError):
    """An agent's name can't be read, or holds an argument or a setting that the agent does not take."""


class NoReferences(AgentsError, LookupError):
    """The environment has no references that an agent could play."""


class NothingToJudge(AgentsError, LookupError):
    """The environment has no candidates that a judge could rank."""


class UnfitEnvironment(AgentsError, ValueError):
    """An agent can't play an environment: it knows other observations or actions, or needs feedback."""


class NobodyAnswers(AgentsError, EOFError):
    """A person was to be asked, and standard input is closed."""


class ProgramFault(AgentsError):
    """An agent that is a program of the user's broke."""


class ProgramEnded(ProgramFault):
    """The program ended, or closed its output, before it had answered."""


class ProgramGarbled(ProgramFault, ValueError):
    """The program wrote what is no answer."""


class ProgramTimeout(ProgramFault, TimeoutError):
    """The program did not answer in time; it is killed."""


class EnvironmentNotFound(AgentsError, LookupError):
    """No environment is registered under this id."""


class InvalidPlan(AgentsError, ValueError):
    """A plan asks for something that can't be evaluated."""


class InvalidSuite(AgentsError, ValueError):
    """A suite's file can't be read, or asks for what makes no sense."""


class InvalidGames(AgentsError, ValueError):
    """Results of games that make no sense, or that nobody can be rated by."""


class InvalidLoop(AgentsError, ValueError):
    """A loop's configuration makes no sense."""


class LoopPaused(AgentsError):
    """A loop's budget is spent; resumed with a larger one, it goes on from there."""


class CannotUpdate(AgentsError, TypeError):
    """An agent can't be taught by the updater that was chosen."""


class LeakedTask(AgentsError, ValueError):
    """Something to be learned is about a task that generations are measured on."""


class EpisodeTimeout(AgentsError, TimeoutError):
    """An episode went past its deadline."""


class ReportError(AgentsError):
    """A report can't be made."""


class NothingToReport(ReportError):
    """No run has an episode yet."""


class ReportTooLarge(ReportError, ValueError):
    """The list of episodes alone takes more bytes than the report may have."""


class ReportNotWritable(ReportError, OSError):
    """The report's file can't be written."""


class RecordsError(AgentsError):
    """Records can't be read or written."""


class RunFolderExists(RecordsError, FileExistsError):
    """A new run was to be begun in a folder that holds one."""


class RunInUse(RecordsError):
    """Another runner holds the folder."""


class RunFolderBroken(RecordsError, ValueError):
    """The folder holds no run, or its files are not as a runner leaves them."""


class RecordsDiskFull(RecordsError, OSError):
    """The disk has no room for a record; the records before it are whole and on disk."""
