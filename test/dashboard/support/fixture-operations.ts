import type { Attempt, OperationRow } from "../../../dashboard/src/wire.ts";
import type { At } from "./fixture-data.ts";

const MINUTE = 60_000;

/** The name of a sample operation. */
export function nameOf(parent: string, end: string): string {
  return `projects/${parent}/operations/01a22339-6e92-7000-a8b7-${end}`;
}

/**
 * A failed operation: its method and error, how long ago it failed, its run time and its attempts.
 */
function failed(
  at: At,
  [name, method]: readonly [string, string],
  [errorCode, message]: readonly [string, string],
  [ago, took, attempt]: readonly [number, number, number],
): OperationRow {
  return {
    name,
    method,
    state: "FAILED",
    createTime: at(ago + took + 400),
    availableTime: at(ago + took + 400),
    startTime: at(ago + took),
    attemptTime: at(ago + took / 3),
    endTime: at(ago),
    attempt,
    attemptsMax: 3,
    failedAttempts: attempt,
    errorCode,
    message,
    worker: "app-1-4711-2b90",
  };
}

const SMTP = ["UNAVAILABLE", "smtp relay timed out after 5000 ms"] as const;
const BROKEN = ["INTERNAL", "The handler of “createArchive” failed unexpectedly"] as const;
const DEADLINE = ["DEADLINE_EXCEEDED", "The deadline of 10m passed after 2 attempts"] as const;
const PAID = ["FAILED_PRECONDITION", "invoice 88213 was paid already"] as const;

export function rowsOf(at: At): readonly OperationRow[] {
  const eu = "acme/locations/eu";
  return [
    ...unfinished(at, eu),
    failed(at, [nameOf(eu, "7e199a314f02"), "exportReport"], SMTP, [2_000, 22_400, 3]),
    failed(at, [nameOf(eu, "7de19a31c032"), "exportReport"], SMTP, [5_000, 21_900, 3]),
    failed(at, [nameOf("umbra/locations/us", "7c409a311c77"), "createArchive"], BROKEN, [20_000, 1_200, 1]),
    failed(at, [nameOf("acme/locations/us", "7b959a31e0c4"), "exportReport"], SMTP, [26_000, 23_100, 3]),
    failed(
      at,
      [nameOf("lumen/locations/eu", "7a029a3155fd"), "restoreArchive"],
      DEADLINE,
      [61_000, 600_000, 2],
    ),
    failed(at, [nameOf(eu, "79f89a310b1e"), "exportReport"], SMTP, [71_000, 22_000, 3]),
    failed(at, [nameOf(eu, "78c39a31d2a9"), "sendInvoice"], PAID, [89_000, 300, 1]),
    ended(at, nameOf(eu, "78009a31d2b0"), { method: "sendInvoice", state: "SUCCEEDED" }),
    ended(at, nameOf(eu, "77009a31d2c0"), {
      method: "createArchive",
      state: "CANCELLED",
      errorCode: "CANCELLED",
      message: "The operation was cancelled at a caller's request.",
    }),
  ];
}

function ended(at: At, name: string, rest: OperationRow): OperationRow {
  const times = {
    createTime: at(95_000),
    availableTime: at(95_000),
    startTime: at(94_900),
    endTime: at(94_600),
  };
  return { name, ...times, attemptTime: at(94_900), attempt: 1, attemptsMax: 3, ...rest };
}

function unfinished(at: At, parent: string): readonly OperationRow[] {
  const running = {
    method: "createArchive",
    state: "RUNNING",
    createTime: at(13_000),
    availableTime: at(13_000),
    startTime: at(12_000),
    attemptTime: at(12_000),
    attempt: 1,
    attemptsMax: 3,
    worker: "app-1-4711-2b90",
    message: "Packing /var/log",
  };
  const pending = { state: "PENDING", createTime: at(14 * MINUTE), attemptsMax: 3 };
  return [
    { ...running, name: nameOf(parent, "80119a31c001"), progressPercent: 62 },
    { ...running, name: nameOf(parent, "80109a31c011"), message: "Reading the folder" },
    {
      ...pending,
      name: nameOf(parent, "80079a31c021"),
      method: "resizeDisk",
      availableTime: at(14 * MINUTE),
      blocked: true,
      key: "disk-7",
    },
    {
      ...pending,
      name: nameOf(parent, "80069a31c031"),
      method: "restoreArchive",
      availableTime: at(-4 * MINUTE),
    },
  ];
}

const REQUEST = `{"report":"monthly-revenue","month":"2026-10","recipients":["finance@acme.example","audit@acme.example"],"format":"PDF","rows":48210}`;
const EXCEPTION = `SmtpError: connect ETIMEDOUT 10.4.0.12:587
    at Relay.send (/app/src/smtp/relay.ts:88:13)
    at async exportReport (/app/src/export-report.ts:41:5)
    at async Attempt.run (longrunning/worker/attempt.js:88:13)`;

function attemptsOf(row: OperationRow, at: At): readonly Attempt[] {
  if (row.state === "RUNNING") {
    const begun = row.attemptTime === undefined ? {} : { beginTime: row.attemptTime };
    return [{ number: 1, worker: row.worker ?? "", how: "running", ...begun }];
  }
  if (row.state !== "FAILED") return [];
  const ran = [
    [21_000, 15_800, "app-2-812-cf13"],
    [14_200, 9_100, "app-1-4711-2b90"],
    [5_300, 200, "app-1-4711-2b90"],
  ] as const;
  return ran.map(([from, to, worker], index) => ({
    number: index + 1,
    worker,
    beginTime: at(5_000 + from),
    endTime: at(5_000 + to),
    how: "failed",
    code: row.errorCode ?? "",
    message: row.message ?? "",
  }));
}

export function recordOf(row: OperationRow, at: At): object {
  const failure = {
    error: { code: 14, message: row.message ?? "", details: [] },
    exception: EXCEPTION,
    retried: "Retried because the code is among the method’s retry codes.",
    failureKey: "k1",
  };
  return {
    row: { ...row, priority: 5, key: "acme", target: "reports/monthly-revenue" },
    requestId: "rev-2026-10-acme",
    expireTime: at(-30 * 24 * 60 * MINUTE),
    ...(row.state === "RUNNING" ? { leaseTime: at(-21_000) } : {}),
    revision: 13,
    principal: "billing@acme.example",
    ...(row.state === "FAILED" ? failure : {}),
    attempts: attemptsOf(row, at),
    attemptsRecordedFrom: 1,
    requestJson: REQUEST,
    metadataJson: `{"progressPercent":62,"statusMessage":"Packing /var/log"}`,
    operationJson: `{"name":${JSON.stringify(row.name)},"done":${String(row.endTime !== undefined)}}`,
    requestBytes: REQUEST.length,
    metadataBytes: 57,
    asOf: at(0),
  };
}
