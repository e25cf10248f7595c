# SPDX-License-Identifier: MIT
"""The figures of a row: medians of its runs, ratios to the twin of the same run."""

from statistics import median


def quantile(values, share):
    """The value below which that share of the values is, between neighbours by line."""
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def cpu(sample):
    """CPU of the server for an operation."""
    return sample["cpu_ns"] / sample["ops"]


class Row:
    """A server on a workload. samples: by number of the run, what bench/load printed."""

    def __init__(self, workload, server):
        self.workload = workload
        self.server = server
        self.samples = {}
        self.calls = None
        self.allocations = None
        self.memory = None
        self.failure = ""
        self._twin = self

    def set_twin(self, twin):
        """What the row is compared with."""
        self._twin = twin

    def _each(self, key):
        return [sample[key] for sample in self.samples.values()]

    def _per_op(self, key):
        return median(sample[key] / sample["ops"] for sample in self.samples.values())

    @property
    def cpu_ns(self):
        """CPU time of the server for an operation."""
        return self._per_op("cpu_ns")

    @property
    def wall_ns(self):
        """Time that passes for an operation: with several connections less than its latency."""
        return self._per_op("wall_ns")

    @property
    def p50_ns(self):
        """Half of the operations took less."""
        return median(self._each("p50_ns"))

    @property
    def p99_ns(self):
        """99 of 100 operations took less."""
        return median(self._each("p99_ns"))

    @property
    def ops(self):
        """Operations of one run."""
        return int(median(self._each("ops")))

    def ratios(self, other=None):
        """CPU for an operation beside the other row (or the twin) in the same run."""
        other = other or self._twin
        result = []
        for run, sample in self.samples.items():
            beside = other.samples.get(run)
            if beside and beside["cpu_ns"]:
                result.append(cpu(sample) / cpu(beside))
        return result

    def ratio(self, other=None):
        """The median of the ratios, or None."""
        values = self.ratios(other)
        return median(values) if values else None

    def calls_per_op(self):
        """System calls for an operation, or None."""
        return sum(self.calls.values()) if self.calls is not None else None

    def allocations_per_op(self):
        """Heap allocations for an operation, or None."""
        return self.allocations["allocations"] if self.allocations is not None else None
