import { section } from "./rest-contract.ts";

const UNKNOWN =
  "Invalid JSON payload received. Unknown name \"parents\": Cannot bind query parameter. Field 'parents' could not be found in request message.";

section("3.1, transcoding", [
  {
    fact: "everything in a single segment is decoded (S)",
    send: "GET /v1/operations/{%child}",
    has: "{child}",
  },
  {
    fact: "%2F in a path of several segments stays (S)",
    send: "GET /v1/projects/a%2Fb/operations",
    json: {},
  },
  { fact: "query fields in lowerCamelCase (S)", send: "GET /v1/operations?pageSize=1", has: "{name}" },
  { fact: "query fields in snake_case (S)", send: "GET /v1/operations?page_size=1", has: "{name}" },
  { fact: "no done while running (S)", send: "GET /v1/{name}", lacks: /"done"/ },
  {
    fact: "defaults are omitted: an empty page is {} (S)",
    send: "GET /v1/projects/none/operations",
    json: {},
  },
  {
    fact: "unknown query parameters are refused (R)",
    send: "GET /v1/{name}?parents=a",
    status: 400,
    has: JSON.stringify(UNKNOWN),
  },
  {
    fact: "with a violation for each (R)",
    send: "GET /v1/{name}?a=1&b=2",
    status: 400,
    has: /"fieldViolations": \[[^]*\\"a\\"[^]*\\"b\\"/,
  },
  {
    fact: "unknown fields of a body are refused (R)",
    send: "POST /v1/{name}:cancel",
    body: '{"a":1}',
    status: 400,
    has: /Unknown name \\"a\\"[^"]*Cannot find field\./,
  },
]);

const invalid = (name: string, value: string): string =>
  `Invalid query parameters. Invalid value '${value}' for system query parameter : ${name}`;
const json = "application/json; charset=UTF-8";
const script = "text/javascript; charset=UTF-8";
const jsonp = { jsonp: true };

section("3.2, system parameters: spellings", [
  ...[
    "$.xgafv=1",
    "%24.xgafv=2",
    "alt=json",
    "$alt=json",
    "$alt=json%3Benum-encoding=int",
    "fields=*",
    "$fields=name",
    "%24fields=name",
    "prettyPrint=false",
    "$prettyPrint=0",
    "pp=1",
    "key=k",
    "$key=k",
    "access_token=t",
    "oauth_token=t",
    "bearer_token=t",
    "$quotaUser=u",
    "quotaUser=u",
    "userip=1.2.3.4",
    "$userProject=p",
    "$apiVersion=v1",
    "$ct=text/xml",
    "$httpMethod=GET",
    "uploadType=media",
    "upload_protocol=raw",
    "trace=t",
    "strict=true",
    "callback=",
    "",
  ].map((query) => ({
    fact: `"${query}" is taken (S, V)`,
    send: `GET /v1/{name}?${query}`,
  })),
  ...[
    "x-goog-api-key",
    "x-goog-user-project",
    "x-goog-api-version",
    "x-goog-request-params",
    "x-goog-api-client",
    "x-goog-request-reason",
    "x-goog-ext-1-bin",
    "x-goog-quota-user",
    "authorization",
    "x-goog-upload-protocol",
  ].map((header) => ({
    fact: `${header} is taken (S)`,
    send: "GET /v1/{name}",
    headers: { [header]: "a" },
  })),
  {
    fact: "X-Goog-FieldMask is fields (S)",
    send: "GET /v1/{name}",
    headers: { "x-goog-fieldmask": "name" },
    json: { name: "{name}" },
  },
  {
    fact: "X-GOOG-API-FORMAT-VERSION is $.xgafv (S)",
    send: "GET /v1/operations/x",
    headers: { "x-goog-api-format-version": "1" },
    status: 404,
    has: '"errors"',
  },
  {
    fact: "quotaUser has 40 characters at most (S)",
    send: `GET /v1/{name}?quotaUser=${"u".repeat(41)}`,
    status: 400,
  },
  {
    fact: "X-Server-Timeout bounds a wait (S)",
    send: "POST /v1/{name}:wait?timeout=60s",
    headers: { "x-server-timeout": "0" },
    has: "{name}",
  },
  {
    fact: "Accept is not used (S)",
    send: "GET /v1/{name}",
    headers: { accept: "text/html" },
    answers: { "content-type": json },
  },
  {
    fact: "$ct overrides the content type (S)",
    send: "POST /v1:createArchive?$ct=application/json",
    headers: { "content-type": "text/xml" },
    body: '{"directory":"/a"}',
    has: '"name"',
  },
  { fact: "a bare ? is nothing (V)", send: "GET /v1/{name}?", has: "{name}" },
]);

section("3.2, system parameters: measured rules", [
  ...["", "0", "01", "3", "NOPE"].map((value) => ({
    fact: `$.xgafv=${value} is refused (M)`,
    send: `GET /v1/{name}?$.xgafv=${value}`,
    status: 400,
    has: invalid("$.xgafv", value),
  })),
  {
    fact: "$.xgafv is judged before the rest (M)",
    send: "GET /nowhere?$.xgafv=9&alt=zzz",
    status: 400,
    has: invalid("$.xgafv", "9"),
  },
  {
    fact: "of $.xgafv the last wins (M)",
    send: "GET /v1/operations/x?$.xgafv=2&$.xgafv=1",
    status: 404,
    has: '"errors"',
  },
  { fact: "also when an earlier one is wrong (M)", send: "GET /v1/{name}?$.xgafv=NOPE&$.xgafv=2" },
  { fact: "of alt the first wins (M)", send: "GET /v1/{name}?alt=json&alt=media" },
  {
    fact: "of fields the first wins (M)",
    send: "GET /v1/{name}?fields=name&fields=nonsense",
    json: { name: "{name}" },
  },
  {
    fact: "of prettyPrint the first wins (M)",
    send: "GET /v1/{name}?prettyPrint=false&prettyPrint=true",
    lacks: /\n/,
  },
  {
    fact: "of callback the first wins (M)",
    send: "GET /v1/{name}?callback=f&callback=a(b",
    server: jsonp,
    has: /^\/\/ API callback\nf\(/,
  },
  { fact: "alt is case-insensitive (M)", send: "GET /v1/{name}?alt=JSON" },
  { fact: "an empty alt is absent (M)", send: "GET /v1/{name}?alt=", answers: { "content-type": json } },
  {
    fact: "unknown alt is refused (M)",
    send: "GET /v1/{name}?alt=zzz",
    status: 400,
    has: invalid("alt", "zzz"),
  },
  {
    fact: "alt=media is refused in its own words (M)",
    send: "GET /v1/{name}?alt=media",
    status: 400,
    has: 'Unsupported alt type \\"media\\" for non byte stream request.',
  },
  {
    fact: "in any case (M)",
    send: "GET /v1/{name}?alt=MEDIA",
    status: 400,
    has: 'Unsupported alt type \\"media\\"',
  },
  { fact: "callback is for GET (M)", send: "POST /v1/{name}:cancel?callback=f", server: jsonp, json: {} },
  {
    fact: "JSONP is a script (M)",
    send: "GET /v1/projects/none/operations?callback=a.b[0]&prettyPrint=false",
    server: jsonp,
    answers: { "content-type": script },
    has: /^\/\/ API callback\na\.b\[0\]\(\{\}\);$/,
  },
  {
    fact: "and 200 for errors too (M)",
    send: "GET /v1/operations/x?callback=f",
    server: jsonp,
    answers: { "content-type": script },
    has: '"code": 404',
  },
  {
    fact: "a bad name is 400, still wrapped (M)",
    send: "GET /v1/{name}?callback=f(",
    server: jsonp,
    has: /^\/\/ API callback\nf\(\{[^]*"code": 400[^]*Invalid JSONP callback name/,
  },
  {
    fact: "the content type is JSON in UTF-8 (M)",
    send: "GET /v1/{name}",
    answers: { "content-type": json },
  },
  {
    fact: "pretty is indented by two and ends with a newline (M)",
    send: "GET /v1/{name}",
    has: /^\{\n {2}"name"[^]*\n\}\n$/,
  },
  {
    fact: "compact has no spaces and no newline (M)",
    send: "GET /v1/{name}?prettyPrint=false",
    has: /^\{"name":"[^\n]*\}$/,
  },
  {
    fact: "errors stay indented (M)",
    send: "GET /v1/operations/x?prettyPrint=false",
    status: 404,
    has: /^\{\n {2}"error": \{\n/,
  },
  {
    fact: "< and > are escaped (M)",
    send: "GET /v1/operations/%3Cx%3E",
    status: 404,
    has: "\\u003cx\\u003e",
  },
  {
    fact: "nowhere is JSON here, not HTML (V)",
    send: "GET /nowhere",
    status: 404,
    answers: { "content-type": json },
    has: "PATH_NOT_FOUND",
  },
]);
