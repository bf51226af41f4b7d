import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Change } from "../../core/ports/store.ts";
import { Beginnings } from "./beginnings.ts";

const store = { tellsOfOthers: true };

function change(id: string, state: Change["state"]): Change {
  return { id, method: "m", state, availableTime: 0, cancelRequested: false };
}

describe("Beginnings", () => {
  it("knows the operations that began, with their parents", () => {
    const beginnings = new Beginnings({ store });
    beginnings.remember("a", "projects/p");
    beginnings.remember("b", "");
    assert.equal(beginnings.goesOn("a", "projects/p"), true);
    assert.equal(beginnings.goesOn("b", ""), true);
    assert.equal(beginnings.goesOn("a", ""), false);
    assert.equal(beginnings.goesOn("c", ""), false);
  });

  it("forgets an operation that ends or is removed, and keeps all others", () => {
    const beginnings = new Beginnings({ store });
    for (const id of ["a", "b", "c", "d", "e", "f"]) beginnings.remember(id, "");
    beginnings.notice([change("a", "SUCCEEDED"), change("b", "FAILED"), change("c", "CANCELLED")]);
    beginnings.notice([change("d", null), change("e", "PENDING"), change("f", "RUNNING"), change("g", null)]);
    assert.deepEqual(
      ["a", "b", "c", "d", "e", "f"].filter((id) => beginnings.goesOn(id, "")),
      ["e", "f"],
    );
  });

  it("forgets a given operation, in either half", () => {
    const beginnings = new Beginnings({ store, max: 1 });
    beginnings.remember("a", "");
    beginnings.remember("b", "");
    beginnings.forget("a");
    beginnings.forget("b");
    beginnings.forget("c");
    assert.equal(beginnings.count, 0);
  });

  it("keeps the youngest, at most twice as many", () => {
    const beginnings = new Beginnings({ store, max: 100 });
    const ids = Array.from({ length: 1_050 }, (_, index) => `${index}`);
    for (const id of ids) {
      beginnings.remember(id, "");
      assert.ok(beginnings.count <= 200);
    }
    assert.ok(ids.slice(-100).every((id) => beginnings.goesOn(id, "")));
    assert.equal(beginnings.goesOn("0", ""), false);
  });

  it("remembers nothing if the ends of operations are not announced", () => {
    const beginnings = new Beginnings({ store: { tellsOfOthers: false } });
    beginnings.remember("a", "");
    assert.equal(beginnings.count, 0);
    assert.equal(beginnings.goesOn("a", ""), false);
  });
});
