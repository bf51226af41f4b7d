import { section } from "./rest-contract.ts";

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const JSON_TYPE = { "content-type": "application/json" };

section("3.4, method override", [
  {
    fact: "a long GET comes as a form (V)",
    send: "POST /v1/operations",
    headers: { ...FORM, "x-http-method-override": "GET" },
    body: `pageSize=1&key=${"k".repeat(2_048)}`,
    has: "{name}",
  },
  {
    fact: "DELETE on POST (S)",
    send: "POST /v1/{name}",
    headers: { "x-http-method-override": "DELETE" },
    json: {},
  },
  {
    fact: "PATCH on POST, which is nothing here (S)",
    send: "POST /v1/{name}",
    headers: { "x-http-method-override": "PATCH" },
    status: 405,
  },
  {
    fact: "PUT on POST, which is nothing here (S)",
    send: "POST /v1/{name}",
    headers: { "x-http-method-override": "PUT" },
    status: 405,
  },
  { fact: "$httpMethod (S)", send: "POST /v1/{name}?$httpMethod=GET", has: "{name}" },
  {
    fact: "on POST only (S)",
    send: "GET /v1/{name}",
    headers: { "x-http-method-override": "DELETE" },
    has: "{name}",
  },
  {
    fact: "a form goes into the query (V)",
    send: "POST /v1/{name}:wait",
    headers: FORM,
    body: "timeout=0s&fields=name",
    json: { name: "{name}" },
  },
]);

section("3.5, bodies as really sent", [
  {
    fact: "GET with content-type and no body (V)",
    send: "GET /v1/{name}",
    headers: JSON_TYPE,
    has: "{name}",
  },
  {
    fact: "DELETE with content-type and no body (V)",
    send: "DELETE /v1/{name}",
    headers: JSON_TYPE,
    json: {},
  },
  ...["cancel", "wait?timeout=0s"].flatMap((verb) => [
    { fact: "no body, no content-type (V)", send: `POST /v1/{name}:${verb}` },
    {
      fact: "an empty body with content-type json (V)",
      send: `POST /v1/{name}:${verb}`,
      headers: JSON_TYPE,
      body: "",
    },
    { fact: "an empty object (V)", send: `POST /v1/{name}:${verb}`, headers: JSON_TYPE, body: "{}" },
  ]),
  {
    fact: "curl's -d, which calls JSON a form",
    send: "POST /v1:createArchive",
    headers: FORM,
    body: '{"directory":"/a"}',
    has: '"name"',
  },
  {
    fact: "a type that is neither JSON nor form is 415",
    send: "POST /v1:createArchive",
    headers: { "content-type": "text/xml" },
    body: "<a/>",
    status: 415,
    has: "CONTENT_TYPE_UNSUPPORTED",
  },
]);

section("3.6, HTTP status of codes", [
  {
    fact: "INVALID_ARGUMENT is 400 (S)",
    send: "GET /v1/operations?pageSize=-1",
    status: 400,
    has: '"status": "INVALID_ARGUMENT"',
  },
  { fact: "NOT_FOUND is 404 (S)", send: "GET /v1/operations/x", status: 404, has: '"status": "NOT_FOUND"' },
  {
    fact: "PERMISSION_DENIED is 403 (S)",
    send: "POST /v1/{name}:cancel",
    headers: { origin: "http://a" },
    status: 403,
    has: '"status": "PERMISSION_DENIED"',
  },
  {
    fact: "405 says what is allowed",
    send: "PUT /v1/{name}",
    status: 405,
    answers: { allow: "GET, HEAD, DELETE" },
  },
]);

section("3.7, no Retry-After but on 429 and 503", [
  { fact: "not on a running operation (V)", send: "GET /v1/{name}", answers: { "retry-after": null } },
  { fact: "not on a wait (V)", send: "POST /v1/{name}:wait?timeout=0s", answers: { "retry-after": null } },
  { fact: "not on a 404 (V)", send: "GET /v1/operations/x", status: 404, answers: { "retry-after": null } },
  {
    fact: "not on a start (V)",
    send: "POST /v1:createArchive",
    body: '{"directory":"/a"}',
    answers: { "retry-after": null },
  },
]);
