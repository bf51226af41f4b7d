import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { create, toBinary } from "@bufbuild/protobuf";
import { FIRST_PAIR } from "../../server/listening/certificates.suite.ts";
import { NODE_COMPILE_CACHE } from "../../../test/support/compile-cache.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { OperationSchema } from "../../wire/gen/google/longrunning/operations_pb.ts";
import { scripted } from "./server.suite.ts";
import { createClient } from "../index.ts";

const run = promisify(execFile);
const OPERATION = toBinary(OperationSchema, create(OperationSchema, { name: "operations/x" }));

test("createClient() uses gRPC for a grpc: address, and again after close()", async () => {
  using server = await scripted(() => OPERATION);
  const { client } = server;
  client.close();
  assert.equal((await client.get("operations/x")).name, "operations/x");
  const underWay = client.get("operations/x");
  client.close();
  client.close();
  assert.equal((await underWay).name, "operations/x");
  assert.equal((await client.get("operations/x")).name, "operations/x");
});

test("createClient() refuses an invalid grpc: address", () => {
  assert.throws(() => createClient("grpc://host:1/path"), {
    name: "TypeError",
    message: /^Server: expected/,
  });
});

/**
 * Prints which gRPC packages are loaded, before and after a call, and leaves the connection open.
 */
const PROGRAM = `
const { createClient } = await import(process.argv[1]);
const { createRequire } = await import("node:module");
const { cache } = createRequire(process.argv[1]);
const loaded = () => Object.keys(cache).some((path) => path.includes("grpc-js"));
const client = createClient(process.argv[2]);
const before = loaded();
const { name } = await client.get("operations/x");
console.log(JSON.stringify({ before, after: loaded(), name }));
`;

test("gRPC is loaded by the first call, and an idle connection keeps no process alive", async () => {
  using server = await scripted(() => OPERATION);
  const words = ["--input-type=module", "--eval", PROGRAM, import.meta.resolve("../index.ts"), server.url];
  const { stdout } = await run(process.execPath, words, { timeout: 30_000 });
  assert.deepEqual(JSON.parse(stdout), { before: false, after: true, name: "operations/x" });
});

/** Prints the result of a call. */
const CALL = `
const { createClient } = await import(process.argv[1]);
const client = createClient(process.argv[2], { retry: { attempts: 1 } });
console.log(await client.get("operations/x").catch((error) => error.reason + " " + error.message));
`;

test("a grpcs: address uses TLS, and the certificate is checked", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "longrunning-tls-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const trusted = join(folder, "cert.pem");
  writeFileSync(trusted, FIRST_PAIR.cert);
  await using server = await startTestServer([], { tls: FIRST_PAIR });
  const address = server.url.replace("https://127.0.0.1", "grpcs://localhost");
  const words = ["--input-type=module", "--eval", CALL, import.meta.resolve("../index.ts"), address];
  // Without other variables except that of Node's compile cache, because grpc-js has its own for
  // certificates, which takes precedence over Node's.
  const call = (environment: NodeJS.ProcessEnv) =>
    run(process.execPath, words, { timeout: 30_000, env: { NODE_COMPILE_CACHE, ...environment } });
  assert.match((await call({ NODE_EXTRA_CA_CERTS: trusted })).stdout, /^OPERATION_NOT_FOUND /);
  assert.match((await call({})).stdout, /^SERVER_UNREACHABLE .*self-signed certificate/);
});
