import { PARENT, section } from "./rest-contract.ts";

section("1.6, Any and Empty in JSON", [
  {
    fact: "free JSON is a Struct with value (V)",
    send: "GET /v1/{name}",
    has: /"@type": "type\.googleapis\.com\/google\.protobuf\.Struct",\n\s+"value": \{/,
  },
  {
    fact: "Empty has no value (V)",
    send: "POST /v1:createArchive?validateOnly=true&prettyPrint=false",
    body: '{"directory":"/a"}',
    has: '"response":{"@type":"type.googleapis.com/google.protobuf.Empty"}',
  },
  { fact: "an empty Any is left out (R)", send: "GET /v1/{name}", lacks: /"(?:response|error)"/ },
]);

section("1.7, paths that services bind", [
  {
    fact: "GET of projects/*/locations/*/operations/* (S)",
    send: "GET /v1/{child}",
    has: '"name": "{child}"',
  },
  { fact: "DELETE of the same (S)", send: "DELETE /v1/{child}", json: {} },
  {
    fact: "list by the parent, without /operations (S)",
    send: "GET /v1/{parent}/operations",
    has: "{child}",
  },
  {
    fact: "list by the name with /operations (S)",
    send: "GET /v1/{parent}/operations/operations",
    has: "{child}",
  },
  { fact: "POST :cancel with a body (S)", send: "POST /v1/{child}:cancel", body: "{}", json: {} },
  { fact: "operations/** (S)", send: "GET /v1/{name}", has: '"name": "{name}"' },
  {
    fact: "bare /v1/operations (S)",
    send: "GET /v1/operations",
    has: "{name}",
    lacks: new RegExp(`"${PARENT}/operations/`),
  },
  { fact: "the empty name (S)", send: "GET /v1//operations", has: "{name}" },
  { fact: "the parent as name in the query (S)", send: "GET /v1/operations?name={%parent}", has: "{child}" },
  { fact: ":wait (S)", send: "POST /v1/{name}:wait?timeout=0s", has: "{name}" },
  { fact: "any prefix: projects/*/operations/* (S)", send: "GET /v1/projects/p/operations", json: {} },
  { fact: "any prefix: organizations/* (S)", send: "GET /v1/organizations/o/operations", json: {} },
  {
    fact: "ids with dots, slashes and base64 are one name, unknown and not malformed (S)",
    send: "GET /v1/operations/google.showcase.v1beta1.Echo/Wait/Cg0KBAgB+a/b==",
    status: 404,
    has: "google.showcase.v1beta1.Echo/Wait/Cg0KBAgB+a/b==",
  },
]);
