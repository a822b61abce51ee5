# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What runs inside worlds: handed there as text, never imported by the rest of the package but for its text.

Needs nothing but the standard library of Python 3.9 or newer. `rsi_sandboxes.bundle` carries it in.

    supervisor   process 1 of a job's world: serves its owner
    ├── events       who is called when a descriptor is ready
    ├── owner        the frames to and from the owner
    ├── program      one program from start to end
    │   ├── streams      its standard streams: pipes or a terminal
    │   ├── launch       how a forked child becomes the program
    │   └── ending       how it ended
    ├── memory       what the world's processes hold
    └── files        reading and writing for the owner
    nursery      process 1 of a warm world: forks jobs into fresh namespaces
    └── walls        what closes a job in
    tree         a program of the owner's: packs the world's files, and unpacks them into another
"""

__all__: list[str] = []
