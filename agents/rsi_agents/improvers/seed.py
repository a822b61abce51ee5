# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""The improver that others begin with: asks for better versions, and returns the best of all by utility."""

import re
from typing import Any

VERSIONS = 4
REQUEST = """\
Improve this program. This is what it is for:

{task}

This is the program:

```python
{program}
```

Think of what it gets wrong and of what would make it better, then write the whole improved program in one Markdown
code block that begins with ```python."""


def improve(program: str, utility: Any, language_model: Any) -> str:
    """Returns the best of the program and what the model makes of it."""
    request = REQUEST.format(task=utility.task, program=program)
    replies = language_model([request] * min(VERSIONS, language_model.left))
    versions = list(dict.fromkeys([program, *map(code_in, replies)]))[: utility.left]
    return max(versions, key=utility, default=program)


def code_in(reply: str) -> str:
    """Returns the last code block of a reply, or all of it where there is none."""
    blocks = re.findall(r"```(?:python)?[ \t]*\n(.*?)(?:```|\Z)", reply, flags=re.DOTALL)
    return blocks[-1] if blocks else reply
