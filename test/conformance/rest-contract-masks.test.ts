import { section } from "./rest-contract.ts";

const expanding = (path: string): string =>
  `Error expanding 'fields' parameter. Cannot find matching fields for path '${path}'.`;

section("3.3, field masks", [
  { fact: "a list (S)", send: "GET /v1/{name}?fields=name,done", json: { name: "{name}" } },
  {
    fact: "nesting by / (S)",
    send: "GET /v1/{name}?fields=metadata/value/state",
    json: { metadata: { value: { state: "PENDING" } } },
  },
  {
    fact: "nesting by . (S)",
    send: "GET /v1/{name}?fields=metadata.value.state",
    json: { metadata: { value: { state: "PENDING" } } },
  },
  {
    fact: "sub-selection (S)",
    send: "GET /v1/{name}?fields=name,metadata(value(state,attempt))",
    json: { name: "{name}", metadata: { value: { state: "PENDING", attempt: 0 } } },
  },
  {
    fact: "wildcards (S)",
    send: "GET /v1/{name}?fields=metadata/*/state",
    json: { metadata: { value: { state: "PENDING" } } },
  },
  {
    fact: "arrays are transparent (S)",
    send: "GET /v1/operations?fields=operations/name",
    server: {},
    json: { operations: [{ name: "{name}" }] },
  },
  {
    fact: "percent-encoded (V)",
    send: "GET /v1/operations?fields=operations%28name%2Cdone%29",
    server: {},
    json: { operations: [{ name: "{name}" }] },
  },
  {
    fact: "a masked list loses its token (M)",
    send: "GET /v1/operations?pageSize=1&fields=operations(name)",
    lacks: /nextPageToken/,
  },
  {
    fact: "success bodies only (S)",
    send: "GET /v1/operations/x?fields=name",
    status: 404,
    has: '"status": "NOT_FOUND"',
  },
  {
    fact: "an unknown path is refused (M)",
    send: "GET /v1/{name}?fields=x",
    status: 400,
    has: expanding("x"),
  },
  {
    fact: "with a general message (M)",
    send: "GET /v1/{name}?fields=x",
    status: 400,
    has: '"message": "Request contains an invalid argument."',
  },
  {
    fact: "lenient below metadata and response (I)",
    send: "GET /v1/{name}?fields=metadata/x,response/y",
    json: { metadata: {} },
  },
  { fact: "if nothing is left, {} (S)", send: "GET /v1/{name}?fields=done", json: {} },
]);
