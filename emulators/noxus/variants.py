"""Where the vendor's own documents and programs contradict each other; each can be switched on."""

from collections.abc import Mapping

VARIANTS: Mapping[str, str] = {
    "agent_model_key": "agents answer with `model`, as the SDK writes it, instead of `model_selection`",
    "bearer": "`Authorization: Bearer` is accepted too, as one capture of Add Agent shows",
    "delete_204": "deletes answer an empty 204 instead of JSON, which the SDK cannot read",
    "deleted_visible": "deleted workflows stay in lists and reads, with `deleted_at` set",
    "empty_definitions": "workflows answer `definition: {}`, as every example in the reference prints it",
    "flow_version_everywhere": "`flow_version` stands at the top of every workflow, not only of v2 flows",
    "missing_key_403": "a missing key is 403 (the framework before 2025) instead of 401",
    "no_delete_history": "the key lacks `resource:delete_history`, so deleting runs is 403",
    "no_run_events": "the run's event stream is missing (404), as on older installs",
    "old_types": "only the types flow, handler and ingestion exist, as older captures list them",
    "preview_writes_draft": "PATCH of an agent with `preview=true` stores the draft that publish promotes",
    "search_as_documented": "run search pages by query only and ignores what the SDK puts in the body",
    "sync_short": "a synchronous run answers `id` and `output` only, as the reference prints it",
}
