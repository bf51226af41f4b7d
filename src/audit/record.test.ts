import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ANONYMOUS } from "../core/caller.ts";
import { serviceError, StatusError } from "../core/error/error.ts";
import { formatName } from "../core/operation/name.ts";
import { PERMISSIONS } from "../core/permission.ts";
import type { Call } from "../core/ports/authorizer.ts";
import { anOperation } from "../testing/an-operation.ts";
import { auditRecord } from "./record.ts";

const ada = {
  ...ANONYMOUS,
  principal: "user:ada@example.com",
  tenant: "projects/p",
  sender: { ip: "192.0.2.7", userAgent: "curl/8" },
};
const FACTS = { service: "archive", time: Date.UTC(2026, 0, 2), insertId: "a-1" };

function recordOf(call: Omit<Call, "caller">, end: { error?: unknown; result?: unknown } = {}): unknown {
  return auditRecord({ caller: ada, ...call }, { error: undefined, durationMs: 1, ...end }, FACTS);
}

test("the record of a start has every known field of AuditLog, the operation's name, and no payload", () => {
  const operation = anOperation({ request: '{"text":"secret"}' });
  const call = { permission: PERMISSIONS.start, resource: "projects/p", method: "createArchive" };
  assert.deepEqual(recordOf({ ...call, inTransaction: true }, { result: operation }), {
    "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
    time: "2026-01-02T00:00:00.000Z",
    insertId: "a-1",
    serviceName: "archive",
    methodName: "createArchive",
    resourceName: "projects/p",
    status: {},
    authenticationInfo: { principalEmail: "ada@example.com", principalSubject: "user:ada@example.com" },
    authorizationInfo: [
      {
        resource: "projects/p",
        permission: "longrunning.operations.start",
        granted: true,
        permissionType: "DATA_WRITE",
      },
    ],
    requestMetadata: { callerIp: "192.0.2.7", callerSuppliedUserAgent: "curl/8" },
    request: { method: "createArchive" },
    response: { name: formatName(operation) },
    metadata: { tenant: "projects/p", inTransaction: true },
  });
});

/** The names of all members, in their order. */
const namesOf = (text: string): string[] => [...text.matchAll(/"([^"]+)": ?/g)].map(([, name = ""]) => name);

test("docs/audit.md shows an actual record", () => {
  const page = readFileSync(new URL("../../docs/audit.md", import.meta.url), "utf8");
  const [, shown = ""] = /```json\n([^`]+)```/.exec(page) ?? [];
  const call = { permission: PERMISSIONS.start, resource: "projects/p", method: "createArchive" };
  const real = recordOf(call, { result: anOperation({ parent: "projects/p" }) });
  assert.deepEqual(namesOf(shown), namesOf(JSON.stringify(real)));
});

test("a refusal is not granted, and its status has the reason but no text of the caller", () => {
  const call = { permission: PERMISSIONS.get, resource: "operations/x" };
  const denied = recordOf(call, { error: new StatusError("PERMISSION_DENIED", "No secret.") }) as {
    readonly status: unknown;
    readonly authorizationInfo: readonly { readonly granted: boolean }[];
  };
  assert.deepEqual(denied.status, { code: 7 });
  assert.equal(denied.authorizationInfo[0]?.granted, false);
  const invalid = recordOf(call, {
    error: serviceError("NAME_INVALID", 'Invalid name "secret".'),
  }) as typeof denied;
  assert.deepEqual(invalid.status, {
    code: 3,
    message: "A name or a parent has an invalid format.",
    details: [
      { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "NAME_INVALID", domain: "archive" },
    ],
  });
  assert.equal(invalid.authorizationInfo[0]?.granted, true);
  const bug = recordOf(call, { error: new Error("secret") }) as typeof denied;
  assert.deepEqual(bug.status, { code: 13 });
});

test("a page has its number of items, and an operators' RPC has its name if several share the permission", () => {
  const page = recordOf(
    { permission: PERMISSIONS.list, resource: "" },
    { result: { operations: [anOperation(), anOperation()] } },
  ) as { readonly numResponseItems: string; readonly methodName: string };
  assert.equal(page.numResponseItems, "2");
  assert.equal(page.methodName, "google.longrunning.Operations.ListOperations");
  const resumed = recordOf({
    permission: PERMISSIONS.adminPause,
    resource: "",
    method: "m",
    rpc: "ResumeMethod",
  }) as typeof page;
  assert.equal(resumed.methodName, "longrunning.v1.Admin.ResumeMethod");
});
