import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS } from "../../core/caller.ts";
import { formatName } from "../../core/operation/name.ts";
import { STRUCT } from "../../core/operation/payload.ts";
import { SEAL } from "../../core/operation/sealed.ts";
import { finish, open, request } from "../packing.suite.ts";

describe("Operations.list()", () => {
  it("finds the operations of a filter, page by page", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const started = [];
    for (const directory of ["a", "b", "c", "d"]) {
      started.push(await operations.start(ANONYMOUS, { method: "pack", request: { directory } }));
    }
    await finish(test, started[0] ?? assert.fail());
    const filter = "done = false AND NOT metadata.target = directories/c";
    const first = await operations.list(ANONYMOUS, { parent: "", filter, pageSize: 1 });
    assert.deepEqual(
      first.operations.map((each) => each.target),
      ["directories/d"],
    );
    const second = await operations.list(ANONYMOUS, { parent: "", filter, pageToken: first.nextPageToken });
    assert.deepEqual(
      second.operations.map((each) => each.target),
      ["directories/b"],
    );
    assert.equal(second.nextPageToken, "");
  });

  it("shows the others if one is encrypted with a key that is missing", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const [sealed, other] = [
      await operations.start(ANONYMOUS, { method: "pack", request }),
      await operations.start(ANONYMOUS, { method: "pack", request }),
    ];
    await finish(test, sealed);
    await finish(test, other);
    const kept = (await test.engine.operations.get(ANONYMOUS, formatName(sealed))) ?? assert.fail();
    const response = { type: STRUCT, json: `${SEAL}AQ` };
    const next = { ...kept, response, revision: kept.revision + 1 };
    await test.store.write({ verb: "replace", next, expectedRevision: kept.revision });
    const page = await operations.list(ANONYMOUS, { parent: "" });
    assert.deepEqual(
      page.operations.map(({ id, error }) => [id, error?.code]),
      [
        [other.id, undefined],
        [sealed.id, "UNAVAILABLE"],
      ],
    );
  });

  it("lists in the requested order", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const [a, b, c] = [
      await operations.start(ANONYMOUS, { method: "pack", request }),
      await operations.start(ANONYMOUS, { method: "clean", request }),
      await operations.start(ANONYMOUS, { method: "pack", request }),
    ];
    await finish(test, b);
    await test.clock.advance(1_000);
    await finish(test, a);
    const ids = async (orderBy: string): Promise<string[]> =>
      (await operations.list(ANONYMOUS, { parent: "", orderBy })).operations.map((each) => each.id);
    assert.deepEqual(await ids(""), [c.id, b.id, a.id]);
    assert.deepEqual(await ids("create_time"), [a.id, b.id, c.id]);
    assert.deepEqual(await ids("endTime"), [b.id, a.id, c.id]);
    assert.deepEqual(await ids("end_time desc"), [c.id, a.id, b.id]);
  });

  it("goes across collections by a wildcard, where it may be partial but never is", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const parents = ["projects/p/locations/l", "projects/q/locations/l", "projects/p/locations/m", ""];
    for (const parent of parents) await operations.start(ANONYMOUS, { method: "pack", parent, request });
    const names = async (parent: string): Promise<string[]> => {
      const page = await operations.list(ANONYMOUS, { parent, returnPartialSuccess: true });
      assert.deepEqual(page.unreachable, []);
      return page.operations.map((each) => formatName(each).replace(/\/?operations\/.*/, ""));
    };
    assert.deepEqual(await names("projects/-/locations/l"), [parents[1], parents[0]]);
    assert.deepEqual(await names("projects/p/locations/-/operations"), [parents[2], parents[0]]);
    assert.deepEqual(await names("-"), parents.toReversed());
  });

  it("starts nothing under a wildcard", async () => {
    await using test = await open();
    const start = test.engine.operations.start(ANONYMOUS, { method: "pack", parent: "projects/-", request });
    await assert.rejects(start, { code: "INVALID_ARGUMENT", reason: "NAME_INVALID" });
  });

  it("refuses unsupported requests, and tokens of another filter, order or collection", async () => {
    await using test = await open();
    const { operations } = test.engine;
    for (let index = 0; index < 2; index++) await operations.start(ANONYMOUS, { method: "pack", request });
    const { nextPageToken: pageToken } = await operations.list(ANONYMOUS, {
      parent: "",
      pageSize: 1,
      filter: "done=false",
    });
    const refusals = [
      [{ parent: "", filter: "don = true" }, "FILTER_INVALID"],
      [{ parent: "", orderBy: "name" }, "ORDER_BY_INVALID"],
      [{ parent: "-", orderBy: "endTime" }, "ORDER_BY_INVALID"],
      [{ parent: "", returnPartialSuccess: true }, "PARTIAL_SUCCESS_UNSUPPORTED"],
      [{ parent: "", pageToken }, "PAGE_TOKEN_INVALID"],
      [{ parent: "-", filter: "done=false", pageToken }, "PAGE_TOKEN_INVALID"],
      [{ parent: "", filter: "done=false", orderBy: "createTime", pageToken }, "PAGE_TOKEN_INVALID"],
    ] as const;
    for (const [list, reason] of refusals) {
      await assert.rejects(operations.list(ANONYMOUS, list), { code: "INVALID_ARGUMENT", reason });
    }
  });

  it("makes short tokens for long filters, because tokens are sent in addresses", async () => {
    await using test = await open();
    const { operations } = test.engine;
    for (let index = 0; index < 2; index++) await operations.start(ANONYMOUS, { method: "pack", request });
    const filter = `done=false OR ${"x".repeat(4_000)}`;
    const { nextPageToken } = await operations.list(ANONYMOUS, { parent: "", pageSize: 1, filter });
    assert.ok(nextPageToken.length > 0 && nextPageToken.length < 300);
    assert.equal(
      (await operations.list(ANONYMOUS, { parent: "", filter, pageToken: nextPageToken })).operations.length,
      1,
    );
  });
});
