# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""What a program must not reach."""

from __future__ import annotations

from rsi_sandboxes.checks.suite import Theme, expect, ok, python
from rsi_sandboxes.protocol import Sandbox

check = Theme()


@check
def nothing_passes_from_job_to_job(sandbox: Sandbox) -> None:
    ok(sandbox.run(python("open('/work/left', 'w').close(); open('/tmp/left', 'w').close()")))
    result = ok(sandbox.run(python("import os; print(os.listdir('/work'), os.listdir('/tmp'))")))
    expect(result.stdout == b"[] []\n", "fresh folders", result)


@check
def the_root_is_read_only(sandbox: Sandbox) -> None:
    source = """
import os
for folder in ('/', '/usr', '/etc', '/dev', '/proc/sys/kernel'):
    try:
        open(folder + '/written', 'w').close()
    except OSError:
        continue
    print('wrote in', folder)
"""
    expect(ok(sandbox.run(python(source))).stdout == b"", "no place to write but /work and /tmp", source)


@check
def the_user_is_unprivileged(sandbox: Sandbox) -> None:
    source = """
import os
status = dict(line.split(':', 1) for line in open('/proc/self/status').read().splitlines())
print(os.getuid() != 0, [name for name in ('CapInh', 'CapPrm', 'CapEff', 'CapAmb') if int(status[name], 16)])
print(status['NoNewPrivs'].strip())
"""
    result = ok(sandbox.run(python(source)))
    expect(result.stdout == b"True []\n1\n", "no root, no capabilities, no new privileges", result)


@check
def there_is_no_network(sandbox: Sandbox) -> None:
    source = """
import socket
for address in (('192.0.2.1', 80), ('127.0.0.1', 22)):
    try:
        socket.create_connection(address, timeout=1)
        print('connected to', address)
    except OSError:
        pass
print([name for _, name in socket.if_nameindex() if name != 'lo'])
"""
    result = ok(sandbox.run(python(source)))
    expect(result.stdout.endswith(b"[]\n") and b"connected" not in result.stdout, "loopback alone", result)


@check
def other_processes_are_out_of_sight(sandbox: Sandbox) -> None:
    source = "import os; print(sorted(int(p) for p in os.listdir('/proc') if p.isdigit()) == sorted({1, os.getpid()}))"
    result = ok(sandbox.run(python(source)))
    expect(result.stdout == b"True\n", "only the supervisor and the program in /proc", result)


@check
def the_supervisor_is_out_of_reach(sandbox: Sandbox) -> None:
    source = """
import os
# Where the program is process 1 itself there is nobody to reach.
for path in ('/proc/1/mem', '/proc/1/fd', '/proc/1/environ', '/proc/1/root/') if os.getpid() != 1 else ():
    try:
        os.listdir(path) if path.endswith(('fd', '/')) else open(path, 'rb').read(1)
    except OSError:
        continue
    print('reached', path)
os.kill(1, 9)
print('done')
"""
    result = ok(sandbox.run(python(source)))
    expect(result.stdout == b"done\n", "process 1 unreadable and immune", result)


@check
def a_daemon_dies_with_its_job(sandbox: Sandbox) -> None:
    source = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(60)
    os._exit(0)
print('left')
"""
    result = ok(sandbox.run(python(source)))
    expect(result.stdout == b"left\n" and result.wall_s < 30, "the end with the program, not the daemon", result)
