import assert from "node:assert/strict";
import { test } from "node:test";
import { rpcNameAt } from "./rpc-name.ts";

test("rpcNameAt() names the RPC of an address, or nothing", () => {
  const routes = { versions: new Set(["v1"]) };
  const operations = "google.longrunning.Operations";
  for (const [method, path, name] of [
    ["GET", "/v1/operations/a", `${operations}.GetOperation`],
    ["HEAD", "/v1/operations/a", `${operations}.GetOperation`],
    ["DELETE", "/v1/operations/a", `${operations}.DeleteOperation`],
    ["POST", "/v1/operations/a:cancel", `${operations}.CancelOperation`],
    ["POST", "/v1/operations/a:wait", `${operations}.WaitOperation`],
    ["GET", "/v1/projects/p/operations", `${operations}.ListOperations`],
    ["POST", "/v1:pack", "longrunning.v1.Methods.StartOperation"],
    ["POST", "/v1:startOperations", "longrunning.v1.Methods.StartOperations"],
    ["POST", "/v1/projects/p/operations:claim", "longrunning.v1.Workers.ClaimOperations"],
    ["POST", "/v1/operations:renew", "longrunning.v1.Workers.RenewAttempts"],
    ["POST", "/v1/operations/a:complete", "longrunning.v1.Workers.CompleteAttempts"],
    ["POST", "/v1/operations/a:fail", "longrunning.v1.Workers.FailAttempts"],
    ["POST", "/v1/operations/a:release", "longrunning.v1.Workers.ReleaseAttempts"],
    ["GET", "/openapi.json", undefined],
    ["POST", "/batch", undefined],
    ["GET", "/elsewhere", undefined],
    ["PUT", "/v1/operations/a", undefined],
    ["GET", "/v1/operations/%ff", undefined],
  ] as const)
    assert.equal(rpcNameAt(method, path, routes), name, `${method} ${path}`);
});
