import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seededRandom } from "../../testing/seeded-random.ts";
import { IdSource, idExpireTime, idTime, isId, originOf, SHARDS, shardOf, shardOfRequest } from "./id.ts";

describe("IdSource.next()", () => {
  it("makes UUIDs of version 7 that contain their time", () => {
    const id = new IdSource(seededRandom(1)).next(1_767_225_600_000);
    assert.ok(isId(id), id);
    assert.equal(idTime(id), 1_767_225_600_000);
  });

  it("never goes back: not within a millisecond, not when the clock does", () => {
    const source = new IdSource(seededRandom(2));
    let last = "";
    for (let index = 0; index < 10_000; index++) {
      const id = source.next(index < 5_000 ? 1_000 : 10);
      assert.ok(id > last, `${id} after ${last}`);
      last = id;
    }
  });

  it("contains the given shard", () => {
    const source = new IdSource(seededRandom(3));
    for (let shard = 0; shard < SHARDS; shard++) {
      const id = source.next(1_000, shard);
      assert.equal(shardOf(id), shard);
      assert.ok(isId(id));
    }
  });
});

describe("originOf()", () => {
  it("is in all ids of a process, besides their shard and their time to live", () => {
    for (const origin of [0, 7, 255]) {
      const source = new IdSource(seededRandom(6), origin);
      const id = source.next(1_000, 9, 60_000);
      assert.equal(originOf(id), origin);
      assert.equal(shardOf(id), 9);
      assert.ok(isId(id) && idExpireTime(id) > 1_000);
    }
  });

  it("is random for each id if none is given", () => {
    const source = new IdSource(seededRandom(7));
    const origins = new Set(Array.from({ length: 2_000 }, () => originOf(source.next(1_000))));
    assert.ok(origins.size > 200);
  });
});

describe("idExpireTime()", () => {
  it("is the time to live after the id's time, up to 8 % early and never late", () => {
    const source = new IdSource(seededRandom(4));
    for (let ms = 1_000; ms <= 315_360_000_000; ms = Math.ceil(ms * 1.0123)) {
      const id = source.next(1_767_225_600_000, undefined, ms);
      const told = idExpireTime(id) - idTime(id);
      assert.ok(told <= ms && told > ms * 0.92, `${told} for ${ms}`);
      assert.ok(isId(id), id);
    }
  });

  it("is the id's time if the time to live is below a second, and never if the id has none", () => {
    const source = new IdSource(seededRandom(5));
    const brief = source.next(1_767_225_600_000, 7, 20);
    assert.equal(idExpireTime(brief), 1_767_225_600_000);
    assert.equal(shardOf(brief), 7);
    assert.equal(idExpireTime(source.next(1_000)), Number.POSITIVE_INFINITY);
  });
});

describe("shardOfRequest()", () => {
  it("is the same for the same start and spreads different ones over all shards", () => {
    assert.equal(shardOfRequest("p", "m", "r"), shardOfRequest("p", "m", "r"));
    const shards = new Set(
      Array.from({ length: 2_000 }, (_, index) => shardOfRequest("p", "m", `request-${index}`)),
    );
    assert.equal(shards.size, SHARDS);
  });
});

describe("isId()", () => {
  it("refuses other texts", () => {
    for (const text of [
      "",
      "x",
      "0199aaaa-0000-4000-8000-000000000000",
      "0199AAAA-0000-7000-8000-000000000000",
    ]) {
      assert.equal(isId(text), false, text);
    }
  });
});
