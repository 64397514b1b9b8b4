"""A canonical graph as text for a drawing program: Mermaid for pages, DOT for Graphviz."""

from gateway.graph_export.dot_language import dot
from gateway.graph_export.mermaid_language import mermaid

__all__ = ["dot", "mermaid"]
