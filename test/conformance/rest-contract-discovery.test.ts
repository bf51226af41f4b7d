import { section } from "./rest-contract.ts";

const REST = "GET /$discovery/rest?version=v1&prettyPrint=false";
const present = (key: string): { fact: string; send: string; has: string } => ({
  fact: `${key} is there (S)`,
  send: REST,
  has: `"${key}":`,
});

section("5.1, the discovery document", [
  ...[
    "kind",
    "discoveryVersion",
    "id",
    "name",
    "version",
    "revision",
    "title",
    "description",
    "ownerDomain",
    "ownerName",
    "icons",
    "documentationLink",
    "protocol",
    "baseUrl",
    "basePath",
    "rootUrl",
    "servicePath",
    "batchPath",
    "parameters",
    "schemas",
    "resources",
  ].map(present),
  { fact: "batchPath is batch (S)", send: REST, has: '"batchPath":"batch"' },
  { fact: "$.xgafv is a global parameter (S)", send: REST, has: /"\$\.xgafv":\{[^}]*"enum":\["1","2"\]/ },
  { fact: "names are {+name} (S)", send: REST, has: '"path":"v1/{+name}"' },
  {
    fact: "timeout of wait is a query parameter (S)",
    send: REST,
    has: /"timeout":\{[^}]*"format":"google-duration"/,
  },
  { fact: ":wait takes timeout from the query (S)", send: "POST /v1/{name}:wait?timeout=0s", has: "{name}" },
  {
    fact: ":wait takes timeout from the body (S)",
    send: "POST /v1/{name}:wait",
    body: '{"timeout":"0s"}',
    has: "{name}",
  },
]);

section("5.2, what generators need", [
  { fact: "no auth, or Python looks for credentials (V)", send: REST, lacks: /"auth":/ },
  { fact: "rootUrl is where the caller is (V)", send: REST, has: '"rootUrl":"{url}/"' },
  {
    fact: "rootUrl by configuration (V)",
    send: REST,
    server: { publicUrl: "https://a.example" },
    has: '"rootUrl":"https://a.example/"',
  },
]);

section("5.3, where it is served", [
  { fact: "/$discovery/rest (S)", send: REST, has: "discovery#restDescription" },
  {
    fact: "percent-encoded (V)",
    send: "GET /%24discovery/rest?version=v1",
    has: "discovery#restDescription",
  },
  {
    fact: "/discovery/v1/apis/{api}/{version}/rest (S)",
    send: "GET /discovery/v1/apis/archive/v1/rest",
    has: "discovery#restDescription",
  },
  { fact: "the directory (S)", send: "GET /discovery/v1/apis", has: "discovery#directoryList" },
  {
    fact: "another API is a 404, so that clients go on (V)",
    send: "GET /discovery/v1/apis/other/v1/rest",
    status: 404,
  },
]);

const BOUNDARY = "===============7330845974216740156==";
const MIXED = { "content-type": `multipart/mixed; boundary="${BOUNDARY}"` };
const part = (call: string, id = "<b29c5de2 + 1>"): string =>
  `--${BOUNDARY}\nContent-Type: application/http\nMIME-Version: 1.0\nContent-Transfer-Encoding: binary\nContent-ID: ${id}\n\n${call}\n`;
const batch = (...parts: string[]): string => `${parts.join("")}--${BOUNDARY}--\n`;
const GET =
  "GET /v1/{name}?alt=json HTTP/1.1\nContent-Type: application/json\naccept: application/json\nHost: 127.0.0.1:8080\n\n";
const send = "POST /batch";

section("5.4, batch", [
  {
    fact: "a quoted boundary with = and LF line ends (V)",
    send,
    headers: MIXED,
    body: batch(part(GET)),
    has: '"name": "{name}"',
  },
  {
    fact: "CRLF line ends (S)",
    send,
    headers: MIXED,
    body: batch(part(GET)).replaceAll("\n", "\r\n"),
    has: '"name": "{name}"',
  },
  {
    fact: "at /batch/… as well (S)",
    send: "POST /batch/archive/v1",
    headers: MIXED,
    body: batch(part(GET)),
    has: '"name": "{name}"',
  },
  {
    fact: "Content-ID comes back with response- (V)",
    send,
    headers: MIXED,
    body: batch(part(GET)),
    has: "Content-ID: <response-b29c5de2 + 1>\r\n",
  },
  {
    fact: "status line, headers, CRLF CRLF, body (V)",
    send,
    headers: MIXED,
    body: batch(part(GET)),
    has: /^--(batch_[\w-]+)\r\nContent-Type: application\/http\r\nContent-ID: .*\r\n\r\nHTTP\/1\.1 200 OK\r\nContent-Type: application\/json; charset=UTF-8\r\n[^]*?Content-Length: \d+\r\n\r\n\{[^]*\}\n\r\n--\1--\r\n$/,
  },
  {
    fact: "order is kept (R)",
    send,
    headers: MIXED,
    body: batch(part(GET, "<a>"), part("GET /v1/operations/x HTTP/1.1\n\n", "<b>"), part(GET, "<c>")),
    has: /response-a>[^]*response-b>[^]*response-c>/,
  },
  {
    fact: "errors are inside, 200 outside (S)",
    send,
    headers: MIXED,
    body: batch(part("GET /v1/operations/x HTTP/1.1\n\n")),
    has: /HTTP\/1\.1 404 Not Found\r\n[^]*"status": "NOT_FOUND"/,
  },
  {
    fact: "an absolute address (S)",
    send,
    headers: MIXED,
    body: batch(part("GET {url}/v1/{name} HTTP/1.1\n\n")),
    has: '"name": "{name}"',
  },
  {
    fact: "a body with its length (V)",
    send,
    headers: MIXED,
    body: batch(part('POST /v1:createArchive HTTP/1.1\ncontent-length: 18\n\n{"directory":"/a"}')),
    has: "HTTP/1.1 200 OK",
  },
  {
    fact: "1,000 calls at most (V)",
    send,
    headers: MIXED,
    body: batch(...Array.from({ length: 1_001 }, () => part(GET))),
    status: 400,
    has: "BATCH_INVALID",
  },
  {
    fact: "a batch that cannot be read is 400 (S)",
    send,
    headers: MIXED,
    body: part(GET),
    status: 400,
    has: "BATCH_INVALID",
  },
]);
