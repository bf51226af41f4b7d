import assert from "node:assert/strict";
import { test } from "node:test";
import { cannotOpen } from "../../store/fault.ts";
import { failedCheck, nodeCheck, serverCheck } from "./check.ts";
import { aWorld } from "../world.suite.ts";

test("nodeCheck() requires Node 24", () => {
  assert.equal(nodeCheck("26.1.0").status, "ok");
  assert.deepEqual(nodeCheck("22.9.0").next, "Install Node 24 or newer.");
});

test("serverCheck() distinguishes a missing server from an unhealthy one", async () => {
  using absent = aWorld({ fetch: () => Promise.reject(new TypeError("fetch failed")) });
  assert.equal((await serverCheck(absent.io, "http://h:1")).status, "warn");
  const cause = Object.assign(new Error("expired"), { code: "CERT_HAS_EXPIRED" });
  using expired = aWorld({ fetch: () => Promise.reject(new TypeError("fetch failed", { cause })) });
  const untrusted = await serverCheck(expired.io, "https://h:1");
  assert.equal(untrusted.status, "fail");
  assert.match(untrusted.message, /its certificate has expired/);
  using sick = aWorld({ fetch: async () => new Response("<html>", { status: 500 }) });
  assert.equal((await serverCheck(sick.io, "http://h:1")).status, "fail");
  using well = aWorld({ fetch: async () => Response.json({}) });
  assert.equal((await serverCheck(well.io, "http://h:1")).message, "http://h:1 answers");
  const { status, message } = await serverCheck(well.io, "http://me:secret@h:1");
  assert.equal(status, "fail");
  assert.match(message, /^Server: expected an address without credentials, .*got "http:\/\/\*\*\*@h:1"/);
});

test("failedCheck() says what is wrong and what to do", () => {
  assert.deepEqual(failedCheck("n", new Error("m"), "Do."), {
    name: "n",
    status: "fail",
    message: "m",
    next: "Do.",
  });
});

test("failedCheck() includes the store's own error", () => {
  const fault = {
    store: "/o.db",
    problem: "the file is damaged",
    remedy: "Restore a backup",
    mayPass: false,
  };
  const check = failedCheck("store", cannotOpen({ ...fault, cause: undefined }), "Do.");
  assert.equal(check.message, "/o.db: the file is damaged");
  assert.equal(check.next, "Restore a backup.");
});
