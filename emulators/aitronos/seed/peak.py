"""One large workflow: the order desk of the peak season, a branch for every market."""

from types import MappingProxyType
from typing import Final

from emulators.aitronos.records import Workflow
from emulators.aitronos.seed.blocks import Canvas, equals, llm, rules, workflow

_MARKETS: Final = MappingProxyType(
    {
        "CH-DE": "Schweizer Hochdeutsch, kein ß",
        "CH-FR": "français de Suisse romande",
        "AT": "österreichisches Deutsch",
        "DE": "Deutsch, per Sie",
        "FR": "français, vouvoiement",
        "IT": "italiano, forma di cortesia",
        "NL": "Nederlands, je-vorm",
        "SE": "svenska, du-tilltal",
        "PL": "polski, forma grzecznościowa",
    }
)


def workflows() -> list[Workflow]:
    """Return the large workflow."""
    canvas = Canvas("peak-season")
    _entrance(canvas)
    for lane, (market, tone) in enumerate(_MARKETS.items()):
        _market(canvas, lane, market, tone)
    _exit(canvas)
    return [
        workflow(
            "peak-season",
            "Peak season order desk",
            canvas.definition(
                "Peak season order desk", settings={"executionTimeout": 120, "saveManualExecutions": True}
            ),
            ("2026-09-09T07:00:00", "2026-10-31T18:22:04"),
            description="Answers order questions in nine markets from mid-November to Epiphany.",
            version=41,
            by="Jonas Frey",
        )
    ]


def _entrance(canvas: Canvas) -> None:
    detect = "Return the market code and the order number, as JSON. Codes: " + ", ".join(_MARKETS)
    canvas.node("Message", "webhook", {"path": "peak/message"})
    canvas.node("Detect Market", "freddyLLM", llm(detect, "gpt-4o-mini", 0))
    canvas.node("Market", "switch", rules("={{ $json.market }}", *_MARKETS))
    canvas.node("Unknown Market", "taskCreate", {"queue": "peak-desk"}, lane=9)
    canvas.node("Shared Memory", "memoryBuffer", {"windowSize": 6}, lane=10)
    canvas.node(
        "Parcel Tracking",
        "mcpTool",
        {"server_label": "parcels", "server_url": "https://parcels.bergquell.example/mcp"},
        lane=11,
    )
    canvas.chain("Message", "Detect Market", "Market")
    agents = [f"Agent {market}" for market in _MARKETS]
    canvas.wire("Market", *(f"Order {market}" for market in _MARKETS), "Unknown Market")
    canvas.wire("Shared Memory", list(agents), kind="ai_memory")
    canvas.wire("Parcel Tracking", list(agents), kind="ai_tool")


def _market(canvas: Canvas, lane: int, market: str, tone: str) -> None:
    answer = f"Answer questions on orders of market {market}. Tone: {tone}. Never invent a date."
    url = f"https://erp.bergquell.example/{market.lower()}/orders/{{{{ $json.order_number }}}}"
    canvas.node(f"Order {market}", "httpRequest", {"url": url}, lane=lane, onError="continueErrorOutput")
    canvas.node(
        f"Agent {market}", "freddyLLM", llm(answer, "ftg-3.0" if lane % 2 else "gpt-4o", 0.4), lane=lane
    )
    canvas.node(f"Sure {market}", "if", equals("={{ $json.confidence }}", "high"), lane=lane)
    canvas.node(f"Reply {market}", "respond", {"text": "={{ $json.text }}"}, lane=lane)
    canvas.wire(f"Order {market}", f"Agent {market}", "Unknown Market")
    canvas.wire(f"Agent {market}", f"Sure {market}")
    canvas.wire(f"Sure {market}", f"Reply {market}", "Person")
    canvas.wire(f"Reply {market}", ("Count", lane))


def _exit(canvas: Canvas) -> None:
    canvas.node("Person", "taskCreate", {"queue": "peak-desk", "dueInHours": 2}, lane=12)
    canvas.node("Count", "merge", {"mode": "append", "numberInputs": len(_MARKETS)})
    canvas.node("Statistics", "googleSheets", {"operation": "append"})
    canvas.node("Assistant", "assistant", {"publish": True})
    canvas.wire("Person", "Count")
    canvas.chain("Count", "Statistics", "Assistant")
