"""Every metric."""

from typing import Final

from docs.pages.markdown import code, page, table
from gateway.telemetry.catalogue import BOUNDS, METRICS, Metric

TITLE: Final = "Metrics"


def text() -> str:
    """Return the page."""
    introduction = (
        "`GET /metrics` answers in Prometheus' text format, or as OpenMetrics when `Accept` asks for it. It needs a "
        "caller's key like every other path, of any caller, "
        "and tells of the connections that this caller may see. Prometheus sends the key as a bearer token:\n\n"
        "```yaml\nscrape_configs:\n  - job_name: workflow-gateway\n    authorization: {credentials_file: "
        "/etc/prometheus/gateway-key}\n    static_configs: [{targets: ['127.0.0.1:8080']}]\n```\n\n"
        "With several workers, whichever of them is asked answers for all. What is counted is added up over them, and "
        "stays when a worker dies and is replaced. What a worker reads of itself, such as the size of its cache, "
        "carries its number as the label `worker`; the others know it with a delay of up to a second, and not at all "
        "while it is dead.\n\n"
        "The values of every label are known when the gateway starts, so that no request can make a new series. A "
        "series with labels appears with the first thing it counts."
    )
    rows = [(code(each.name), each.kind, _labels(each), each.meaning) for each in METRICS]
    bounds = ", ".join(str(bound) for bound in BOUNDS)
    return page(
        TITLE,
        "`gateway/telemetry/catalogue.py`",
        introduction,
        table(("name", "kind", "labels", "meaning"), rows),
        f"The buckets of every histogram end at {bounds} seconds.",
    )


def _labels(metric: Metric) -> str:
    labels = (*metric.labels, "worker") if metric.per_worker else metric.labels
    return ", ".join(map(code, labels))
