import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { describe, it } from "node:test";
import { ManualClock } from "../../testing/manual-clock.ts";
import { Health } from "./health.ts";
import { probes } from "./probes.ts";

async function asked(health: Health, path: string, query = ""): Promise<readonly [number, string]> {
  const stop = new Map(probes(health)).get(path) ?? assert.fail("no such probe");
  const { status, body, headers } = await stop({} as IncomingMessage, query);
  assert.match(headers["content-type"] ?? "", /^text\/plain/);
  return [status, String(body)];
}

const anOpen = (): Health => {
  const health = new Health(new ManualClock());
  health.opened(async () => {});
  return health;
};

describe("probes", () => {
  it("say ok, and list their checks on request", async () => {
    const health = anOpen();
    for (const path of ["/livez", "/readyz", "/healthz"])
      assert.deepEqual(await asked(health, path), [200, "ok"]);
    assert.deepEqual(await asked(health, "/livez", "verbose"), [200, "[+]ping ok\nlivez check passed\n"]);
    const lines = "[+]store ok\n[+]migrations ok\n[+]draining ok\n";
    assert.deepEqual(await asked(health, "/readyz", "verbose"), [200, `${lines}readyz check passed\n`]);
    assert.deepEqual(await asked(health, "/healthz", "verbose=0"), [200, `${lines}healthz check passed\n`]);
  });

  it("list all checks if one fails, except /livez, which has none", async () => {
    const health = anOpen();
    health.drain();
    const [status, body] = await asked(health, "/readyz");
    assert.equal(status, 503);
    assert.equal(
      body,
      "[+]store ok\n[+]migrations ok\n[-]draining failed: the server is stopping\nreadyz check failed\n",
    );
    assert.deepEqual(await asked(health, "/livez"), [200, "ok"]);
  });

  it("leave out excluded checks, and report unknown names", async () => {
    const health = anOpen();
    health.drain();
    assert.deepEqual(await asked(health, "/readyz", "exclude=draining"), [200, "ok"]);
    assert.deepEqual(await asked(health, "/readyz", "exclude=draining&exclude=store&verbose&exclude=etcd"), [
      200,
      "[+]store excluded: ok\n[+]migrations ok\n[+]draining excluded: ok\n" +
        'warn: some health checks cannot be excluded: no matches for "etcd"\nreadyz check passed\n',
    ]);
    assert.deepEqual(await asked(health, "/livez", "exclude=ping&verbose"), [
      200,
      "[+]ping excluded: ok\nlivez check passed\n",
    ]);
  });

  it("answer a long query with little text", async () => {
    const names = Array.from({ length: 3_000 }, (_, index) => `exclude=${index}%0A[-]${"x".repeat(500)}`);
    const [, body] = await asked(
      anOpen(),
      "/readyz",
      ["verbose", ...names, "exclude=%FF%", "__proto__"].join("&"),
    );
    assert.ok(body.length < 1_500, `${body.length} characters`);
    assert.equal(body.split("\n").length, 6, "no line is a caller's");
    assert.match(body, / and 2991 more\n/);
  });
});
