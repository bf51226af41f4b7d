import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS } from "../core/caller.ts";
import { serviceError, StatusError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import { type Permission, PERMISSIONS } from "../core/permission.ts";
import type { Call } from "../core/ports/authorizer.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { AuditLog, type AuditLogParts } from "./audit.ts";

interface Written {
  readonly insertId: string;
  readonly resourceName: string;
  readonly time: string;
}

function open(parts: Partial<AuditLogParts> = {}) {
  const texts: string[] = [];
  const told: string[] = [];
  let isFull = false;
  const output = {
    write: async (text: string) => {
      if (isFull) throw new Error("ENOSPC");
      texts.push(text);
    },
    reopen: async () => {
      if (isFull) throw new Error("EACCES");
    },
    close: async () => void told.push("closed"),
  };
  const audit = new AuditLog({
    output,
    reads: false,
    onFailure: "continue",
    service: "archive",
    clock: new ManualClock(),
    random: seededRandom(1),
    tell: {
      "audit.reopened": () => void told.push("reopened"),
      "audit.not-reopened": () => void told.push("not reopened"),
    },
    ...parts,
  });
  const fill = (): void => void (isFull = true);
  const records = (): Written[] => {
    const lines = texts
      .join("")
      .split("\n")
      .filter((line) => line !== "");
    return lines.map((line) => JSON.parse(line) as Written);
  };
  return { audit, fill, told, records, written: () => texts.join("") };
}

const callOf = (permission: Permission): Call => ({
  caller: ANONYMOUS,
  permission,
  resource: "operations/a",
});
const READ = callOf(PERMISSIONS.get);
const WRITE = callOf(PERMISSIONS.cancel);
const end = (error?: unknown) => ({ error, durationMs: 1 });

describe("AuditLog", () => {
  it("keeps a record of every write, and of refused reads", async () => {
    const { audit, records } = open();
    assert.equal(audit.admit(READ), false);
    assert.equal(audit.admit(WRITE), true);
    const missing = serviceError("OPERATION_NOT_FOUND", "No.");
    const kept: readonly (readonly [Call, unknown, boolean])[] = [
      [WRITE, undefined, true],
      [WRITE, missing, true],
      [WRITE, new Error("bug"), true],
      [READ, undefined, false],
      [READ, missing, false],
      [READ, new StatusError("PERMISSION_DENIED", "No."), true],
      [READ, new StatusError("UNAUTHENTICATED", "No."), true],
      [READ, new StatusError("RESOURCE_EXHAUSTED", "No."), true],
    ];
    for (const [call, error, isKept] of kept) {
      const before = records().length;
      await audit.record(call, end(error));
      assert.equal(records().length - before, isKept ? 1 : 0, `${call.permission} ${String(error)}`);
    }
  });

  it("keeps a record on one line for every reader, with names cut to the maximum length", async () => {
    const { audit, records, written } = open();
    const sender = { ip: undefined, userAgent: "a\u0085b" };
    const caller = { ...ANONYMOUS, sender };
    await audit.record({ ...WRITE, caller, resource: "operations/a\u2028b\u2029c\n" }, end());
    assert.doesNotMatch(written().slice(0, -1), /[\n\r\u0085\u2028\u2029]/);
    await audit.record({ ...WRITE, resource: "\u0001".repeat(32_768) }, end());
    const names = records().map(({ resourceName }) => resourceName);
    assert.deepEqual(names, ["operations/a\u2028b\u2029c\n", "\u0001".repeat(LIMITS.auditedNameLengthMax)]);
    assert.ok(written().length < 30_000, "whatever callers send");
  });

  it("keeps reads if the setting says so, each record with an id of its own", async () => {
    const { audit, records } = open({ reads: true });
    assert.equal(audit.admit(READ), true);
    await Promise.all([audit.record(READ, end()), audit.record(READ, end())]);
    const other = open({ reads: true, random: seededRandom(2) });
    await other.audit.record(READ, end());
    const ids = [...records(), ...other.records()].map(({ insertId }) => insertId);
    assert.equal(new Set(ids).size, 3);
    assert.equal(records()[0]?.time, "2026-01-01T00:00:00.000Z");
  });

  it("refuses writes without a record if the setting says so, but not reads, and does not record such a refusal", async () => {
    const { audit, fill } = open({ onFailure: "refuse" });
    fill();
    await assert.rejects(audit.record(WRITE, end()) ?? Promise.resolve(), { reason: "AUDIT_UNAVAILABLE" });
    assert.throws(() => audit.admit(WRITE), { reason: "AUDIT_UNAVAILABLE" });
    assert.equal(audit.admit(READ), false);
    assert.equal(audit.record(WRITE, end(serviceError("AUDIT_UNAVAILABLE", "No."))), undefined);
  });

  it("keeps a record of refused credentials, without a caller if they were not checked, and never rejects", async () => {
    const { audit, fill, records } = open({ onFailure: "refuse" });
    const from = { ip: "192.0.2.7", userAgent: undefined };
    const refusal = new StatusError("UNAUTHENTICATED", "No.");
    await audit.refused({ url: "/v1/operations?key=k" }, from, refusal);
    await audit.refused({}, from, new StatusError("UNAVAILABLE", "No."));
    await audit.refused({}, from, new Error("bug"));
    assert.equal(records().length, 1);
    fill();
    await audit.refused({}, from, refusal);
  });

  it("reopens its output and closes it, with events", async () => {
    const { audit, fill, told } = open();
    await audit.reopen();
    fill();
    await audit.reopen();
    await audit.stop();
    assert.deepEqual(told, ["reopened", "not reopened", "closed"]);
  });
});
