import assert from "node:assert/strict";
import { Socket } from "node:net";
import { test } from "node:test";
import { ManualClock } from "../../testing/manual-clock.ts";
import { Shares } from "./shares.ts";

test("Shares gives each connection one share, for all its requests", () => {
  const shares = new Shares(new ManualClock());
  const [socket, session] = [new Socket(), {}];
  assert.equal(shares.ofSocket(socket), shares.ofSocket(socket));
  assert.equal(shares.ofSession(session), shares.ofSession(session));
  assert.notEqual(shares.ofSocket(socket), shares.ofSocket(new Socket()));
});
