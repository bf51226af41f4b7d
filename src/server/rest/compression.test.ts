import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { compressed, prefersGzip } from "./compression.ts";

suite("prefersGzip()", () => {
  const cases: [accepted: string | undefined, prefers: boolean][] = [
    [undefined, false],
    ["", false],
    ["gzip", true],
    ["gzip, deflate", true],
    ["GZIP;q=0.5", true],
    ["x-gzip", true],
    ["*", true],
    ["br", false],
    ["gzip;q=0", false],
    ["*;q=0", false],
    ["gzip;q=0, *", false],
    ["identity, gzip;q=0.5", false],
    ["identity;q=0.5, gzip;q=1.0", true],
    ["deflate, gzip ; q=0.001", true],
    ["gzip;q=nonsense", false],
  ];
  for (const [accepted, prefers] of cases) {
    test(`of ${accepted} is ${prefers}`, () => assert.equal(prefersGzip(accepted), prefers));
  }
});

test("compressed() returns what gunzip reads, at once and in the background", async () => {
  for (const text of ["é".repeat(2_000), "é".repeat(200_000)]) {
    assert.equal(gunzipSync(await compressed(text)).toString(), text);
  }
});
