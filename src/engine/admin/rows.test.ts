import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS } from "../../core/caller.ts";
import { LIMITS } from "../../core/limits.ts";
import { formatName } from "../../core/operation/name.ts";
import { finish, open, request } from "../packing.suite.ts";
import { adminOf, operator, rows } from "./operators.suite.ts";

describe("Admin.rows()", () => {
  it("goes through all collections, newest first, page by page", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const names: string[] = [];
    for (const parent of ["", "projects/p", "projects/p/locations/l"])
      names.unshift(formatName(await operations.start(ANONYMOUS, { method: "pack", parent, request })));
    const admin = adminOf(test.engine);
    const first = await admin.rows(operator(), rows({ pageSize: 2 }));
    assert.deepEqual(
      first.operations.map(({ name }) => name),
      names.slice(0, 2),
    );
    assert.equal(first.lookedBackTo, first.operations[1]?.createTime);
    assert.equal(first.asOf, test.store.time());
    const second = await admin.rows(operator(), rows({ pageToken: first.nextPageToken }));
    assert.deepEqual(
      second.operations.map(({ name }) => name),
      names.slice(2),
    );
    assert.deepEqual([second.nextPageToken, second.lookedBackTo], ["", null]);
    assert.equal((await admin.rows(operator(), rows({ collection: "operations" }))).operations.length, 1);
  });

  it("finds what a filter and a method have in common", async () => {
    await using test = await open();
    const { operations } = test.engine;
    await finish(test, await operations.start(ANONYMOUS, { method: "pack", request }));
    const packed = await operations.start(ANONYMOUS, { method: "pack", request });
    await operations.start(ANONYMOUS, { method: "clean", request });
    const admin = adminOf(test.engine);
    const found = await admin.rows(operator(), rows({ method: "pack", filter: "done = false" }));
    assert.deepEqual(
      found.operations.map(({ name }) => name),
      [formatName(packed)],
    );
    assert.equal((await admin.rows(operator(), rows({ method: "pack" }))).operations.length, 2);
  });

  it("takes no token of another list, and no more rows than the limit", async () => {
    await using test = await open();
    const { operations } = test.engine;
    for (let count = 0; count < 101; count++) await operations.start(ANONYMOUS, { method: "pack", request });
    const admin = adminOf(test.engine);
    const most = await admin.rows(operator(), rows({ pageSize: 1_000 }));
    assert.equal(most.operations.length, LIMITS.adminPageSizeMax);
    assert.equal((await admin.rows(operator(), rows())).operations.length, LIMITS.adminPageSizeDefault);
    const { nextPageToken: pageToken } = most;
    const refused = { reason: "PAGE_TOKEN_INVALID" };
    await assert.rejects(admin.rows(operator(), rows({ pageToken, method: "pack" })), refused);
    await assert.rejects(admin.rows(operator("full", "projects/p"), rows({ pageToken })), refused);
    await assert.rejects(operations.list(ANONYMOUS, { parent: "-", pageToken }), refused);
    const theirs = await operations.list(ANONYMOUS, { parent: "-", pageSize: 1 });
    await assert.rejects(admin.rows(operator(), rows({ pageToken: theirs.nextPageToken })), refused);
    await assert.rejects(admin.rows(operator(), rows({ pageSize: -1 })), { reason: "PAGE_SIZE_INVALID" });
    await assert.rejects(admin.rows(operator(), rows({ orderBy: "endTime" })), {
      reason: "ORDER_BY_INVALID",
    });
  });
});
