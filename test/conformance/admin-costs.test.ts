import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { LIMITS } from "../../src/core/limits.ts";
import { defineMethod } from "../../src/index.ts";
import { askAt } from "../../src/server/admin/operators-server.suite.ts";
import { startTestServer } from "../../src/testing/test-server.ts";

const later = defineMethod({ name: "later", request: z.object({ n: z.int() }), run: () => {} });
const COUNT = LIMITS.listRowsExaminedMax + 2_000;

suite("an operator's read of many operations", () => {
  test("examines a limited number of them, and says so", async () => {
    await using server = await startTestServer([later]);
    const items = Array.from({ length: 1_000 }, (_, n) => ({
      method: later,
      request: { n },
      delay: "1h" as const,
    }));
    for (let started = 0; started < COUNT; started += items.length) await server.operations.startMany(items);
    const ask = (path: string) => askAt(`${server.url}/admin/v1/${path}`, "GET");
    const nothing = "filter=metadata.attempt%20%3E%205";
    const { json } = await ask(`operations?${nothing}`);
    assert.ok(Number(json["lookedAt"]) <= LIMITS.listRowsExaminedMax, String(json["lookedAt"]));
    assert.equal(json["operations"], undefined);
    assert.match(String(json["lookedBackTo"]), /^20/);
    const next = await ask(`operations?${nothing}&pageToken=${String(json["nextPageToken"])}`);
    assert.deepEqual([next.json["operations"], next.json["nextPageToken"]], [undefined, undefined]);
    const count = await ask("operations:count");
    assert.deepEqual(
      [count.json["count"], count.json["complete"], count.json["lookedAt"]],
      [LIMITS.listRowsExaminedMax, undefined, LIMITS.listRowsExaminedMax],
    );
    const summary = await ask("summary");
    const live = summary.json["live"] as Record<string, unknown>;
    assert.deepEqual([live["delayed"], live["delayedMore"]], [LIMITS.countedMax, true]);
    assert.match(String(summary.headers.get("etag")), /^"/);
  });

  test("is not sent again if nothing has changed", async () => {
    await using server = await startTestServer([later]);
    const url = `${server.url}/admin/v1/summary?range=15m`;
    const etag = (await askAt(url, "GET")).headers.get("etag") ?? "";
    const again = await askAt(url, "GET", { headers: { "if-none-match": etag } });
    assert.deepEqual([again.status, again.text], [304, ""]);
    await server.operations.start(later, { n: 1 }, { delay: "1h" });
    const other = await askAt(`${server.url}/admin/v1/summary?range=6h`, "GET", {
      headers: { "if-none-match": etag },
    });
    assert.equal(other.status, 200);
  });
});
