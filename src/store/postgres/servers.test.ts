import assert from "node:assert/strict";
import { test } from "node:test";
import { fits, Servers } from "./servers.ts";

test("an unsuitable host is skipped once, however many connections it failed", () => {
  const servers = new Servers("postgres://one,two,three/d");
  const first = servers.host;
  servers.passOver(first);
  servers.passOver(first);
  assert.equal(servers.host.host, "two");
  servers.passOver(servers.host);
  servers.passOver(servers.host);
  assert.equal(servers.host, first, "and then it is the first one's turn again");
});

test("fits() compares a server with target_session_attrs", () => {
  const primary = { isReadOnly: false, isStandby: false };
  const standby = { isReadOnly: true, isStandby: true };
  const closed = { isReadOnly: true, isStandby: false };
  const fitting = (["any", "read-write", "read-only", "primary", "standby", "prefer-standby"] as const).map(
    (target) => [primary, standby, closed].map((server) => fits(target, server)),
  );
  assert.deepEqual(fitting, [
    [true, true, true],
    [true, false, false],
    [false, true, true],
    [true, false, true],
    [false, true, false],
    [true, true, true],
  ]);
});
