import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { describe, it } from "node:test";
import { FIRST_PAIR, SECOND_PAIR } from "../../server/listening/certificates.suite.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { tlsChecks } from "./tls.ts";
import { aWorld } from "../world.suite.ts";

const FILES = { tlsCert: "tls.crt", tlsKey: "tls.key" };
const END = Date.parse(new X509Certificate(FIRST_PAIR.cert).validTo);
const DAY_MS = 86_400_000;

async function checked(now: number, pair: { cert: string; key: string } = FIRST_PAIR) {
  using world = aWorld({ clock: new ManualClock(now) });
  world.file("tls.crt", pair.cert);
  world.file("tls.key", pair.key);
  const [check, ...more] = await tlsChecks(world.io, FILES);
  assert.deepEqual(more, []);
  return check ?? assert.fail("no check");
}

describe("tlsChecks()", () => {
  it("checks nothing if TLS is not set", async () => {
    using world = aWorld();
    assert.deepEqual(await tlsChecks(world.io, {}), []);
  });

  it("shows until when the certificate is valid, and warns two weeks before", async () => {
    assert.equal((await checked(END - 15 * DAY_MS)).status, "ok");
    const soon = await checked(END - 13 * DAY_MS);
    assert.equal(soon.status, "warn");
    assert.match(soon.message, /: it expires in 13 days$/);
    const expired = await checked(END + 1_000);
    assert.equal(expired.status, "fail");
    assert.ok(expired.message.endsWith(`to ${new Date(END).toISOString().slice(0, 10)}: it has expired`));
    assert.match((await checked(0)).message, /: it is not valid yet$/);
    assert.match(expired.next ?? "", /SIGHUP/);
  });

  it("fails if serve would: files that are missing, not PEM, or from two pairs", async () => {
    using world = aWorld();
    assert.match((await tlsChecks(world.io, FILES))[0]?.message ?? "", /tlsCert: "tls\.crt" cannot be read/);
    assert.match((await tlsChecks(world.io, { tlsKey: "k" }))[0]?.message ?? "", /tlsCert is not/);
    const mixed = await checked(END, { cert: FIRST_PAIR.cert, key: SECOND_PAIR.key });
    assert.match(mixed.message, /the key is not that of the certificate/);
    assert.match((await checked(END, { cert: "x", key: "y" })).message, /expected PEM text/);
    assert.equal(mixed.status, "fail");
  });
});
