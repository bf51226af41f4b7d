import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import * as gax from "google-gax";
import { ArchiveService, leftovers, makeSlowTree } from "./archive-service.ts";
import { tell } from "./report/facts.ts";
import { npmVersion } from "./program.ts";

const CLIENT = { client: "google-gax", version: npmVersion("google-gax"), transport: "REST" };

/**
 * npm's google-gax: the operations client in every Google Cloud library for Node, over REST. It
 * cannot start our methods, so `fetch` does. It decodes every Any, and if it cannot, it keeps
 * polling for ten minutes.
 *
 * @see contract sections 1.6, 6.3, 10
 */
type OperationsClient = ReturnType<ReturnType<typeof gax.fallback.lro>["operationsClient"]>;
const { CancelOperationRequest, DeleteOperationRequest, GetOperationRequest, ListOperationsRequest } =
  gax.operationsProtos.google.longrunning;
type Operation = gax.operationsProtos.google.longrunning.IOperation;

type Json = gax.protobuf.INamespace;

/** A descriptor file of the package. */
const PROTOS = createRequire(import.meta.url)
  .resolve("google-gax")
  .replace(/src\/index\.js$/, "protos/");
const descriptors = (name: string): Json => JSON.parse(readFileSync(`${PROTOS}${name}`, "utf8")) as Json;

/**
 * The service, and every type that may occur in an Any: each Google Cloud library has a root like
 * this.
 */
const ROOT = gax.protobuf.Root.fromJSON(descriptors("operations.json"));
for (const types of [descriptors("status.json"), gax.protobuf.common.get("google/protobuf/struct.proto")])
  addMissing(ROOT, types ?? {});

function addMissing(namespace: gax.protobuf.NamespaceBase, { nested = {} }: Json): void {
  for (const [name, types] of Object.entries(nested)) {
    const known = namespace.get(name);
    if (known === null) namespace.addJSON({ [name]: types });
    else if (known instanceof gax.protobuf.Namespace) addMissing(known, types);
  }
}

const ALONE = "/v1/{name=operations/**}";
const IN_PARENT = "/v1/{name=projects/*/locations/*/operations/*}";
const SERVICE = "google.longrunning.Operations";

/**
 * Bindings as Google's own services have them; otherwise the client uses its bundled ones (contract
 * section 1.7).
 */
const BINDINGS = [
  { selector: `${SERVICE}.GetOperation`, get: IN_PARENT, additional_bindings: [{ get: ALONE }] },
  { selector: `${SERVICE}.DeleteOperation`, delete: IN_PARENT, additional_bindings: [{ delete: ALONE }] },
  {
    selector: `${SERVICE}.CancelOperation`,
    post: `${IN_PARENT}:cancel`,
    body: "*",
    additional_bindings: [{ post: `${ALONE}:cancel`, body: "*" }],
  },
  {
    selector: `${SERVICE}.ListOperations`,
    get: "/v1/{name=projects/*/locations/*}/operations",
    additional_bindings: [{ get: "/v1/{name=operations}" }],
  },
];

/** The parameters of product clients: enums as numbers, and compact JSON. */
const AS_PRODUCTS = { numericEnums: true, minifyJson: true };

function connect(
  url: string,
  httpRules?: typeof BINDINGS,
  how: Partial<typeof AS_PRODUCTS> = {},
): OperationsClient {
  const { PassThroughClient, GoogleAuth } = gax.googleAuthLibrary;
  const auth = new GoogleAuth({ authClient: new PassThroughClient() });
  const transport = { auth, fallback: true, ...how, ...(httpRules === undefined ? {} : { httpRules }) };
  const { hostname, port } = new URL(url);
  const address = { servicePath: hostname, port: Number(port), protocol: "http" };
  return gax.fallback.lro({ ...transport, protoJson: ROOT }).operationsClient({ ...address, ...transport });
}

// Google's file has no binding for WaitOperation, and the client's own bindings only replace
// existing ones.
const WAIT = [IN_PARENT, ALONE].map((name) => ({ post: `${name}:wait`, body: "*" }));
Object.assign(ROOT.lookupService(SERVICE).methods["WaitOperation"] ?? {}, {
  parsedOptions: WAIT.map((binding) => ({ "(google.api.http)": binding })),
});

type Stub = Record<string, (...call: readonly [object, object, object, StubCallback]) => unknown>;
type StubCallback = (error: Error | null, operation: Operation) => void;

/** The client has no method for WaitOperation; its stub has every bound method. */
async function wait(client: OperationsClient, request: object): Promise<Operation> {
  const stub = (await client.operationsStub) as unknown as Stub;
  return new Promise((resolve, reject) => {
    stub["waitOperation"]?.(request, {}, {}, (error, operation) => {
      if (error === null) resolve(operation);
      else reject(error);
    });
  });
}

/** The contents of a Struct of an operation, decoded by the client itself. */
function structOf(any: Operation["response"]): unknown {
  assert.equal(any?.type_url, "type.googleapis.com/google.protobuf.Struct");
  const Struct = ROOT.lookupType("google.protobuf.Struct");
  return gax.serializer.toProto3JSON(Struct.decode(any.value as Uint8Array));
}

interface Started {
  readonly name: string;
}

async function start(url: string, request: object, parent = ""): Promise<Started> {
  const path = parent === "" ? "v1:createArchive" : `v1/${parent}:createArchive`;
  const response = await fetch(`${url}/${path}`, { method: "POST", body: JSON.stringify(request) });
  assert.equal(response.status, 200);
  return (await response.json()) as Started;
}

async function untilDone(client: OperationsClient, name: string): Promise<Operation> {
  for (;;) {
    const [operation] = (await client.getOperation(new GetOperationRequest({ name }))) as [Operation];
    if (operation.done === true) return operation;
  }
}

const PARENTS = ["", "projects/p/locations/l"];

describe("npm google-gax over REST", { timeout: 60_000 }, () => {
  for (const [what, bindings, how] of [
    ["its own bindings", undefined, {}],
    ["the bindings of Google's services", BINDINGS, {}],
    ["$alt=json;enum-encoding=int and $prettyPrint=0", BINDINGS, AS_PRODUCTS],
  ] as const)
    test(`gets, lists and deletes, with ${what}`, async () => {
      await using service = await ArchiveService.start();
      const client = connect(service.url, bindings, how);
      const directory = await makeSlowTree(service.path("small"), 1);
      for (const parent of PARENTS) {
        const { name } = await start(service.url, { directory, output: service.path("x.tar.gz") }, parent);
        const operation = await untilDone(client, name);
        assert.equal(operation.name, name);
        const response = structOf(operation.response) as Record<string, unknown>;
        assert.equal(response["path"], service.path("x.tar.gz"));
        assert.equal(typeof response["sizeBytes"], "number");
        assert.equal((structOf(operation.metadata) as Record<string, unknown>)["state"], "SUCCEEDED");
        // The proto's binding of deletion covers only operations without a parent.
        if (bindings === undefined && parent !== "") continue;
        await client.deleteOperation(new DeleteOperationRequest({ name }));
        await assert.rejects(client.getOperation(new GetOperationRequest({ name })), {
          code: gax.Status.NOT_FOUND,
        });
      }
      tell({ ...CLIENT, calls: ["get", "delete"] });
    });

  test("pages through the collection, by hand and automatically", async () => {
    await using service = await ArchiveService.start();
    const directory = await makeSlowTree(service.path("small"), 1);
    const names: string[] = [];
    for (const parent of [...PARENTS, "", "", ""]) {
      const output = service.path(`${names.length}.tar.gz`);
      names.push((await start(service.url, { directory, output }, parent)).name);
    }
    const inParent = names.filter((name) => name.startsWith("projects/"));
    const alone = names.filter((name) => !inParent.includes(name));
    for (const [bindings, name, expected] of [
      [undefined, "operations", alone],
      [BINDINGS, "operations", alone],
      [BINDINGS, "projects/p/locations/l", inParent],
    ] as const) {
      const client = connect(service.url, bindings);
      const listed: string[] = [];
      for await (const each of client.listOperationsAsync(new ListOperationsRequest({ name, pageSize: 2 }), {
        autoPaginate: false,
      }))
        listed.push((each as Started).name);
      assert.deepEqual(listed.toSorted(), expected.toSorted());
    }
    tell({ ...CLIENT, calls: ["list"] });
  });

  test("cancels a running operation, which ends with code 1 and leaves no file", async () => {
    await using service = await ArchiveService.start();
    const client = connect(service.url, BINDINGS);
    const directory = await makeSlowTree(service.path("large"), 512);
    for (const parent of PARENTS) {
      const output = service.path("large.tar.gz");
      const { name } = await start(service.url, { directory, output }, parent);
      await client.cancelOperation(new CancelOperationRequest({ name }));
      const cancelled = await untilDone(client, name);
      assert.deepEqual([cancelled.error?.code, cancelled.response], [gax.Status.CANCELLED, undefined]);
      await client.cancelOperation(new CancelOperationRequest({ name }));
      assert.deepEqual(leftovers(output), []);
    }
    tell({ ...CLIENT, calls: ["cancel"], cancellation: "`error.code` 1" });
  });

  test("waits at the server, no longer than its timeout", async () => {
    await using service = await ArchiveService.start();
    const client = connect(service.url, BINDINGS);
    const directory = await makeSlowTree(service.path("large"), 512);
    for (const parent of PARENTS) {
      const { name } = await start(service.url, { directory, output: service.path("large.tar.gz") }, parent);
      const running = await wait(client, { name, timeout: { seconds: 0, nanos: 100_000_000 } });
      assert.deepEqual([running.name, running.done], [name, false]);
      const waiting = wait(client, { name, timeout: { seconds: 30 } });
      await client.cancelOperation(new CancelOperationRequest({ name }));
      const { done, error } = await waiting;
      assert.deepEqual([done, error?.code], [true, gax.Status.CANCELLED]);
    }
    tell({ ...CLIENT, calls: ["wait"] });
  });

  test("reports missing operations with code and reason", async () => {
    await using service = await ArchiveService.start();
    for (const client of [connect(service.url), connect(service.url, BINDINGS)]) {
      const name = "operations/unknown";
      for (const call of [
        () => client.getOperation(new GetOperationRequest({ name })),
        () => client.deleteOperation(new DeleteOperationRequest({ name })),
        () => client.cancelOperation(new CancelOperationRequest({ name })),
      ]) {
        await assert.rejects(call, (error) => {
          assert.ok(error instanceof gax.GoogleError);
          assert.equal(error.code, gax.Status.NOT_FOUND);
          assert.equal(error.reason, "OPERATION_NOT_FOUND");
          return /Operation "operations\/unknown" was not found\./.test(error.message);
        });
      }
    }
    tell({ ...CLIENT, calls: [], errors: "call: `GoogleError` with `reason`" });
  });
});
