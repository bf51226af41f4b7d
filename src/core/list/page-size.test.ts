import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LIMITS } from "../limits.ts";
import { pageSize } from "./page-size.ts";

describe("pageSize()", () => {
  it("uses the default for a missing size and 0, and silently lowers one above the maximum (AIP-158)", () => {
    assert.equal(pageSize(undefined), LIMITS.pageSizeDefault);
    assert.equal(pageSize(0), LIMITS.pageSizeDefault);
    assert.equal(pageSize(7), 7);
    assert.equal(pageSize(1_000_000), LIMITS.pageSizeMax);
  });

  for (const bad of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    it(`refuses ${bad} with PAGE_SIZE_INVALID`, () =>
      assert.throws(() => pageSize(bad), { reason: "PAGE_SIZE_INVALID" }));
  }
});
