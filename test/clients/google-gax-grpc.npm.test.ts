import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { credentials, type Metadata } from "@grpc/grpc-js";
import * as gax from "google-gax";
import { ArchiveService, leftovers, makeSlowTree } from "./archive-service.ts";
import { tell } from "./report/facts.ts";
import { npmVersion } from "./program.ts";

const CLIENT = { client: "google-gax", version: npmVersion("google-gax"), transport: "gRPC" };

/**
 * npm's google-gax over gRPC: the operations client in every Google Cloud library for Node. It has
 * no call for WaitOperation, so the test uses its stub. The methods that start operations are
 * loaded from our proto file, as users would.
 *
 * @see contract sections 1.6, 6.3, 7
 */
const { CancelOperationRequest, DeleteOperationRequest, GetOperationRequest, ListOperationsRequest } =
  gax.operationsProtos.google.longrunning;
type Operation = gax.operationsProtos.google.longrunning.IOperation;
type ListPage = gax.operationsProtos.google.longrunning.IListOperationsResponse;

const PROTOS = fileURLToPath(new URL("../../proto", import.meta.url));
const STRUCT = gax.protobuf.Root.fromJSON(
  gax.protobuf.common.get("google/protobuf/struct.proto") ?? {},
).lookupType("google.protobuf.Struct");

/** The contents of a Struct of an operation. */
function structOf(any: Operation["response"]): Record<string, unknown> {
  assert.equal(any?.type_url, "type.googleapis.com/google.protobuf.Struct");
  const struct = STRUCT.decode(any.value as Uint8Array) as Parameters<typeof gax.serializer.toProto3JSON>[0];
  return gax.serializer.toProto3JSON(struct) as Record<string, unknown>;
}

/** A Struct of texts, in the form that the client accepts. */
function textsAsStruct(texts: Readonly<Record<string, string>>): object {
  const fields = Object.entries(texts).map(([name, stringValue]) => [name, { stringValue }] as const);
  return { fields: Object.fromEntries(fields) };
}

type Call = (request: object) => Promise<Operation>;
type Stub = Record<string, (request: object, options: object, callback: GrpcCallback) => void>;
type GrpcCallback = (error: Error | null, operation: Operation) => void;
type StubClass = Parameters<gax.GrpcClient["createStub"]>[0];

/** The clients of one address. */
function connect(url: string) {
  const { hostname, port } = new URL(url);
  const sslCreds = credentials.createInsecure();
  const address = { servicePath: hostname, port: Number(port), sslCreds };
  // Otherwise the client looks for credentials of the machine, in the network as well.
  const { PassThroughClient, GoogleAuth } = gax.googleAuthLibrary;
  const auth = new GoogleAuth({ authClient: new PassThroughClient() });
  const client = gax.lro({ auth }).operationsClient(address);
  const grpc = new gax.GrpcClient({ auth });
  const { longrunning } = grpc.loadProto(PROTOS, "longrunning/v1/methods.proto") as unknown as {
    readonly longrunning: { readonly v1: { readonly Methods: StubClass } };
  };
  const methods = grpc.createStub(longrunning.v1.Methods, address) as Promise<unknown> as Promise<Stub>;
  const caller =
    (stub: Promise<Stub>, method: string, deadlineMs = 30_000): Call =>
    async (request) => {
      const call = (await stub)[method]?.bind(await stub);
      assert.ok(call, method);
      return promisify(call)(request, { deadline: Date.now() + deadlineMs });
    };
  return {
    client,
    start: caller(methods, "startOperation"),
    wait: (request: object, deadlineMs?: number) =>
      caller(client.operationsStub as unknown as Promise<Stub>, "waitOperation", deadlineMs)(request),
    close: async () => {
      client.close();
      (await methods)["close"]?.call(await methods, {}, {}, () => {});
    },
  };
}

describe("npm google-gax over gRPC", { timeout: 60_000, concurrency: true }, () => {
  let service: ArchiveService;
  let connection: ReturnType<typeof connect>;
  let small: string;
  let large: string;
  before(async () => {
    service = await ArchiveService.start();
    connection = connect(service.url);
    small = await makeSlowTree(service.path("small"), 1);
    large = await makeSlowTree(service.path("large"), 512);
  });
  after(async () => {
    await connection.close();
    await service[Symbol.asyncDispose]();
  });

  const start = async (directory: string, output: string, parent = ""): Promise<string> => {
    const request = textsAsStruct({ directory, output: service.path(output) });
    const { name, done } = await connection.start({ method: "createArchive", parent, request });
    assert.equal(done, false);
    assert.ok(name);
    return name;
  };

  it("gets the result of a wait, with its Any untouched, and deletes it", async () => {
    const { client, wait } = connection;
    for (const parent of ["", "projects/p/locations/l"]) {
      const name = await start(small, "small.tar.gz", parent);
      assert.ok(name.startsWith(parent === "" ? "operations/" : `${parent}/operations/`));
      assert.equal((await wait({ name })).done, true);
      const [operation] = await client.getOperation(new GetOperationRequest({ name }));
      assert.deepEqual([operation.name, operation.done, operation.result], [name, true, "response"]);
      assert.equal(structOf(operation.response)["path"], service.path("small.tar.gz"));
      assert.equal(structOf(operation.metadata)["state"], "SUCCEEDED");
      await client.deleteOperation(new DeleteOperationRequest({ name }));
      await assert.rejects(client.getOperation(new GetOperationRequest({ name })), {
        code: gax.Status.NOT_FOUND,
      });
    }
    tell({ ...CLIENT, calls: ["get", "wait", "delete"] });
  });

  it("pages through a collection, by hand and automatically", async () => {
    const { client } = connection;
    const name = "projects/p/locations/pages";
    const names = await Promise.all(
      Array.from({ length: 5 }, (_, index) => start(small, `${index}.tar.gz`, name)),
    );
    const listed: string[] = [];
    const pages = new ListOperationsRequest({ name, pageSize: 2 });
    for await (const each of client.listOperationsAsync(pages, { autoPaginate: false }))
      listed.push(each.name ?? "");
    assert.deepEqual(listed.toSorted(), names.toSorted());
    const asked = new ListOperationsRequest({ name, pageSize: 3 });
    const [page, next, response] = (await client.listOperations(asked, {
      autoPaginate: false,
    })) as unknown as [Operation[], InstanceType<typeof ListOperationsRequest> | null, ListPage];
    assert.deepEqual(
      page.map((each) => each.name),
      listed.slice(0, 3),
    );
    assert.equal(next?.pageToken, response.nextPageToken);
    const [all] = (await client.listOperations(new ListOperationsRequest({ name }))) as unknown as [
      Operation[],
    ];
    assert.equal(all.length, 5);
    tell({ ...CLIENT, calls: ["list"] });
  });

  it("waits no longer than its timeout or the deadline, and cancels", async () => {
    const { client, wait } = connection;
    const name = await start(large, "large.tar.gz");
    const running = await wait({ name, timeout: { seconds: 0, nanos: 100_000_000 } });
    assert.deepEqual([running.done, running.error, running.response], [false, undefined, undefined]);
    // The latest state before the deadline, not DEADLINE_EXCEEDED after it.
    assert.equal((await wait({ name, timeout: { seconds: 60 } }, 1_000)).done, false);
    await client.cancelOperation(new CancelOperationRequest({ name }));
    const cancelled = await wait({ name });
    assert.deepEqual([cancelled.done, cancelled.error?.code], [true, gax.Status.CANCELLED]);
    // Repeated and late cancellations are harmless.
    await client.cancelOperation(new CancelOperationRequest({ name }));
    assert.deepEqual(leftovers(service.path("large.tar.gz")), []);
    tell({ ...CLIENT, calls: ["wait", "cancel"], cancellation: "`error.code` 1" });
  });

  it("decodes the details of refusals", async () => {
    const { client } = connection;
    const name = "operations/unknown";
    for (const call of [
      () => client.getOperation(new GetOperationRequest({ name })),
      () => client.deleteOperation(new DeleteOperationRequest({ name })),
      () => client.cancelOperation(new CancelOperationRequest({ name })),
    ]) {
      await assert.rejects(call, (error: gax.GoogleError) => {
        assert.equal(error.code, gax.Status.NOT_FOUND);
        assert.equal(error.reason, "OPERATION_NOT_FOUND");
        assert.equal(error.domain, "longrunning");
        assert.deepEqual(error.errorInfoMetadata, { operation: name });
        assert.equal(error.statusDetails?.length, 1);
        return /Operation "operations\/unknown" was not found\./.test(error.message);
      });
    }
    const list = new ListOperationsRequest({ name: "operations", filter: "(" });
    await assert.rejects(client.listOperations(list), { code: 3, reason: "FILTER_INVALID" });
    tell({ ...CLIENT, calls: [], errors: "call: `GoogleError` with `reason`" });
  });

  it("learns which fields of a request are invalid", async () => {
    const request = textsAsStruct({ directory: "" });
    await assert.rejects(connection.start({ method: "createArchive", request }), (error: Refusal) => {
      assert.equal(error.code, gax.Status.INVALID_ARGUMENT);
      const { statusDetails } = gax.GoogleError.parseGRPCStatusDetails(error);
      const violations = (statusDetails as unknown as BadRequest[]).flatMap(
        ({ fieldViolations = [] }) => fieldViolations,
      );
      assert.deepEqual(
        violations.map(({ field }) => field),
        ["directory"],
      );
      return true;
    });
  });
});

type Refusal = gax.GoogleError & { readonly metadata: Metadata };
interface BadRequest {
  readonly fieldViolations?: readonly { readonly field: string }[];
}
