"""The contradictions in PromptLayer's documents that can be switched on, each with its sentence."""

from types import MappingProxyType

EXAMPLE_SHAPE = "example_shape"
SDK_WRAPPER = "sdk_wrapper"
PROMPT_NAME = "prompt_name"
NO_CONDITIONALS = "no_conditionals"
DOUBLE_EQUALS = "double_equals"
FAILURE_WORD = "failure_word"
BOTH_IS_400 = "both_is_400"
NAMES_FIRST = "names_first"
NO_CALLBACKS = "no_callbacks"
ERROR_KEY = "error_key"
MESSAGE_422 = "message_422"
DELETED_HIDDEN = "deleted_hidden"
OLD_WRITE_ANSWERS = "old_write_answers"
NO_WORKSPACE_NEEDED = "no_workspace_needed"
TIMES_WITHOUT_ZONE = "times_without_zone"

VARIANTS = MappingProxyType(
    {
        EXAMPLE_SHAPE: "GET /workflows/{id} answers as its example does and not as its schema says: "
        "`version_number` for `version`, no `workflow_version_id`, nodes without ids",
        SDK_WRAPPER: "GET /workflows/{id} also carries `workflow: {id, name}`, "
        "which the Python SDK reads and no document shows",
        PROMPT_NAME: "prompt references are read back as `template.prompt_name`, as the examples have it",
        NO_CONDITIONALS: "edges are read back without `conditionals`, which only writing requires",
        DOUBLE_EQUALS: "conditionals are read back with `==`, the spelling of the editor's documentation",
        FAILURE_WORD: "execution results say FAILURE, the callback's word, for FAILED",
        BOTH_IS_400: "`version` together with `label` is answered with 400 instead of 422",
        NAMES_FIRST: "digits in a path are looked up as a name first and as an id second",
        NO_CALLBACKS: "`callback_url` is not known, as before it was documented: runs always answer 201",
        ERROR_KEY: "errors carry `error` instead of `message`, as some legacy endpoints do",
        MESSAGE_422: "a 422 has the shape `{success, message}` instead of FastAPI's `detail`",
        DELETED_HIDDEN: "the list leaves deleted workflows out instead of marking them `is_deleted`",
        OLD_WRITE_ANSWERS: "writes answer as the older pages say: with `message`, without `external_ids`",
        NO_WORKSPACE_NEEDED: "folder routes work without `workspace_id`, as in the page's examples",
        TIMES_WITHOUT_ZONE: "times of folders and entities have no offset, as in the page's example",
    }
)
"""Variant name -> what it changes."""
