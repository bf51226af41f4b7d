import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { defineMethod, openOperations } from "../../src/index.ts";
import { askAt } from "../../src/server/admin/operators-server.suite.ts";
import { applyMigrations } from "../../src/store/open.ts";
import { startTestServer } from "../../src/testing/test-server.ts";
import { CITUS_URL, citusForTests, NO_CITUS } from "../support/citus.ts";

const work = defineMethod({
  name: "work",
  request: z.object({ how: z.enum(["ends", "fails"]) }),
  retry: { attempts: 2, initialDelay: "1ms", maxDelay: "1ms" },
  run: ({ how }) => {
    if (how === "fails") throw new Error("disk 7 is full");
  },
});
/** One operation of a key at a time, until it is cancelled. */
const hold = defineMethod({
  name: "hold",
  request: z.object({ key: z.string() }),
  parallel: { limit: 1, key: ({ key }) => key, when: "queue" },
  run: (_request, { signal }) =>
    new Promise<void>((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error));
    }),
});
const methods = [work, hold];

type Json = Readonly<Record<string, unknown>>;

/** The events of a process that has ended after its last report. */
async function happened(store: string): Promise<void> {
  const operations = await openOperations({ store, methods });
  const starts = ["ends", "ends", "ends", "fails", "fails"] as const;
  const begun = await Promise.all(starts.map((how) => operations.start(work, { how })));
  for (const { name } of begun) while (!(await operations.wait(name)).done);
  await operations.stop();
}

test("operators have the same views and actions on Citus as on other databases", {
  skip: CITUS_URL === undefined && NO_CITUS,
}, async () => {
  await using cluster = citusForTests();
  const store = await cluster.createDatabase();
  await applyMigrations(store);
  await happened(store);
  await using server = await startTestServer(methods, { store });
  const ask = async (method: string, path: string, body?: object): Promise<Json> => {
    const { status, text, json } = await askAt(
      `${server.url}/admin/v1/${path}`,
      method,
      body === undefined ? {} : { body },
    );
    assert.equal(status, 200, `${path}: ${text}`);
    return json;
  };
  const until = async (name: string, state: string): Promise<void> => {
    while ((await server.operations.get(name)).state !== state);
  };
  const names: string[] = [];
  for (let each = 0; each < 3; each++)
    names.push((await server.operations.start(hold, { key: "disk" })).name);
  const [first = "", second = ""] = names;
  await until(first, "RUNNING");

  const { live, ended, failures } = await ask("GET", "summary");
  const counted = [live, ended].map((each) => each as Json);
  assert.deepEqual([counted[0]?.["running"], counted[0]?.["blocked"]], [1, 2]);
  assert.deepEqual([counted[1]?.["succeeded"], counted[1]?.["failed"], counted[1]?.["retried"]], [3, 2, 2]);
  const [group, ...others] = failures as readonly Json[];
  assert.deepEqual([group?.["text"], group?.["count"], others], ["Error: disk ‹n› is full", 2, []]);

  const { operations } = await ask("GET", "operations?filter=metadata.state=FAILED&method=work");
  const [row, ...rows] = operations as readonly Json[];
  assert.deepEqual([row?.["message"], rows.length], ["Error: disk 7 is full", 1]);
  const record = await ask("GET", String(row?.["name"]));
  assert.equal((record["attempts"] as readonly Json[]).length, 2);
  assert.match(String(record["exception"]), /^Error: disk 7 is full\n/);
  const { keys } = await ask("GET", "methods/hold");
  const [key] = keys as readonly Json[];
  assert.deepEqual([key?.["key"], key?.["blocked"], key?.["held"]], ["disk", 2, 1]);

  await ask("POST", "methods/work:pause", {});
  const { name: paused } = await server.operations.start(work, { how: "ends" });
  await ask("POST", `${first}:cancel`, {});
  await until(second, "RUNNING");
  assert.equal((await server.operations.get(paused)).done, false);
  await ask("POST", "methods/work:resume", {});
  await until(paused, "SUCCEEDED");

  const which = { method: "work", filter: "metadata.state=FAILED" };
  const { count, notAfter } = await ask("GET", `operations:count?${new URLSearchParams(which).toString()}`);
  assert.equal(count, 2);
  const { name: bulk } = await ask("POST", "bulk", { action: "delete", ...which, notAfter, expected: count });
  await until(String(bulk), "SUCCEEDED");
  assert.equal(
    (await ask("GET", `operations:count?${new URLSearchParams(which).toString()}`))["count"],
    undefined,
  );
});
