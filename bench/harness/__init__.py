# SPDX-License-Identifier: MIT
"""The benchmark harness: see docs/BENCHMARKS.md."""
