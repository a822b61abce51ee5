# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
# TRIES: sockets of families that reach the hypervisor, the wire or rarely used parts of the kernel, and raw ones
# CORRECT: none can be made
# KIND: iso
import ctypes
import os
import socket

libc = ctypes.CDLL(None, use_errno=True)
FAMILIES = {
    "AX25": 3, "X25": 9, "KEY": 15, "PACKET": 17, "RDS": 21, "LLC": 26, "CAN": 29, "TIPC": 30, "BLUETOOTH": 31,
    "RXRPC": 33, "ALG": 38, "NFC": 39, "VSOCK": 40, "KCM": 41, "QIPCRTR": 42, "SMC": 43, "XDP": 44, "MCTP": 45,
}  # fmt: skip
KINDS = (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET)
for name, family in FAMILIES.items():
    for kind in KINDS:
        if libc.socket(family, kind, 0) >= 0:
            print("PWNED a socket of family", name, "and kind", int(kind))
        if libc.socketpair(family, kind, 0, (ctypes.c_int * 2)()) >= 0:
            print("PWNED a pair of family", name)
for family in (socket.AF_INET, socket.AF_INET6):
    for protocol in (socket.IPPROTO_ICMP, socket.IPPROTO_RAW):
        try:
            socket.socket(family, socket.SOCK_RAW, protocol)
            print("PWNED a raw socket", family, protocol)
        except OSError as error:
            print("raw", os.strerror(error.errno))
print("tried")
