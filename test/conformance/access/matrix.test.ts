import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, suite, test } from "node:test";
import { fromJson, type JsonObject, toBinary } from "@bufbuild/protobuf";
import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { type Permission, PERMISSIONS } from "../../../src/core/permission.ts";
import { ADMIN_RPCS } from "../../../src/server/admin/calls.ts";
import {
  ADMIN_SERVICE,
  METHODS_SERVICE,
  OPERATIONS_SERVICE,
  pathOf,
  WATCHES_SERVICE,
  WORKERS_SERVICE,
} from "../../../src/server/grpc/service-shapes.ts";
import * as operationsProto from "../../../src/wire/gen/google/longrunning/operations_pb.ts";
import { Methods } from "../../../src/wire/gen/longrunning/v1/methods_pb.ts";
import { Workers } from "../../../src/wire/gen/longrunning/v1/workers_pb.ts";
import { Watches } from "../../../src/wire/gen/longrunning/v1/watches_pb.ts";
import { errorInfoOf } from "./error-info.ts";
import { type Everyone, openEveryone, type Somebody } from "./everyone.ts";
import {
  ADMIN,
  ADMIN_BODIES,
  adminPermission,
  attemptOf,
  CLAIM,
  REASONS,
  REST,
  rest,
  type Row,
  START,
  type Verdict,
  verdictIn,
  WEBHOOKS,
} from "./rest-calls.ts";

/** The request of each gRPC method that concerns an operation, a method or a parent. */
function grpcBody(method: string, fields: ReadonlySet<string>, name: string): JsonObject {
  if (method === "ListOperations") return { name: "projects/a" };
  if (method === "StartOperations")
    return { requests: [{ method: "work", parent: "projects/a", request: START }] };
  if (fields.has("request")) return { method: "work", parent: "projects/a", request: START };
  const body = ADMIN_BODIES[method] ?? workerBody(method, name);
  if (body !== undefined) return body;
  if (method === "WaitOperation") return { name, timeout: "0s" };
  if (method === "WatchOperations") return { parent: "projects/a" };
  return { ...(fields.has("name") ? { name } : {}), ...(fields.has("method") ? { method: "work" } : {}) };
}

/** A worker's report about an operation. */
function workerBody(method: string, name: string): JsonObject | undefined {
  if (method === "ClaimOperations") return { ...CLAIM, parent: "projects/a" };
  if (method === "RenewAttempts") return { renewals: [attemptOf(name)] };
  if (method === "CompleteAttempts") return { completions: [attemptOf(name)] };
  if (method === "FailAttempts") return { failures: [{ ...attemptOf(name), error: { code: 13 } }] };
  return method === "ReleaseAttempts" ? { attempts: [attemptOf(name).attempt] } : undefined;
}

const GRPC_PERMISSIONS: Readonly<Record<string, Permission>> = {
  GetOperation: PERMISSIONS.get,
  ListOperations: PERMISSIONS.list,
  DeleteOperation: PERMISSIONS.delete,
  CancelOperation: PERMISSIONS.cancel,
  WaitOperation: PERMISSIONS.wait,
  WatchOperation: PERMISSIONS.watch,
  WatchOperations: PERMISSIONS.watch,
  StartOperation: PERMISSIONS.start,
  StartOperations: PERMISSIONS.start,
  ClaimOperations: PERMISSIONS.claim,
  RenewAttempts: PERMISSIONS.claim,
  CompleteAttempts: PERMISSIONS.claim,
  FailAttempts: PERMISSIONS.claim,
  ReleaseAttempts: PERMISSIONS.claim,
};

const DESCRIBED = [
  ...Object.values(operationsProto.Operations.method),
  ...Object.values(Methods.method),
  ...Object.values(Watches.method),
  ...Object.values(Workers.method),
  ...ADMIN_RPCS,
];

/** Every method of the served gRPC services. */
const GRPC: readonly Row[] = [
  OPERATIONS_SERVICE,
  METHODS_SERVICE,
  WATCHES_SERVICE,
  WORKERS_SERVICE,
  ADMIN_SERVICE,
].flatMap(({ typeName, methods }) =>
  methods.map((method): Row => {
    const desc =
      DESCRIBED.find((each) => each.parent.typeName === typeName && each.name === method) ??
      assert.fail(method);
    const path = pathOf(typeName, method);
    const permission =
      typeName === ADMIN_SERVICE.typeName ? adminPermission(method) : GRPC_PERMISSIONS[method];
    assert.ok(permission !== undefined, `${method} needs a permission`);
    return {
      call: path,
      permission,
      send: async ({ server }, who, name) => {
        const fields = new Set(desc.input.fields.map((field) => field.localName));
        const body = fromJson(desc.input, grpcBody(method, fields, name));
        return grpcVerdict(server.url, { path, bytes: toBinary(desc.input, body) }, who);
      },
      // A field that is longer than its message.
      broken: [({ server }, who) => grpcVerdict(server.url, { path, bytes: Uint8Array.of(0x0a, 9) }, who)],
    };
  }),
);

/** The same over reflection, whose requests pass before the caller is known. */
const REFLECTION: Row = {
  call: "ServerReflectionInfo",
  permission: PERMISSIONS.discover,
  send: ({ server }, who) => {
    const path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    // list_services: "*"
    return grpcVerdict(server.url, { path, bytes: Uint8Array.of(0x3a, 1, 0x2a) }, who);
  },
  broken: [],
};

const asBuffer = (message: Uint8Array): Buffer => Buffer.from(message);

/** One client for all calls to a server, because a connection takes longer than a call. */
const clients = new Map<string, Client>();
after(() => {
  for (const client of clients.values()) client.close();
});

function clientOf(url: string): Client {
  const client = clients.get(url) ?? new Client(new URL(url).host, credentials.createInsecure());
  clients.set(url, client);
  return client;
}

function grpcVerdict(
  url: string,
  { path, bytes }: { readonly path: string; readonly bytes: Uint8Array },
  { headers }: Somebody,
): Promise<Verdict> {
  const client = clientOf(url);
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return new Promise<Verdict>((resolve) => {
    const call = client.makeBidiStreamRequest(path, asBuffer, (answer: Buffer) => answer, metadata);
    call.on("data", (answer: Buffer) => {
      // In a batch of starts, each has an error of its own.
      resolve(errorInfoOf(answer, REASONS));
      call.cancel();
    });
    call.on("error", (error: ServiceError) => {
      assert.notEqual(error.code, status.INTERNAL, `${path}: ${error.message}`);
      const [details] = error.metadata.get("grpc-status-details-bin");
      resolve(details === undefined ? { reason: undefined } : errorInfoOf(Buffer.from(details), REASONS));
    });
    call.on("end", () => resolve({ reason: undefined }));
    call.write(bytes);
    call.end();
  });
}

const ROWS: readonly Row[] = [
  ...Object.entries(REST).map(([call, row]) => ({ call, ...row })),
  ...ADMIN,
  ...WEBHOOKS,
  ...GRPC,
  REFLECTION,
];

/** Addresses that are no call, and calls without an address. */
const ELSEWHERE: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ["GET", "/nothing"],
  ["GET", "/v1/nothing/is/here"],
  ["PUT", "/v1/operations"],
  ["OPTIONS", "/v1/operations"],
  ["GET", "/v1/%ff/operations"],
  ["GET", "/v1/operations?%24.xgafv=9"],
  ["POST", "/batch", "--b\r\nno call\r\n"],
  ["POST", "/batch", "--b\r\ncontent-type: application/http\r\n\r\nGET /nothing\r\n\r\n--b--\r\n"],
  ["POST", "/batch", "--b\r\ncontent-type: application/http\r\n\r\nno request\r\n\r\n--b--\r\n"],
];

/** Callers without known credentials. */
function unknown({ somebody }: Everyone): readonly (readonly [who: string, somebody: Somebody])[] {
  return Object.entries(somebody).filter(([, { isKnown }]) => !isKnown);
}

suite("every caller × every call", () => {
  test("each call is allowed or refused as the rules say, and nothing is read before a refusal", async () => {
    await using everyone = await openEveryone();
    let refused = 0;
    for (const { call, permission, send } of ROWS) {
      const name = await everyone.operation();
      for (const [who, somebody] of Object.entries(everyone.somebody)) {
        const about = `${call} by ${who}`;
        const target = somebody.holds.has(permission) ? await everyone.operation() : name;
        const before = everyone.asked();
        const verdict = await send(everyone, somebody, target);
        if (somebody.holds.has(permission)) {
          assert.equal(verdict.reason, undefined, about);
          continue;
        }
        refused++;
        assert.equal(verdict.reason, somebody.reason, about);
        assert.equal(everyone.asked(), before, `${about} asks the store for nothing`);
        if (somebody.isKnown) assert.equal(verdict.permission, permission, about);
      }
    }
    assert.ok(refused > 200, `${refused} were refused`);
  });

  test("an unknown caller learns neither the errors of its call nor which resources exist", async () => {
    await using everyone = await openEveryone();
    const name = await everyone.operation();
    for (const [who, somebody] of unknown(everyone)) {
      for (const { call, broken } of ROWS)
        for (const [index, send] of broken.entries()) {
          const { reason } = await send(everyone, somebody, name);
          assert.equal(reason, somebody.reason, `${call} by ${who}, broken in way ${index}`);
        }
      for (const asked of ELSEWHERE) {
        const { text } = await rest(everyone, somebody, asked);
        assert.equal(verdictIn(text).reason, somebody.reason, `${asked[0]} ${asked[1]} by ${who}: ${text}`);
      }
    }
    // The same for known callers: the routes exist, and the requests are wrong.
    const { admin } = everyone.somebody;
    assert.ok(admin !== undefined);
    for (const asked of ELSEWHERE)
      assert.equal(verdictIn((await rest(everyone, admin, asked)).text).reason, undefined);
  });

  test("a caller without any permission is refused before the body is awaited", async () => {
    await using everyone = await openEveryone();
    const { port } = new URL(everyone.server.url);
    for (const path of [
      "/v1/projects/a:work",
      "/v1:startOperations",
      "/v1/nothing/is/here",
      "/admin/v1/bulks",
    ]) {
      const socket = connect(Number(port), "127.0.0.1");
      socket.write(
        `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n`,
      );
      const [answer] = (await once(socket, "data")) as [Buffer];
      assert.match(answer.toString(), /^HTTP\/1.1 401 /, path);
      socket.destroy();
    }
  });

  test("a known caller gets its permissions, and an unknown one gets none", async () => {
    await using everyone = await openEveryone();
    const permissions = Object.values(PERMISSIONS);
    const name = await everyone.operation();
    for (const [who, { holds, reason, headers, isKnown }] of Object.entries(everyone.somebody)) {
      const before = everyone.asked();
      for (const resource of [name, "projects/a"]) {
        const path = `/v1/${resource}:testIamPermissions`;
        const somebody = { headers, holds, reason, isKnown };
        const { text } = await rest(everyone, somebody, ["POST", path, { permissions }]);
        const answer = JSON.parse(text) as { permissions?: string[]; error?: object };
        if (answer.error !== undefined) {
          assert.equal(verdictIn(text).reason, reason, who);
          continue;
        }
        assert.deepEqual(new Set(answer.permissions ?? []), holds, `${who} on ${resource}`);
      }
      assert.equal(everyone.asked(), before);
    }
  });
});
