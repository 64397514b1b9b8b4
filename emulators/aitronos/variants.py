"""The switchable contradictions and open questions of the Aitronos documents, each with its sentence."""

from collections.abc import Mapping
from types import MappingProxyType

LEGACY_HEADER = "legacy_key_header"
FASTAPI_VALIDATION = "fastapi_validation"
UUID_TRACE_IDS = "uuid_trace_ids"
NO_DETAILS = "no_error_details"
UPSERT_200 = "upsert_200"
CONVERT_200 = "convert_200"
DELETE_200 = "delete_200"
PROMOTE_400 = "promote_400"
STRICT_BODIES = "strict_bodies"
OMIT_NULLS = "omit_nulls"
RATE_LIMITS = "rate_limits"
SPLIT_LIMIT_HEADERS = "split_limit_headers"

VARIANTS: Mapping[str, str] = MappingProxyType(
    {
        LEGACY_HEADER: "The key is taken from a header named api-key only, as one older page shows it.",
        FASTAPI_VALIDATION: "A 422 has FastAPI's {detail: [...]} body, which the SDK ships a type for.",
        UUID_TRACE_IDS: "error.trace_id is a UUID, as on the error pages, not req_... as on the endpoint pages.",
        NO_DETAILS: "error.details is left out.",
        UPSERT_200: "POST /v1/workflows answers 200, not 201, when external_id matched and it updated.",
        CONVERT_200: "convert-to-workflow answers 200, not 201.",
        DELETE_200: "DELETE of a workflow or assistant answers 200 with a message, not an empty 204.",
        PROMOTE_400: "promote-to-assistant answers 400, not 422, when it cannot tell the primary node.",
        STRICT_BODIES: "Unknown body fields are refused, as documented for the authentication endpoints only.",
        OMIT_NULLS: "Optional fields without a value are left out of workflows instead of being null.",
        RATE_LIMITS: "The standard plan's 100 requests a minute (burst 120) are enforced and told in headers.",
        SPLIT_LIMIT_HEADERS: "Rate limit headers end in -requests and -tokens, as on the debugging page.",
    }
)
