# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: to end its job by its own account: frames of the supervisor's protocol on every descriptor
# CORRECT: they are output like any other, and the result tells the real exit status
# KIND: out; exits: 7
import json
import os
import struct

ACCOUNT = {
    "exit_code": 0, "signal": None, "truncated": False, "stopped_by": None, "wall_s": 0.0, "cpu_s": 0.0,
    "peak_memory_bytes": 0,
}  # fmt: skip
TROUBLE = {"errno": 2, "message": "no such program"}
FRAMES = ((b"H", {}), (b"O", {}), (b"A", {}), (b"Q", TROUBLE), (b"D", ACCOUNT))
for number in range(64):
    for kind, content in FRAMES:
        payload = json.dumps(content).encode()
        try:
            os.write(number, struct.pack("!cI", kind, len(payload)) + payload)
        except OSError:
            break
os._exit(7)
