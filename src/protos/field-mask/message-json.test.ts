import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { create, type JsonValue, type Message } from "@bufbuild/protobuf";
import type { FieldMask } from "@bufbuild/protobuf/wkt";
import { descriptorsOf } from "../../../test/support/descriptors.ts";
import { LIMITS } from "../../core/limits.ts";
import { STANDARD_TYPES } from "../../wire/proto/registry.ts";
import { checkMasks, mayHoldMask, mergeJson, messageFromJson, withoutMasks } from "./message-json.ts";

const registry = descriptorsOf(`
  syntax = "proto3";
  package test.v1;
  import "google/protobuf/field_mask.proto";
  message Book { string display_name = 1; map<string, string> labels = 2; }
  message UpdateBookRequest { Book book = 1; google.protobuf.FieldMask update_mask = 2; }
  message BatchUpdateBooksRequest {
    repeated UpdateBookRequest requests = 1;
    map<int32, UpdateBookRequest> by_number = 2;
    oneof one { google.protobuf.FieldMask chosen = 3; string text = 4; }
    repeated google.protobuf.FieldMask masks = 5;
    google.protobuf.FieldMask read_mask = 6;
    BatchUpdateBooksRequest inside = 7;
  }`);

function messageNamed(name: string): NonNullable<ReturnType<typeof registry.getMessage>> {
  const found = registry.getMessage(`test.v1.${name}`);
  assert.ok(found !== undefined);
  return found;
}

const batch = messageNamed("BatchUpdateBooksRequest");

/** The TypeScript form of a request. */
type Batch = Message & {
  readonly requests: readonly { readonly updateMask: FieldMask }[];
  readonly byNumber: Readonly<Record<number, { readonly updateMask: FieldMask }>>;
  readonly one: { readonly value: FieldMask };
  readonly masks: readonly FieldMask[];
  readonly readMask: FieldMask;
  readonly inside: Batch;
};

const read = (json: JsonValue): Batch => messageFromJson(batch, json, STANDARD_TYPES) as Batch;

suite("messageFromJson() reads masks", () => {
  const text = "displayName,labels.Env,labels.env_x";
  const paths = ["display_name", "labels.Env", "labels.env_x"];

  test("by the message that they refer to, wherever they are", () => {
    const { requests, byNumber } = read({
      requests: [{}, { updateMask: text }],
      by_number: { 7: { update_mask: text } },
    });
    assert.deepEqual(requests[1]?.updateMask.paths, paths);
    assert.deepEqual(byNumber[7]?.updateMask.paths, paths);
    assert.equal(requests[0]?.updateMask, undefined);
  });

  test("as proto-JSON does if the message is unknown", () => {
    const message = read({ chosen: "displayName,a_b", masks: ["aB", ""], inside: { readMask: "c.dE" } });
    assert.deepEqual(message.one.value.paths, ["display_name", "a_b"]);
    assert.deepEqual(
      message.masks.map((mask) => mask.paths),
      [["a_b"], []],
    );
    assert.deepEqual(message.inside.readMask.paths, ["c.d_e"]);
  });

  test("and refuses invalid masks and other messages", () => {
    for (const json of [
      { readMask: { paths: ["a"] } },
      { readMask: 5 },
      { masks: "a" },
      { requests: [{ updateMasks: "a" }] },
      { readMask: "a", read_mask: "b" },
      [],
      "a",
    ])
      assert.throws(() => read(json), Error, JSON.stringify(json));
  });
});

test("mergeJson() replaces an existing mask", () => {
  const message = read({ readMask: "a" });
  mergeJson(batch, message, { readMask: "bC" }, STANDARD_TYPES);
  assert.deepEqual(message.readMask.paths, ["b_c"]);
});

test("withoutMasks() leaves JSON unchanged if it cannot contain a mask", () => {
  const json = { displayName: "a" };
  assert.equal(withoutMasks(messageNamed("Book"), json).plain, json);
  assert.equal(mayHoldMask(messageNamed("Book")), false);
  assert.equal(mayHoldMask(create(batch).$typeName === batch.typeName ? batch : messageNamed("Book")), true);
});

function maskOf(count: number): object {
  return { paths: Array<string>(count).fill("a") };
}

test("checkMasks() refuses masks with too many paths, wherever they are", () => {
  const { fieldMaskNamesMax } = LIMITS;
  for (const where of [
    (each: object) => ({ readMask: each }),
    (each: object) => ({ masks: [{}, each] }),
    (each: object) => ({ requests: [{ updateMask: each }] }),
    (each: object) => ({ byNumber: { 7: { updateMask: each } } }),
    (each: object) => ({ one: { case: "chosen", value: each } }),
    (each: object) => ({ inside: { readMask: each } }),
  ]) {
    checkMasks(batch, create(batch, where(maskOf(fieldMaskNamesMax))));
    const tooMany = create(batch, where(maskOf(fieldMaskNamesMax + 1)));
    assert.throws(() => checkMasks(batch, tooMany), /expected at most 1000 paths, got 1001/);
  }
});
