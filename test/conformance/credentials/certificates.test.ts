import assert from "node:assert/strict";
import { request } from "node:https";
import { suite, test } from "node:test";
import { credentials } from "@grpc/grpc-js";
import { CLIENT_CA, PACKER, STRANGER } from "../../../src/access/credentials/certificates.suite.ts";
import { GrpcClient, operationsPath, refusal } from "../../../src/server/grpc/grpc-server.suite.ts";
import { FIRST_PAIR, SECOND_PAIR } from "../../../src/server/listening/certificates.suite.ts";
import { type CredentialsServer, openCredentialsServer } from "./credentials-server.ts";

const PACKER_ID = "serviceAccount:spiffe://example.org/ns/prod/sa/packer";

/** A server where only the packer may list. */
const open = (): Promise<CredentialsServer> =>
  openCredentialsServer(
    { tls: { ...FIRST_PAIR, clientCa: CLIENT_CA } },
    { grants: [{ members: [PACKER_ID], role: "viewer", parent: "*" }] },
  );

/** The status of a list over HTTP/1.1, and its body. */
function list(
  server: CredentialsServer,
  client: { readonly cert?: string; readonly key?: string },
  headers: Record<string, string> = {},
): Promise<readonly [number | undefined, string]> {
  const how = { agent: false, ca: FIRST_PAIR.cert, servername: "localhost", headers, ...client };
  return new Promise((resolve, reject) => {
    const sent = request(`${server.url}/v1/operations`, how, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (more: string) => (text += more));
      response.on("end", () => resolve([response.statusCode, text]));
    });
    sent.on("error", reject).end();
  });
}

suite("client certificates", () => {
  test("identify the caller over HTTP/1.1, and are refused if no trusted authority signed them", async () => {
    await using server = await open();
    assert.deepEqual((await list(server, PACKER))[0], 200);
    const [status, body] = await list(server, STRANGER);
    assert.equal(status, 401);
    assert.match(body, /"CLIENT_CERTIFICATE_INVALID"/);
    const [none, missing] = await list(server, {});
    assert.equal(none, 401);
    assert.match(missing, /"CREDENTIALS_MISSING"/);
  });

  test("take second place to tokens and keys, which identify the caller", async () => {
    await using server = await open();
    const [status, body] = await list(server, PACKER, { "x-goog-api-key": server.key });
    assert.equal(status, 403);
    assert.match(body, /"IAM_PERMISSION_DENIED"/);
    assert.equal((await list(server, STRANGER, { authorization: `Bearer ${await server.token()}` }))[0], 403);
  });

  test("identify the caller over gRPC", async () => {
    await using server = await open();
    const port = Number(new URL(server.url).port);
    const call = async ({ cert, key }: typeof PACKER): Promise<GrpcClient> =>
      new GrpcClient(
        port,
        credentials.createSsl(Buffer.from(FIRST_PAIR.cert), Buffer.from(key), Buffer.from(cert)),
      );
    const good = await call(PACKER);
    for (let turn = 0; turn < 2; turn++)
      assert.equal((await good.bytes(operationsPath("ListOperations"), new Uint8Array())).length, 0);
    good.close();
    const bad = await call(STRANGER);
    const error = await refusal(bad.bytes(operationsPath("ListOperations"), new Uint8Array()));
    bad.close();
    assert.equal(error.code, 16);
    assert.match(error.details, /client certificate is not accepted/);
  });

  test("are still requested after the server's own certificate was renewed", async () => {
    await using server = await open();
    server.renewTls({ ...SECOND_PAIR, clientCa: CLIENT_CA });
    const how = { ca: SECOND_PAIR.cert };
    assert.equal((await list(server, { ...PACKER, ...how }))[0], 200);
    assert.equal((await list(server, { ...STRANGER, ...how }))[0], 401);
  });

  test("passed on by a proxy count if the rules trust the proxy", async () => {
    const { X509Certificate } = await import("node:crypto");
    const header = `:${new X509Certificate(PACKER.cert).raw.toString("base64")}:`;
    const grants = [{ members: [PACKER_ID], role: "viewer", parent: "*" }];
    for (const [certificates, status] of [
      [{ trustedProxies: ["127.0.0.1"] }, 200],
      [{ trustedProxies: ["10.0.0.0/8"] }, 401],
      [{}, 401],
    ] as const) {
      await using server = await openCredentialsServer({}, { certificates, grants });
      const response = await fetch(`${server.url}/v1/operations`, { headers: { "client-cert": header } });
      assert.equal(response.status, status);
    }
  });
});
