"""How much, how often, how long? Counters for Prometheus, summed over the server's processes."""

import os

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.registry import REGISTRY

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Where processes that serve together keep their counters; set before this module is imported."""

REQUESTS = Counter("geoapp_requests", "Answers by route and status.", ["route", "status"])
SECONDS = Counter("geoapp_request_seconds", "Seconds spent on answers.", ["route", "status"])
DURATION = Histogram(
    "geoapp_request_duration_seconds", "How long answers took.", ["route"],
    buckets=(0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)  # fmt: skip
SLOW = Counter("geoapp_slow_statements", "Statements over GEOAPP_SLOW_STATEMENT_MS.")
JOBS = Counter("geoapp_jobs", "Jobs that have ended, by kind and how.", ["kind", "state"])


def answered(route: str, status: int, seconds: float) -> None:
    """Count an answer."""
    REQUESTS.labels(route, str(status)).inc()
    SECONDS.labels(route, str(status)).inc(seconds)
    DURATION.labels(route).observe(seconds)


def exposition() -> bytes:
    """All counters in Prometheus' text format, of every process that serves with this one."""
    if not os.environ.get(FOLDER):
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
