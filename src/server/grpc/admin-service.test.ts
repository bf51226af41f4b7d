import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { Metadata, status } from "@grpc/grpc-js";
import { OperationSchema } from "../../wire/gen/google/longrunning/operations_pb.ts";
import { Admin } from "../../wire/gen/longrunning/v1/admin_pb.ts";
import { openOperatorsServer } from "../admin/operators-server.suite.ts";
import { GrpcClient, refusal, statusOf } from "./grpc-server.suite.ts";

const {
  getSession,
  listOperationRows,
  getOperationRecord,
  startOperation,
  cancelOperation,
  deleteOperation,
} = Admin.method;
const path = (name: string): string => `/longrunning.v1.Admin/${name}`;

async function withClient(url: string, use: (client: GrpcClient) => Promise<void>): Promise<void> {
  const client = new GrpcClient(Number(new URL(url).port));
  try {
    await use(client);
  } finally {
    client.close();
  }
}

describe("longrunning.v1.Admin over gRPC", () => {
  it("gives the same answers as REST, with the same effects", async () => {
    await using server = await openOperatorsServer();
    await withClient(server.url, async (client) => {
      const session = await client.call(path("GetSession"), [getSession.input, getSession.output], {});
      assert.deepEqual(session.access, ["full"]);
      const start = { method: "work", requestJson: '{"text":"a"}', delay: { seconds: 60n } };
      const { name } = await client.call(
        path("StartOperation"),
        [startOperation.input, OperationSchema],
        start,
      );
      const record = [getOperationRecord.input, getOperationRecord.output] as const;
      const { requestJson, row } = await client.call(path("GetOperationRecord"), record, { name });
      assert.deepEqual([requestJson, row?.state], ['{"text":"a"}', "PENDING"]);
      const rows = [listOperationRows.input, listOperationRows.output] as const;
      const page = await client.call(path("ListOperationRows"), rows, { method: "work" });
      assert.deepEqual(
        page.operations.map((each) => each.name),
        [name],
      );
      await client.call(path("CancelOperation"), [cancelOperation.input, EmptySchema], { name });
      const after = await client.call(path("GetOperationRecord"), record, { name });
      assert.equal(after.row?.state, "CANCELLED");
      await client.call(path("DeleteOperation"), [deleteOperation.input, EmptySchema], { name });
      const gone = await refusal(client.call(path("GetOperationRecord"), record, { name }));
      assert.equal(gone.code, status.NOT_FOUND);
    });
  });

  it("admits the callers that the settings admit, and does not exist if they admit nobody", async () => {
    const session = [getSession.input, getSession.output] as const;
    await using off = await openOperatorsServer({ admin: "off" });
    await withClient(off.url, async (client) => {
      const refused = await refusal(client.call(path("GetSession"), session, {}));
      assert.equal(refused.code, status.UNIMPLEMENTED);
    });
    await using secret = await openOperatorsServer({ admin: "read", adminToken: "0123456789abcdef" });
    await withClient(secret.url, async (client) => {
      const refused = await refusal(client.call(path("GetSession"), session, {}));
      assert.equal(refused.code, status.UNAUTHENTICATED);
      assert.equal(statusOf(refused).code, status.UNAUTHENTICATED);
      const metadata = new Metadata();
      metadata.set("authorization", "Bearer 0123456789abcdef");
      const { access } = await client.call(path("GetSession"), session, {}, { metadata });
      assert.deepEqual(access, ["read"]);
      const start = client.call(
        path("StartOperation"),
        [startOperation.input, OperationSchema],
        {},
        { metadata },
      );
      assert.equal((await refusal(start)).code, status.PERMISSION_DENIED);
    });
  });
});
