import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { collectionOf, includesParent } from "../../../src/core/operation/collection.ts";
import { type Permission, PERMISSIONS } from "../../../src/core/permission.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";
import { IS_LONG } from "../../support/long.ts";
import { ASKED, CALLERS, parentOf, PARENTS, permits, rulesOf, someGrants } from "./some-grants.ts";
import { type AccessServer, openAccessServer, work } from "./tenants.ts";

/**
 * Random rules over a few tenants: whatever callers ask, they see only what a walk over all grants
 * allows.
 */

const FILTERS = ["", "done = false", "metadata.verb = nothing", 'name = "*operations*"', "work"];

/** All pages of a list. */
async function listed(
  server: AccessServer,
  who: string,
  { parent, filter, token = "" }: { parent: string; filter: string; token?: string },
): Promise<{ readonly status: number; readonly names: string[]; readonly first: string }> {
  const names: string[] = [];
  let [pageToken, first] = [token, ""];
  do {
    const query = new URLSearchParams({ pageSize: "3", filter, ...(pageToken === "" ? {} : { pageToken }) });
    const path = `/v1/${parent === "" ? "" : `${parent}/`}operations?${query.toString()}`;
    const { status, body } = await server.send(who, "GET", path);
    if (status !== 200) return { status, names, first };
    const page = body as { operations?: { name: string }[]; nextPageToken?: string };
    names.push(...(page.operations ?? []).map(({ name }) => name));
    pageToken = page.nextPageToken ?? "";
    first ||= pageToken;
  } while (pageToken !== "");
  return { status: 200, names: names.toSorted(), first };
}

/** The statuses of the parts of a batch of gets. */
async function batched(server: AccessServer, who: string, names: readonly string[]): Promise<number[]> {
  const parts = names.map(
    (name) => `--b\r\ncontent-type: application/http\r\n\r\nGET /v1/${name} HTTP/1.1\r\n\r\n\r\n`,
  );
  const answer = await fetch(`${server.url}/batch`, {
    method: "POST",
    headers: { "content-type": "multipart/mixed; boundary=b", ...(who === "" ? {} : { "x-user": who }) },
    body: `${parts.join("")}--b--\r\n`,
  });
  return [...(await answer.text()).matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
}

test("for any grants, lists, filters, tokens and batches show exactly the operations that a walk over the grants allows", async () => {
  await using server = await openAccessServer(undefined, {
    clock: new ManualClock(),
    worker: false,
    statistics: false,
  });
  const names: string[] = [];
  for (const parent of [...PARENTS, ...PARENTS])
    names.push((await server.operations.start(work, { text: "x" }, { parent })).name);
  const everything = await listed(server, "root", { parent: "-", filter: "" });
  assert.deepEqual(everything.names, names.toSorted());
  let shown = 0;
  const numRuns = IS_LONG ? 12 : 6;
  for (const grants of fc.sample(someGrants([PERMISSIONS.get, PERMISSIONS.list]), { numRuns, seed: 3 })) {
    writeFileSync(server.file, rulesOf(grants));
    await server.operations.reloadAccess();
    for (const who of CALLERS) {
      const refused = who === "" ? 401 : 403;
      const may = (permission: Permission, parent: string): boolean =>
        permits(grants, { who, permission, parent });
      const got = await batched(server, who, names);
      assert.deepEqual(
        got,
        names.map((name) => (may(PERMISSIONS.get, parentOf(name)) ? 200 : refused)),
      );
      for (const [index, parent] of ASKED.entries()) {
        const filter = FILTERS[index % FILTERS.length] ?? "";
        const collection = collectionOf(parent);
        const visible = names.filter(
          (name) => includesParent(collection, parentOf(name)) && may(PERMISSIONS.list, parentOf(name)),
        );
        const answer = await listed(server, who, { parent, filter });
        const about = JSON.stringify({ grants, who, parent, filter });
        if (answer.status !== 200) assert.deepEqual([answer.status, visible], [refused, []], about);
        else assert.deepEqual(answer.names, filter.includes("nothing") ? [] : visible.toSorted(), about);
        shown += answer.names.length;
      }
      // A page token of a caller that sees everything works for nobody else.
      const after = await listed(server, who, { parent: "-", filter: "", token: everything.first });
      assert.deepEqual([after.status >= 400, after.names], [true, []]);
    }
  }
  assert.ok(shown > 100, `${shown} operations were shown`);
});
