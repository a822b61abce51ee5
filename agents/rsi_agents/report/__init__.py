# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Reports: what came of runs, as one HTML page."""

from rsi_agents.report.writing import MAX_BYTES, Written, write_report

__all__ = ["MAX_BYTES", "Written", "write_report"]
