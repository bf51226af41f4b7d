import assert from "node:assert/strict";
import { test } from "node:test";
import { fits, Servers } from "./servers.ts";

test("a host that would not do is passed over once, by however many it failed", () => {
  const servers = new Servers("postgres://one,two,three/d");
  const first = servers.host;
  servers.passOver(first);
  servers.passOver(first);
  assert.equal(servers.host.host, "two");
  servers.passOver(servers.host);
  servers.passOver(servers.host);
  assert.equal(servers.host, first, "and then it is the first one's turn again");
});

test("fits() knows servers by what they take", () => {
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
