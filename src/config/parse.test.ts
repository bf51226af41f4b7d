import assert from "node:assert/strict";
import { test } from "node:test";
import { parseOptions, parseSettings, SettingsError } from "./parse.ts";
import { LIMITS } from "../core/limits.ts";
import { SERVE_KEYS } from "./setting-keys.ts";

const violationsOf = (run: () => unknown): readonly string[] => {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof SettingsError);
    assert.equal(error.message, error.violations.join("\n"));
    return error.violations;
  }
  return assert.fail("expected a SettingsError");
};

test("parseSettings() returns the defaults, durations in milliseconds, frozen", () => {
  const settings = parseSettings(SERVE_KEYS, { flags: {}, environment: {} });
  assert.deepEqual(
    { ...settings },
    {
      methods: undefined,
      host: "127.0.0.1",
      port: 8080,
      probePort: undefined,
      tlsCert: undefined,
      tlsKey: undefined,
      tlsClientCa: undefined,
      role: "all",
      listen: true,
      connections: 8,
      store: "sqlite:data/operations.db",
      concurrency: 64,
      leaseMs: 30_000,
      drainMs: 10_000,
      drainDelayMs: 0,
      name: "longrunning",
      title: undefined,
      publicUrl: undefined,
      queryCredentials: false,
      allowedHosts: undefined,
      cors: undefined,
      jsonp: false,
      metrics: undefined,
      access: undefined,
      accessControl: true,
      statistics: true,
      webhooks: false,
      webhookEndpoints: undefined,
      webhookAllow: undefined,
      webhookProxy: undefined,
      admin: undefined,
      adminToken: undefined,
      otlp: false,
      attemptSpans: "link",
      audit: undefined,
      auditReads: false,
      auditFailure: "continue",
      kek: undefined,
      encrypt: true,
      logFormat: "text",
      logProject: undefined,
      accessLog: false,
      logLevel: "info",
      config: undefined,
    },
  );
  assert.ok(Object.isFrozen(settings));
});

test("parseSettings() prefers flags to environment to file to defaults", () => {
  const settings = parseSettings(["port", "host", "lease", "drain"], {
    flags: { port: "1" },
    environment: { LONGRUNNING_PORT: "2", LONGRUNNING_HOST: "::1", LONGRUNNING_DRAIN: "" },
    file: { path: "longrunning.json", text: '{"port": 3, "host": "::2", "lease": "1m", "drain": "3s"}' },
  });
  assert.deepEqual({ ...settings }, { port: 1, host: "::1", leaseMs: 60_000, drainMs: 3_000 });
});

test("parseSettings() reports every violation at once, with its source", () => {
  const violations = violationsOf(() =>
    parseSettings(SERVE_KEYS, {
      flags: { lease: "30", port: "70000" },
      environment: { LONGRUNNING_LOG_FORMAT: "xml", LONGRUNNING_PROT: "1", HOME: "/root" },
      file: { path: "longrunning.json", text: '{"leese": 1, "store": "mysql://u:secret@h/d"}' },
    }),
  );
  assert.deepEqual(violations, [
    'LONGRUNNING_PROT: there is no such setting (did you mean "LONGRUNNING_PORT"?); unset the variable',
    'longrunning.json: leese: there is no such setting (did you mean "lease"?)',
    "--port: expected a whole number from 0 to 65535, got 70000",
    'store: expected an address such as "sqlite:data/operations.db", got "mysql://u:***@h/d" (from longrunning.json)',
    '--lease: expected a duration such as "30s", got "30"',
    'logFormat: expected "text", "json" or "gcp", got "xml" (from LONGRUNNING_LOG_FORMAT)',
  ]);
});

const readFile = (text: string) =>
  violationsOf(() => parseSettings(["port"], { flags: {}, environment: {}, file: { path: "f", text } }));

test("parseSettings() refuses a file that is not a JSON object", () => {
  assert.match(String(readFile("{")), /^f: expected JSON: /);
  assert.match(String(readFile("[]")), /^f: expected a JSON object of settings/);
});

test("parseSettings() accepts the settings of other commands in the environment", () => {
  assert.deepEqual(
    { ...parseSettings(["port"], { flags: {}, environment: { LONGRUNNING_SERVER: "http://x:1" } }) },
    { port: 8080 },
  );
});

test("parseOptions() reads a command's own flags", () => {
  const violations: string[] = [];
  const options = parseOptions(
    {
      wait: { type: "boolean", default: false, help: "" },
      timeout: { type: "duration", min: "0s", max: "1h", help: "" },
      limit: { type: "integer", min: 1, max: 9, help: "" },
    },
    { wait: true, timeout: "2m", limit: "10" },
    violations,
  );
  assert.equal(options.wait, true);
  assert.equal(options.timeoutMs, 120_000);
  assert.deepEqual(violations, ["--limit: expected a whole number from 1 to 9, got 10"]);
});

const readToken = (adminToken: string): string =>
  parseSettings(["adminToken"], { flags: { adminToken }, environment: {} }).adminToken ?? "";

test("parseSettings() accepts access tokens as operators' token, up to the longest allowed", () => {
  const jwt = `eyJhbGciOiJSUzI1NiJ9.${"a".repeat(2_000)}.${"b".repeat(342)}`;
  for (const token of [jwt, "x".repeat(LIMITS.tokenLengthMax), "x".repeat(16)])
    assert.equal(readToken(token), token);
  for (const wrong of ["x".repeat(LIMITS.tokenLengthMax + 1), "short", "has a space in its middle"])
    assert.throws(() => readToken(wrong), /16 to 16384 characters of ASCII without spaces/);
});
