import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { StructSchema } from "@bufbuild/protobuf/wkt";
import { type ClientUnaryCall, status } from "@grpc/grpc-js";
import { serviceError } from "../../core/error/error.ts";
import { settled } from "../../testing/manual-clock.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { OperationSchema } from "../../wire/gen/google/longrunning/operations_pb.ts";
import { StartOperationRequestSchema } from "../../wire/gen/longrunning/v1/methods_pb.ts";
import { openGrpcTest, refusal, statusOf } from "./grpc-server.suite.ts";
import { packerPath, packerRpc } from "./packer.suite.ts";

const GREET = [StructSchema, StructSchema] as const;
const text = (value: string) => ({ fields: { text: { kind: { case: "stringValue", value } } } }) as const;

describe("longrunning.v1.Methods", () => {
  it("starts operations of methods without protos", async () => {
    await using test = await openGrpcTest();
    const start = (request: object) =>
      test.client.call(
        "/longrunning.v1.Methods/StartOperation",
        [StartOperationRequestSchema, OperationSchema],
        { method: "createArchive", parent: "projects/p", ...request },
      );
    const operation = await start({ request: { directory: "/a" } });
    assert.match(operation.name, /^projects\/p\/operations\//);
    assert.equal((await test.client.get(operation.name)).name, operation.name);
    const refused = await refusal(start({ request: { folder: "/a" } }));
    assert.equal(refused.code, status.INVALID_ARGUMENT);
    assert.equal(statusOf(refused).details.length, 2);
  });
});

describe("users' services", () => {
  it("are served at the paths of their descriptors, with operations and messages as answers", async () => {
    const operation = anOperation();
    const rpcs = [
      packerRpc("Greet", async () => ({ message: create(StructSchema, text("hello")) })),
      packerRpc("Pack", async () => ({ operation })),
    ];
    await using test = await openGrpcTest({ rpcs });
    const greeting = await test.client.call(packerPath("Greet"), GREET, text("hi"));
    assert.deepEqual(greeting.fields["text"]?.kind.value, "hello");
    const started = await test.client.call(packerPath("Pack"), [StructSchema, OperationSchema], {});
    assert.equal(started.name, `operations/${operation.id}`);
  });

  it("throw the errors that they want callers to see, and otherwise INTERNAL with an id of the log", async () => {
    const failures = [serviceError("CONTENTION", "Again."), new Error("secret"), "not even an error"];
    const greet = packerRpc("Greet", () => Promise.reject(failures.shift()));
    await using test = await openGrpcTest({ rpcs: [greet] });
    const fail = () => refusal(test.client.call(packerPath("Greet"), GREET, {}));
    assert.equal((await fail()).code, status.ABORTED);
    for (let round = 0; round < 2; round++) {
      const error = await fail();
      assert.equal(error.code, status.INTERNAL);
      assert.doesNotMatch(error.details, /secret|even/);
      assert.ok(error.details.includes(String(test.logged.at(-1)?.fields?.["requestId"])));
      assert.equal(test.logged.at(-1)?.fields?.["path"], packerPath("Greet"));
    }
  });

  it("are told when the caller hangs up", async () => {
    const aborted = Promise.withResolvers<void>();
    let calls = 0;
    const greet = packerRpc("Greet", (_, { signal }) => {
      calls++;
      signal.addEventListener("abort", () => aborted.resolve());
      return new Promise(() => {});
    });
    await using test = await openGrpcTest({ rpcs: [greet] });
    let hanging: ClientUnaryCall | undefined;
    const gone = refusal(
      test.client.call(packerPath("Greet"), GREET, {}, { onCall: (call) => (hanging = call) }),
    );
    const called = () => calls > 0;
    while (!called()) await settled();
    hanging?.cancel();
    assert.equal((await gone).code, status.CANCELLED);
    await aborted.promise;
  });

  it("refuse invalid messages, and do not know undeclared methods", async () => {
    const greet = packerRpc("Greet", () => Promise.reject(new Error("not called")));
    await using test = await openGrpcTest({ rpcs: [greet] });
    const broken = await refusal(test.client.bytes(packerPath("Greet"), Buffer.of(0x0a, 0xff)));
    assert.equal(broken.code, status.INVALID_ARGUMENT);
    assert.match(broken.details, /google\.protobuf\.Struct/);
    assert.equal(
      (await refusal(test.client.bytes(packerPath("Pack"), Buffer.of()))).code,
      status.UNIMPLEMENTED,
    );
  });
});
