import assert from "node:assert/strict";
import { test } from "node:test";
import { Teller } from "../core/teller.ts";
import { checkControl } from "./access-control.ts";
import { serve, serveToldBy } from "./serve.ts";

const settings = { host: "0.0.0.0", role: "all", accessControl: true } as const;

test("a server that others can reach must have rules, or a setting that says it needs none", () => {
  for (const host of ["0.0.0.0", "::", "10.1.2.3", "archive.example.com"]) {
    assert.throws(() => checkControl({ ...settings, host }, undefined), {
      name: "TypeError",
      message: `host: every client that reaches "${host}" could do everything, because there are no access rules; give rules (--access FILE), or confirm that strangers cannot reach it (--no-access-control)`,
    });
    // Authentication alone does not decide what callers may do.
    assert.throws(() => checkControl({ ...settings, host }, { authenticate: () => undefined }), TypeError);
    checkControl({ ...settings, host }, { rules: "access.yaml" });
    checkControl({ ...settings, host }, { authorize: () => true });
    checkControl({ ...settings, host, accessControl: false }, undefined);
    checkControl({ ...settings, host, role: "worker" }, undefined);
  }
  for (const host of ["127.0.0.1", "::1", "localhost"]) checkControl({ ...settings, host }, undefined);
  assert.throws(
    () => checkControl({ ...settings, accessControl: false }, { rules: "access.yaml" }),
    /it is off, and there are access rules/,
  );
});

test("a server that others can reach does not start without rules or the setting, and reports the setting at each start", async () => {
  const options = { methods: [], store: "sqlite::memory:", port: 0, host: "0.0.0.0" };
  await assert.rejects(serve(options), /--access FILE.*--no-access-control/);
  const teller = new Teller();
  const told: unknown[] = [];
  teller.watch((_, fields) => told.push(fields), ["access.off"]);
  const served = await serveToldBy(teller, { ...options, accessControl: false });
  const ready = await fetch(`${served.url.replace("0.0.0.0", "127.0.0.1")}/readyz?verbose`);
  const lines = await ready.text();
  await served.stop();
  assert.deepEqual(told, [{ host: "0.0.0.0" }]);
  assert.match(
    lines,
    /\nwarn: access control is off: every client that reaches this server may do everything\nreadyz check passed/,
  );
});
