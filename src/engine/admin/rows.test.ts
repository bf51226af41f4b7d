import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS } from "../../core/caller.ts";
import { formatName } from "../../core/operation/name.ts";
import { finish, open, request } from "../packing.suite.ts";
import { adminOf, operator, rows } from "./operators.suite.ts";

describe("an operator's view of a list", () => {
  it("goes through all collections, newest first, page by page", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const names: string[] = [];
    for (const parent of ["", "projects/p", "projects/p/locations/l"])
      names.unshift(formatName(await operations.start(ANONYMOUS, { method: "pack", parent, request })));
    const admin = adminOf(test.engine);
    const first = await admin.rows(operator(), rows({ pageSize: 2 }));
    assert.deepEqual(first.rows.map(formatName), names.slice(0, 2));
    const second = await admin.rows(operator(), rows({ pageToken: first.nextPageToken }));
    assert.deepEqual([second.rows.map(formatName), second.nextPageToken], [names.slice(2), ""]);
    assert.equal((await admin.rows(operator(), rows({ collection: "operations" }))).rows.length, 1);
  });

  it("is limited to the operator's scope, and its tokens work for nobody else", async () => {
    await using test = await open();
    const { operations } = test.engine;
    for (const parent of ["projects/a", "projects/a", "projects/b", ""])
      await operations.start(ANONYMOUS, { method: "pack", parent, request });
    const admin = adminOf(test.engine);
    const scoped = operator("full", "projects/a");
    const page = await admin.rows(scoped, rows({ pageSize: 1 }));
    assert.deepEqual([page.rows.length, page.rows[0]?.parent], [1, "projects/a"]);
    const { nextPageToken: pageToken } = page;
    await assert.rejects(admin.rows(operator(), rows({ pageToken })), { reason: "PAGE_TOKEN_INVALID" });
    await assert.rejects(operations.list(ANONYMOUS, { parent: "projects/a", pageToken }), {
      reason: "PAGE_TOKEN_INVALID",
    });
    assert.equal((await admin.rows(operator("full", "operations"), rows())).rows.length, 1);
  });

  it("has a count up to an instant, with the newest operations as examples", async () => {
    await using test = await open();
    const { operations } = test.engine;
    await finish(test, await operations.start(ANONYMOUS, { method: "pack", parent: "projects/a", request }));
    await operations.start(ANONYMOUS, { method: "pack", parent: "projects/b", request });
    const notAfter = test.store.time();
    await test.clock.advance(1);
    await operations.start(ANONYMOUS, { method: "pack", parent: "projects/a", request });
    const admin = adminOf(test.engine);
    const all = await admin.count(operator(), { notAfter });
    assert.deepEqual([all.count, all.done, all.complete, all.notAfter], [2, 1, true, notAfter]);
    assert.equal(all.examples.length, 2);
    assert.equal((await admin.count(operator(), { method: "clean" })).count, 0);
    const scoped = operator("full", "projects/a");
    assert.equal((await admin.count(scoped, {})).count, 2);
    const elsewhere = await admin.count(scoped, { collection: "projects/b" });
    assert.deepEqual([elsewhere.count, elsewhere.complete, elsewhere.examples], [0, true, []]);
  });
});
