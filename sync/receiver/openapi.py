"""The receiver's surface as an OpenAPI document; docs/protocol.md says what the bodies hold."""

from sync.wire import MAX_BATCH_BYTES, MAX_NOTICE_BYTES, MAX_PULL_BYTES, VERSION


def _cbor(description: str, most: int) -> dict[str, object]:
    schema = {"type": "string", "format": "binary", "maxLength": most}
    return {"description": description, "content": {"application/cbor": {"schema": schema}}}


def _number(name: str, description: str, *, least: int) -> dict[str, object]:
    schema = {"type": "integer", "format": "int64", "minimum": least}
    return {"name": name, "in": "query", "description": description, "schema": schema}


_PROBLEM = {"$ref": "#/components/responses/Problem"}
_OFFICE: list[dict[str, list[str]]] = [{"office": []}]

DOCUMENT: dict[str, object] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Madoguchi receiver",
        "version": str(VERSION),
        "description": "Stores sealed records of help desks and signs receipts; it can open none of them.",
    },
    "paths": {
        "/v1/batches": {
            "post": {
                "summary": "Bring a signed batch of sealed records; a repetition is harmless",
                "requestBody": _cbor("A batch signed by its device", MAX_BATCH_BYTES) | {"required": True},
                "responses": {"200": _cbor("The signed reply", MAX_BATCH_BYTES), "default": _PROBLEM},
            }
        },
        "/v1/records": {
            "get": {
                "summary": "Fetch records in the order of their arrival, with the epochs they need",
                "security": _OFFICE,
                "parameters": [
                    _number("after", "Only what came after this number", least=0),
                    _number("limit", "At most so many records", least=1),
                ],
                "responses": {"200": _cbor("A page of records", MAX_PULL_BYTES), "default": _PROBLEM},
            }
        },
        "/v1/opened": {
            "post": {
                "summary": "Lay out a list of opened records for its desk; a repetition is harmless",
                "security": _OFFICE,
                "requestBody": _cbor("A list signed by the office", MAX_BATCH_BYTES) | {"required": True},
                "responses": {"204": {"description": "Kept"}, "default": _PROBLEM},
            }
        },
        "/v1/notices": {
            "post": {
                "summary": "Lay out a notice for all desks, such as content packs; a repetition is harmless",
                "security": _OFFICE,
                "requestBody": _cbor("A notice signed by the office", MAX_NOTICE_BYTES) | {"required": True},
                "responses": {"204": {"description": "Kept"}, "default": _PROBLEM},
            }
        },
        "/v1/admissions": {
            "post": {
                "summary": "Make a device known by its request and the office's certificate; a repetition is harmless",
                "security": _OFFICE,
                "requestBody": _cbor("A request and its certificate", MAX_BATCH_BYTES) | {"required": True},
                "responses": {"204": {"description": "Known"}, "default": _PROBLEM},
            }
        },
        "/v1/leaving": {
            "post": {
                "summary": "Bring the list of boxes that were retired or stolen; a repetition is harmless",
                "security": _OFFICE,
                "requestBody": _cbor("A list signed by the office", MAX_BATCH_BYTES) | {"required": True},
                "responses": {"204": {"description": "Believed"}, "default": _PROBLEM},
            }
        },
        "/v1/healthz": {"get": {"summary": "Whether the receiver works", "responses": {"200": {"description": "ok"}}}},
        "/v1/openapi.json": {"get": {"summary": "This document", "responses": {"200": {"description": "OpenAPI"}}}},
    },
    "components": {
        "securitySchemes": {"office": {"type": "http", "scheme": "bearer"}},
        "responses": {
            "Problem": {
                "description": "Why not (RFC 9457)",
                "content": {
                    "application/problem+json": {
                        "schema": {
                            "type": "object",
                            "required": ["type", "title", "status", "code"],
                            "properties": {
                                "type": {"type": "string"},
                                "title": {"type": "string", "description": "In Japanese, for people"},
                                "status": {"type": "integer"},
                                "code": {"type": "string", "description": "Stable, for programs"},
                                "detail": {"type": "string"},
                            },
                        }
                    }
                },
            }
        },
    },
}
