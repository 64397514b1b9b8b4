"""A small believable catalogue of node types; the real one has about 800.

Names, connectors and settings of the types the vendor's own programs and examples use are theirs; the types
beyond those (knowledge base, code, loop, human feedback, triggers of mailboxes) are made up in the same style.
"""

from typing import Final

from emulators.noxus.connectors import connector, node_type, node_type_v2, on_error, setting
from emulators.noxus.state import Record

KEYED: Final = "variable_type_size_connector"


def _io() -> list[Record]:
    label = {"label": setting("str")}
    typed = {"label": setting("str", "Input 1"), "type": setting("str", "str")}
    fixed = {"fixed_value": setting("bool", default=False), "value": setting("Any")}
    text = connector("output", "variable_type_output")
    return [
        node_type("InputNode", ("Input", "io", "A value the run is started with"), (), [text], typed | fixed),
        node_type(
            "FileInputNode",
            ("File input", "io", "A file the run is started with"),
            (),
            [connector("output", "output", "File")],
            label,
        ),
        node_type(
            "ImageInputNode",
            ("Image input", "io", "A picture the run is started with"),
            (),
            [connector("output", "output", "Image")],
            label,
        ),
        node_type(
            "OutputNode",
            ("Output", "io", "A value the run ends with"),
            [connector("input", "variable_type_input")],
            (),
            {"label": setting("str", "Output 1"), "type": setting("str", "str")},
        ),
    ]


def _writing() -> list[Record]:
    model = {
        "template": setting("str", required=True),
        "model": setting("list", ["preset:cost"]),
        "system_prompt": setting("str"),
        "temperature": setting("float", 0.7),
        "max_tokens": setting("int", 64000),
    }
    return [
        node_type(
            "TextGenerationNode",
            ("Generate text", "ai_text", "Write text with a language model"),
            [connector("variables", KEYED)],
            [connector("text_output"), on_error()],
            model,
        ),
        node_type(
            "SummaryNode",
            ("Summarise", "ai_text", "Shorten a text"),
            [connector("input")],
            [connector("summary"), on_error()],
            {"summary_format": setting("str", "Concise"), "summary_topic": setting("str")},
        ),
        node_type(
            "ComposeTextNode",
            ("Compose text", "data", "Put texts together"),
            [connector("variables", KEYED)],
            [connector("text_output")],
            {"template": setting("str", required=True)},
        ),
        node_type(
            "TranslateNode",
            ("Translate", "ai_text", "Translate a text"),
            [connector("input")],
            [connector("translation"), on_error()],
            {"target_language": setting("str", "en"), "glossary": setting("dict", {})},
        ),
    ]


def _deciding() -> list[Record]:
    categorizer = {
        "template": setting("str", "((input))"),
        "system_prompt": setting("str"),
        "categories": setting("list", [], required=True),
        "temperature": setting("float", 0.0),
    }
    conditions = {
        "conditions": setting("list", []),
        "output_true": setting("str", ""),
        "output_false": setting("str", ""),
    }
    return [
        node_type(
            "EnsembleCategorizerNode",
            ("Categorise", "ai_text", "Put a text into one of several categories"),
            [connector("input")],
            [connector("category"), connector("reasoning"), on_error()],
            categorizer,
        ),
        node_type(
            "ComplexConditionalNode",
            ("Conditional", "logic", "Pass a value on one of two ways"),
            [connector("variables", KEYED)],
            [connector("when_true"), connector("when_false")],
            conditions,
        ),
        node_type(
            "HumanFeedbackNode",
            ("Ask a person", "logic", "Wait until a person decides"),
            [connector("input")],
            [connector("approved"), connector("rejected")],
            {"question": setting("str"), "assignee": setting("str"), "expires_hours": setting("int", 48)},
        ),
    ]


def _calling() -> list[Record]:
    request = {
        "url": setting("str", required=True),
        "method": setting("str", "GET"),
        "headers": setting("dict", {}),
        "body_template": setting("str", ""),
        "timeout_seconds": setting("int", 30),
        "retry_attempts": setting("int", 0),
        "retry_delay": setting("int", 1),
    }
    return [
        node_type(
            "InvokeSubflowNode",
            ("Run a flow", "logic", "Run another workflow as a step"),
            [connector("inputs", KEYED)],
            [connector("outputs", KEYED), on_error()],
            {"workflow_id": setting("str"), "version_id": setting("str")},
        ),
        node_type(
            "APICallNode",
            ("API call", "integrations", "Call a web service"),
            [connector("inputs", KEYED)],
            [connector("response"), on_error()],
            request,
        ),
        node_type(
            "EmailNode",
            ("Send e-mail", "integrations", "Send an e-mail"),
            [connector("variables", KEYED)],
            [connector("sent"), on_error()],
            {name: setting("str") for name in ("to", "subject", "body_template")},
        ),
    ]


def _reading() -> list[Record]:
    passages = connector("passages", data_type="list")
    sources = connector("sources", data_type="SourceType")
    return [
        node_type(
            "KnowledgeBaseSearchNode",
            ("Search a knowledge base", "sources", "Find passages about a question"),
            [connector("query")],
            [passages, sources, on_error()],
            {"kb_id": setting("str"), "top_k": setting("int", 5), "min_score": setting("float", 0.0)},
        ),
        node_type(
            "DocumentExtractionNode",
            ("Extract fields", "data", "Read named fields out of a document"),
            [connector("file", data_type="File")],
            [connector("fields", data_type="dict"), on_error()],
            {"fields": setting("list", []), "ocr": setting("bool", default=True)},
        ),
        node_type(
            "CodeExecutionNode",
            ("Run code", "data", "Run Python over the inputs"),
            [connector("inputs", KEYED)],
            [connector("outputs", KEYED), on_error()],
            {"code": setting("str", required=True), "timeout": setting("int", 60)},
        ),
    ]


def _agent_flow() -> list[Record]:
    before, after = connector("previous"), connector("next")
    instructions = {"instructions": setting("str")}
    names = {
        "ChatAgentNode": "Talk with the user until the instructions are met",
        "BasicAgentNode": "Let an agent work on its own",
        "AgentMessageSendNode": "Send a fixed message",
        "FormExtractionAgentNode": "Collect fields in conversation",
    }
    steps = [
        node_type(name, (name.removesuffix("Node"), "agent_flow", about), [before], [after], instructions)
        for name, about in names.items()
    ]
    choice = {"choices": setting("list", []), "instructions": setting("str")}
    return [
        node_type("AgentStartNode", ("Start", "agent_flow", "Where a conversation begins"), (), [after]),
        *steps,
        node_type(
            "ChoiceAgentNode",
            ("Choice", "agent_flow", "Let the conversation decide the way"),
            [before],
            [connector("next", "variable_connector")],
            choice,
        ),
        node_type("AgentEndNode", ("End", "agent_flow", "Where a conversation ends"), [before]),
    ]


def _v2() -> list[Record]:
    labelled = {"label": setting("str"), "type": setting("str", "str")}
    prompt = {"prompt": setting("str"), "model": setting("list", ["preset:cost"])}
    call = {"url": setting("str"), "method": setting("str", "GET"), "body": setting("Any")}
    kb = {"kb_id": setting("str"), "query": setting("str"), "top_k": setting("int", 5)}
    sub = {"workflow_id": setting("str"), "inputs": setting("dict", {})}
    value = {"value": setting("Any")}
    loop = {"items": setting("Any"), "max_iterations": setting("int", 50)}
    return [
        node_type_v2("InputNodeV2", ("Input", "io", "A value the run is started with"), ["output"], labelled),
        node_type_v2("OutputNodeV2", ("Output", "io", "A value the run ends with"), [], labelled | value),
        node_type_v2("CombineTextV2", ("Combine text", "data", "Put texts together"), ["output"]),
        node_type_v2(
            "TextGenerationV2", ("Generate text", "ai_text", "Write with a model"), ["text_output"], prompt
        ),
        node_type_v2("InvokeSubflowV2Node", ("Run a flow", "logic", "Run a workflow"), ["outputs"], sub),
        node_type_v2("LoopV2", ("Loop", "logic", "Repeat the nodes inside"), ["item", "results"], loop),
        node_type_v2("ConditionV2", ("Condition", "logic", "Choose a way"), ["when_true", "when_false"]),
        node_type_v2("HttpRequestV2", ("HTTP request", "integrations", "Call a service"), ["response"], call),
        node_type_v2("KnowledgeBaseSearchV2", ("Search", "sources", "Find passages"), ["passages"], kb),
    ]


def node_catalogue() -> list[Record]:
    """Return every node type, as `GET /v1/nodes` answers it: a bare array."""
    return [*_io(), *_writing(), *_deciding(), *_calling(), *_reading(), *_agent_flow(), *_v2()]
