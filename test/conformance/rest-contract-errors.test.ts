import { section } from "./rest-contract.ts";

const missing = "GET /v1/operations/x";
const START = "POST /v1:createArchive";

section("4.1, error bodies v2", [
  {
    fact: "code, message, status, details, in this order (M)",
    send: missing,
    status: 404,
    has: /^\{\n {2}"error": \{\n {4}"code": 404,\n {4}"message": ".*",\n {4}"status": "NOT_FOUND",\n {4}"details": \[/,
  },
  {
    fact: "an ErrorInfo with reason, domain and metadata (S)",
    send: missing,
    status: 404,
    has: /"@type": "type\.googleapis\.com\/google\.rpc\.ErrorInfo",\s+"reason": "OPERATION_NOT_FOUND",\s+"domain": "archive",\s+"metadata": \{/,
  },
  { fact: "v2 is the default (S)", send: missing, status: 404, lacks: /"errors"/ },
  { fact: "and can be asked for (S)", send: `${missing}?$.xgafv=2`, status: 404, lacks: /"errors"/ },
]);

section("4.2, error bodies v1", [
  {
    fact: "errors between message and status, details kept (M)",
    send: `${missing}?$.xgafv=1`,
    status: 404,
    has: /"message": ".*",\n {4}"errors": \[[^]*\],\n {4}"status": "NOT_FOUND",\n {4}"details": \[/,
  },
  {
    fact: "one entry for the call: message, domain, reason (M)",
    send: `${missing}?$.xgafv=1`,
    status: 404,
    has: /"errors": \[\s+\{\s+"message": ".*",\s+"domain": "global",\s+"reason": "notFound"\s+\}\s+\]/,
  },
  {
    fact: "success bodies do not change (M)",
    send: "GET /v1/{name}?$.xgafv=1&fields=name",
    json: { name: "{name}" },
  },
]);

section("4.3, reasons of v1", [
  {
    fact: "INVALID_ARGUMENT is badRequest (M)",
    send: "GET /v1/{name}?alt=zzz&$.xgafv=1",
    status: 400,
    has: '"reason": "badRequest"',
  },
  {
    fact: "a field is invalid, without a domain (M)",
    send: `${START}?$.xgafv=1`,
    body: '{"a":1}',
    status: 400,
    has: '"reason": "invalid"',
    lacks: /"domain": "global"/,
  },
  {
    fact: "what is no JSON is parseError (M)",
    send: `${START}?$.xgafv=1`,
    body: "{",
    status: 400,
    has: '"reason": "parseError"',
  },
  {
    fact: "PERMISSION_DENIED is forbidden (M)",
    send: `${START}?$.xgafv=1`,
    headers: { origin: "http://a" },
    status: 403,
    has: '"reason": "forbidden"',
  },
  {
    fact: "NOT_FOUND is notFound (M)",
    send: `${missing}?$.xgafv=1`,
    status: 404,
    has: '"reason": "notFound"',
  },
  {
    fact: "UNIMPLEMENTED is notImplemented (M)",
    send: "PUT /v1/{name}?$.xgafv=1",
    status: 405,
    has: '"reason": "notImplemented"',
  },
]);

section("4.4, more samples", [
  {
    fact: "a bad xgafv (M)",
    send: "GET /v1/{name}?$.xgafv=NOPE",
    status: 400,
    has: `"message": "Invalid query parameters. Invalid value 'NOPE' for system query parameter : $.xgafv"`,
  },
  {
    fact: "a typed value in the query (M)",
    send: "GET /v1/operations?pageSize=abc",
    status: 400,
    has: `Invalid value at 'page_size' (TYPE_INT32), \\"abc\\"`,
  },
  { fact: "unary errors are not in an array (R)", send: missing, status: 404, has: /^\{/ },
]);
