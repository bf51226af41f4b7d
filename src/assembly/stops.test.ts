import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { startTestServer } from "../testing/test-server.ts";

async function indexOf(url: string): Promise<Readonly<Record<string, string>>> {
  return (await (await fetch(url)).json()) as Record<string, string>;
}

/** The headers of a browser. */
const browser = {
  headers: { accept: "text/html,application/xhtml+xml,*/*;q=0.8" },
  redirect: "manual",
} as const;

suite("the index", () => {
  test("has only existing addresses", async () => {
    await using server = await startTestServer([], { name: "archive", admin: "off" });
    const { name, ...addresses } = await indexOf(server.url);
    assert.equal(name, "archive");
    const probes = ["livez", "readyz", "healthz", "metrics"];
    assert.deepEqual(Object.keys(addresses), ["operations", "discovery", "openapi", ...probes]);
    for (const address of Object.values(addresses)) {
      assert.equal((await fetch(new URL(address, `${server.url}/`))).status, 200, address);
    }
    assert.equal((await fetch(server.url, browser)).status, 200);
  });

  test("sends browsers to the page if there is one", async () => {
    await using server = await startTestServer([]);
    assert.equal((await indexOf(server.url))["dashboard"], "admin/");
    const { status, headers } = await fetch(server.url, browser);
    assert.deepEqual([status, headers.get("location")], [302, "admin/"]);
  });

  test("of a probe port has nothing else", async () => {
    await using server = await startTestServer([], { probePort: 0 });
    assert.deepEqual(Object.keys(await indexOf(server.probeUrl)), [
      "name",
      "livez",
      "readyz",
      "healthz",
      "metrics",
    ]);
    assert.equal((await fetch(`${server.probeUrl}/metrics`)).status, 200);
  });
});
