import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CODES, codeName } from "./code.ts";

describe("codeName()", () => {
  it("names every code, 0 to 16, and nothing else", () => {
    for (const [name, number] of Object.entries(CODES)) assert.equal(codeName(number), name);
    assert.equal(Object.keys(CODES).length, 17);
    for (const number of [-1, 17, 1.5, Number.NaN]) assert.equal(codeName(number), undefined);
  });
});
