import assert from "node:assert/strict";
import { test } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import { rowOf } from "../list/operation-row.ts";
import { STRUCT } from "./payload.ts";
import {
  isSealed,
  joinSealed,
  LOST_REQUEST,
  readableRequest,
  requireOpen,
  SEAL,
  sealedHead,
  sealedWhole,
} from "./sealed.ts";

test("a text that is sealed in two parts is split again, even if it is cut after the head", () => {
  const joined = joinSealed(`${SEAL}head`, `${SEAL}whole`);
  assert.equal(sealedHead(joined), `${SEAL}head`);
  assert.equal(sealedHead(joined.slice(0, -3)), `${SEAL}head`);
  assert.equal(sealedWhole(joined), `${SEAL}whole`);
  assert.deepEqual([sealedHead(`${SEAL}whole`), sealedWhole(`${SEAL}whole`)], ["", `${SEAL}whole`]);
});

test("no JSON looks like a sealed text", () => {
  for (const json of ["{}", "[]", '""', "1", "-1", "true", "null", ' "\\u0001"'])
    assert.equal(isSealed(json), false, json);
  assert.throws(() => JSON.parse(`${SEAL}AQ`), SyntaxError);
});

test("a lost request is reported as such", () => {
  const operation = anOperation();
  assert.equal(readableRequest(operation), operation.request);
  const lost = { ...operation, request: LOST_REQUEST };
  assert.throws(() => readableRequest(lost), { code: "DATA_LOSS", reason: "PAYLOAD_LOST" });
});

test("a request whose key this process lacks is not treated as a request", () => {
  const sealed = anOperation({ request: `${SEAL}AQ` });
  assert.throws(() => readableRequest(sealed), { code: "UNAVAILABLE", reason: "KEY_UNAVAILABLE" });
});

test("sealed texts are not shown as they are stored", () => {
  const json = `${SEAL}AQ`;
  const error = { code: "ABORTED", message: json, details: [] } as const;
  requireOpen(anOperation({ request: json, metadata: { type: STRUCT, json: "{}" } }));
  for (const fields of [
    { metadata: { type: STRUCT, json } },
    { response: { type: STRUCT, json } },
    { error },
  ])
    assert.throws(() => requireOpen(anOperation(fields)), { code: "UNAVAILABLE", reason: "KEY_UNAVAILABLE" });
});

test("a row has the head of a sealed text, and nothing else of it", () => {
  const json = joinSealed(`${SEAL}head`, `${SEAL}whole`);
  const reported = anOperation({ metadata: { type: STRUCT, json } });
  assert.deepEqual([rowOf(reported).message, rowOf(reported).progressPercent], [`${SEAL}head`, null]);
  const error = {
    code: "ABORTED",
    message: joinSealed(`${SEAL}other`, `${SEAL}whole`),
    details: [],
  } as const;
  assert.equal(rowOf({ ...reported, error }).message, `${SEAL}other`);
});
