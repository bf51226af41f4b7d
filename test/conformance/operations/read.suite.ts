import assert from "node:assert/strict";
import { double, hold, nothing } from "./methods.suite.ts";
import { type Caller, casesOf, onService, type Subject } from "./subject.suite.ts";

/** A name with a well-formed id. */
const UNKNOWN = "operations/019b0000-0000-7000-8000-000000000000";

async function namesOf(caller: Caller, call: Parameters<Caller["list"]>[0]): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of caller.list(call)) names.push(name);
  return names;
}

/** Starts operations, a second apart. */
async function startSome(caller: Caller, parents: readonly string[], tick: () => Promise<void>) {
  const names: string[] = [];
  for (const parent of parents) {
    const { name } = await caller.start(nothing, {}, { parent });
    names.push(name);
    // If a claim is in progress during the start, the operation is claimed a moment later.
    do await tick();
    while (!(await caller.get(name)).done);
  }
  return names;
}

/** The promises of `get` and `list`. */
export function readSuite(subject: Subject): void {
  const it = casesOf(subject);

  it("an operation is found again by its name alone", () =>
    onService(subject, [double], async (caller) => {
      const { name } = await caller.start(double, { number: 4 }, { parent: "projects/p" });
      assert.deepEqual(await caller.result(name), { number: 8 });
      assert.equal((await caller.get(name)).name, name);
      assert.equal((await caller.wait(name)).done, true);
    }));

  it("a missing operation is NOT_FOUND for every call", () =>
    onService(subject, [double], async (caller) => {
      const { name } = await caller.start(double, { number: 4 }, { parent: "projects/p" });
      for (const absent of [UNKNOWN, name.replace("projects/p", "projects/q")])
        for (const call of ["get", "cancel", "delete", "wait"] as const)
          await assert.rejects(
            caller[call](absent),
            { code: "NOT_FOUND", metadata: { operation: absent } },
            call,
          );
    }));

  it("an expired operation is distinguished from a missing one", () =>
    onService(subject, [double], async (caller, clock) => {
      const { name } = await caller.start(double, { number: 4 }, { timeToLive: "1s" });
      await caller.result(name);
      // With a store behind a socket, the sweep needs real time, too.
      do await clock.advance(600_000);
      while (
        await caller.get(name).then(
          () => true,
          () => false,
        )
      );
      await assert.rejects(caller.get(name), { code: "NOT_FOUND", reason: "OPERATION_EXPIRED" });
    }));

  it("list() gives all of a parent, newest first, page by page", () =>
    onService(subject, [nothing], async (caller, clock) => {
      const parents = ["projects/p", "projects/q", "projects/p", "projects/p", ""];
      const names = await startSome(caller, parents, () => clock.advance(1_000));
      const [p1 = "", q = "", p2 = "", p3 = "", root = ""] = names;
      const pages: (readonly string[])[] = [];
      let pageToken = "";
      do {
        const page = await caller.listPage({ parent: "projects/p", pageSize: 2, pageToken });
        pages.push(page.operations.map(({ name }) => name));
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
      assert.deepEqual(pages.flat(), [p3, p2, p1]);
      assert.deepEqual(pages[0], [p3, p2]);
      assert.deepEqual(await namesOf(caller, { parent: "projects/p", pageSize: 1 }), [p3, p2, p1]);
      assert.deepEqual(await namesOf(caller, {}), [root]);
      assert.deepEqual(await namesOf(caller, { parent: "projects/-" }), [p3, p2, q, p1]);
      assert.deepEqual(await namesOf(caller, { parent: "projects/none" }), []);
    }));

  it("list() follows a filter", () =>
    onService(subject, [double, hold], async (caller) => {
      const held = await caller.start(hold, {});
      const doubled = await caller.start(double, { number: 1 });
      await caller.result(doubled);
      const matches = (filter: string) => namesOf(caller, { filter, pageSize: 1 });
      assert.deepEqual(await matches("done=true"), [doubled.name]);
      assert.deepEqual(await matches("done=false"), [held.name]);
      assert.deepEqual(await matches('metadata.verb = "hold" OR response.number > 1'), [
        doubled.name,
        held.name,
      ]);
      assert.deepEqual(await matches("response.number > 2"), []);
      await caller.cancel(held);
    }));

  it(
    "list() has other orders",
    () =>
      onService(subject, [nothing], async (caller, clock) => {
        const names = await startSome(caller, ["", "", ""], () => clock.advance(1_000));
        assert.deepEqual(await namesOf(caller, { orderBy: "createTime", pageSize: 2 }), names);
      }),
    "order",
  );

  it("list() rejects what it cannot read, with the reason", () =>
    onService(subject, [nothing], async (caller) => {
      for (const [call, reason] of [
        [{ pageSize: -1 }, "PAGE_SIZE_INVALID"],
        [{ pageToken: "nonsense" }, "PAGE_TOKEN_INVALID"],
        [{ filter: "done = (" }, "FILTER_INVALID"],
        [{ parent: "projects/p q" }, "NAME_INVALID"],
      ] as const)
        await assert.rejects(caller.listPage(call), { code: "INVALID_ARGUMENT", reason });
    }));
}
