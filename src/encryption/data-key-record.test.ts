import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type DataKeyRecord,
  dataKeyId,
  dataKeyResource,
  dayOf,
  keyBinding,
  openDataKey,
  readDataKey,
  usualTenantOf,
} from "./data-key-record.ts";
import { aKek } from "./encrypted.suite.ts";
import { Keks } from "./keks.ts";

test("a tenant is the first collection and its id", () => {
  for (const [parent, tenant] of [
    ["", ""],
    ["projects", "projects"],
    ["projects/p", "projects/p"],
    ["projects/p/locations/l", "projects/p"],
  ] as const)
    assert.equal(usualTenantOf(parent), tenant);
});

test("the id of a key is different for each tenant, day and number, and the same in every process", () => {
  const ids = ["", "projects/p"].flatMap((tenant) =>
    [0, 20_000, 65_535].flatMap((day) => [0, 1, 4_095].map((number) => dataKeyId(tenant, day, number))),
  );
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^[\w-]{16}$/);
  assert.equal(dataKeyId("projects/p", 7, 1), dataKeyId("projects/p", 7, 1));
  assert.deepEqual([dayOf(86_399_999), dayOf(86_400_000)], [0, 1]);
});

test("a key can be opened only for the purpose for which it was wrapped", () => {
  const keks = new Keks(aKek(1));
  const [id, other] = [dataKeyId("t", 1, 0), dataKeyId("t", 1, 1)];
  const bare: DataKeyRecord = {
    service: "s",
    tenant: "t",
    day: 1,
    kek: aKek(1).id,
    key: "",
    uses: 5,
    shredTime: null,
  };
  const how = { binding: keyBinding(id, bare), iv: new Uint8Array(12) };
  const record = { ...bare, key: keks.wrap(Buffer.alloc(32, 3), how) };
  assert.deepEqual(openDataKey(id, record, keks)?.secret.export(), Buffer.alloc(32, 3));
  assert.deepEqual(readDataKey(dataKeyResource(id, record)), record);
  for (const changed of [{ tenant: "u" }, { service: "r" }, { key: "" }])
    assert.equal(openDataKey(id, { ...record, ...changed }, keks), undefined);
  assert.equal(openDataKey(other, record, keks), undefined);
  assert.equal(openDataKey(id, record, new Keks(aKek(2))), undefined);
});
