import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, it } from "node:test";
import { status } from "@grpc/grpc-js";
import { bufCommand } from "../support/descriptors.ts";
import { type ProtoService, startRedis } from "./proto-service.ts";
import { tell } from "./report/facts.ts";
import { npmVersion } from "./program.ts";

const CLIENT = { client: "buf curl", version: npmVersion("@bufbuild/buf"), transport: "gRPC" };

/**
 * `buf curl`, which knows a server only through reflection: like grpcurl, but from npm. It stands
 * for all tools that use a port without protos.
 *
 * @see contract section 7
 */
const REDIS = "google.cloud.redis.v1.CloudRedis";
const HEALTH = "grpc.health.v1.Health";
const METHODS = "longrunning.v1.Methods";
const WATCHES = "longrunning.v1.Watches";
const WORKERS = "longrunning.v1.Workers";
/** An operators' call, which a server on a loopback address allows. */
const ADMIN = "longrunning.v1.Admin";
const OPERATIONS = "google.longrunning.Operations";
const PARENT = "projects/p/locations/l";

interface Ended {
  /** For a refused call, buf exits with the number of its status, times eight. */
  readonly exitCode: unknown;
  readonly output: string;
  readonly errors: string;
}
interface Operation {
  readonly name: string;
  readonly done?: boolean;
  readonly metadata?: { readonly "@type": string; readonly verb: string };
  readonly response?: { readonly "@type": string; readonly name: string; readonly state: string };
}

describe("buf curl", { timeout: 60_000, concurrency: true }, () => {
  let server: ProtoService;
  before(async () => {
    server = await startRedis();
  });
  after(() => server[Symbol.asyncDispose]());

  const run = (path: string, ...flags: readonly string[]): Promise<Ended> => {
    const words = ["curl", "--protocol", "grpc", "--http2-prior-knowledge", ...flags, `${server.url}${path}`];
    return new Promise((resolve) => {
      execFile(bufCommand(), words, { timeout: 30_000, cwd: server.folder }, (error, output, errors) =>
        resolve({ exitCode: error === null ? 0 : error.code, output, errors }),
      );
    });
  };
  const ask = (method: string, request: object): Promise<Ended> =>
    run(`/${method}`, "--data", JSON.stringify(request));
  const call = async <Answer>(method: string, request: object): Promise<Answer> => {
    const { exitCode, output, errors } = await ask(method, request);
    assert.equal(exitCode, 0, errors);
    return JSON.parse(output) as Answer;
  };

  it("lists services and their methods, with both versions of reflection", async () => {
    const services = await run("", "--list-services");
    const listed = services.output.trim().split("\n");
    assert.deepEqual(listed, [REDIS, OPERATIONS, HEALTH, ADMIN, METHODS, WATCHES, WORKERS], services.errors);
    const methods = await run("", "--list-methods", "--reflect-protocol", "grpc-v1alpha");
    for (const method of [`${REDIS}/CreateInstance`, `${OPERATIONS}/WaitOperation`, `${HEALTH}/Check`])
      assert.ok(methods.output.split("\n").includes(method), methods.output);
  });

  it("asks for the health of a service, of all services, and of a missing one", async () => {
    assert.deepEqual(await call(`${HEALTH}/Check`, { service: REDIS }), { status: "SERVING" });
    const { statuses } = await call<{ statuses: object }>(`${HEALTH}/List`, {});
    assert.deepEqual(Object.keys(statuses), ["", REDIS, OPERATIONS, ADMIN, METHODS, WATCHES, WORKERS]);
    const { exitCode, errors } = await ask(`${HEALTH}/Check`, { service: "a.B" });
    assert.equal(exitCode, status.NOT_FOUND * 8, errors);
  });

  it("creates, waits, gets and lists, with every Any as its own type", async () => {
    const request = { parent: PARENT, instanceId: "a", instance: { tier: "BASIC", memorySizeGb: 1 } };
    const { name, metadata } = await call<Operation>(`${REDIS}/CreateInstance`, request);
    assert.equal(metadata?.["@type"], "type.googleapis.com/google.cloud.redis.v1.OperationMetadata");
    assert.equal(metadata.verb, "create");
    const finished = await call<Operation>(`${OPERATIONS}/WaitOperation`, { name, timeout: "30s" });
    assert.equal(finished.done, true);
    assert.equal(finished.response?.["@type"], "type.googleapis.com/google.cloud.redis.v1.Instance");
    assert.deepEqual([finished.response.name, finished.response.state], [`${PARENT}/instances/a`, "READY"]);
    assert.deepEqual(await call(`${OPERATIONS}/GetOperation`, { name }), finished);
    assert.deepEqual(await call(`${OPERATIONS}/ListOperations`, { name: PARENT }), {
      operations: [finished],
    });
    const { "@type": _, ...instance } = finished.response;
    assert.deepEqual(await call(`${REDIS}/ListInstances`, { parent: PARENT }), { instances: [instance] });
    tell({ ...CLIENT, calls: ["start", "wait", "get", "list"] });
  });

  it("gets the status and details of refusals", async () => {
    const unknown = await ask(`${OPERATIONS}/GetOperation`, { name: "operations/unknown" });
    assert.equal(unknown.exitCode, status.NOT_FOUND * 8, unknown.errors);
    const { message, details } = JSON.parse(unknown.errors) as {
      message: string;
      details: { type: string; value: string }[];
    };
    assert.equal(message, 'Operation "operations/unknown" was not found.');
    assert.equal(details[0]?.type, "google.rpc.ErrorInfo");
    assert.match(Buffer.from(details[0].value, "base64").toString(), /OPERATION_NOT_FOUND/);
    const incomplete = await ask("longrunning.v1.Methods/StartOperation", { method: "createInstance" });
    assert.equal(incomplete.exitCode, status.INVALID_ARGUMENT * 8, incomplete.errors);
    // Declared in the protos, but not in the module.
    const missing = await ask(`${REDIS}/UpdateInstance`, {});
    assert.equal(missing.exitCode, status.UNIMPLEMENTED * 8, missing.errors);
    tell({ ...CLIENT, calls: [], errors: "call: the number of the status, times eight; details as JSON" });
  });
});
