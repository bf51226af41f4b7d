import assert from "node:assert/strict";
import { test } from "node:test";
import { statusJson } from "./status.ts";

test("statusJson() writes the number of the code and no status (contract 1.4)", () => {
  const json = statusJson({ code: "CANCELLED", message: "The operation was cancelled.", details: [] });
  assert.equal(json, '{"code":1,"message":"The operation was cancelled."}');
});

test("statusJson() writes details as they are stored (contract 1.5)", () => {
  const details = [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "DISK_FULL", domain: "a" }];
  const json = statusJson({ code: "INTERNAL", message: 'A "disk" is full.', details });
  assert.deepEqual(JSON.parse(json), { code: 13, message: 'A "disk" is full.', details });
});

test("statusJson() makes texts well-formed, because peers refuse lone surrogates (contract 7)", () => {
  const json = statusJson({ code: "INTERNAL", message: "half \ud800", details: [] });
  assert.equal((JSON.parse(json) as { message: string }).message, "half \ufffd");
});
