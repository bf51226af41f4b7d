import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { Metadata } from "@grpc/grpc-js";
import { newApiKey } from "../../../src/access/credentials/api-key.ts";
import { systemRandom } from "../../../src/core/ports/random.ts";
import { GrpcClient, operationsPath, refusal, statusOf } from "../../../src/server/grpc/grpc-server.suite.ts";
import { ErrorInfoSchema } from "../../../src/wire/gen/google/rpc/error_details_pb.ts";
import { type CredentialsServer, openCredentialsServer } from "./credentials-server.ts";

const SERVICE = "lro.example.com";
const METHOD = "google.longrunning.Operations.ListOperations";
const BEARER = `Bearer realm="${SERVICE}"`;
const INVALID_TOKEN = `${BEARER}, error="invalid_token"`;

/** Refused credentials, and the error that their sender gets. */
interface Refused {
  readonly headers: (server: CredentialsServer) => Promise<Record<string, string>> | Record<string, string>;
  readonly status: number;
  readonly code: string;
  readonly grpc: number;
  readonly reason: string;
  readonly challenge: string | null;
  /** The reason in the first format. */
  readonly v1: string;
}

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
const unauthenticated = {
  status: 401,
  code: "UNAUTHENTICATED",
  grpc: 16,
  challenge: INVALID_TOKEN,
  v1: "authError",
} as const;
const keyInvalid = {
  status: 400,
  code: "INVALID_ARGUMENT",
  grpc: 3,
  reason: "API_KEY_INVALID",
  challenge: null,
  v1: "badRequest",
} as const;

const REFUSED: Readonly<Record<string, Refused>> = {
  nothing: {
    ...unauthenticated,
    headers: () => ({}),
    reason: "CREDENTIALS_MISSING",
    challenge: BEARER,
    v1: "required",
  },
  "an expired token": {
    ...unauthenticated,
    headers: async (server) => bearer(await server.token({ exp: 1 })),
    reason: "ACCESS_TOKEN_EXPIRED",
  },
  "a token for another service": {
    ...unauthenticated,
    headers: async (server) => bearer(await server.token({ aud: "other.example.com" })),
    reason: "JWT_TOKEN_INVALID",
  },
  "an opaque token": {
    ...unauthenticated,
    headers: () => bearer("ya29.a0AfH6SMC"),
    reason: "ACCESS_TOKEN_TYPE_UNSUPPORTED",
  },
  "a password": {
    ...unauthenticated,
    headers: () => ({ authorization: "Basic dTpw" }),
    reason: "CREDENTIAL_TYPE_UNSUPPORTED",
  },
  "an unknown key": {
    ...keyInvalid,
    headers: () => ({ "x-goog-api-key": newApiKey("test", systemRandom) }),
  },
  "a mistyped key": {
    ...keyInvalid,
    headers: ({ key }) => ({ "x-goog-api-key": key.toLowerCase() }),
  },
  "an expired key": { ...keyInvalid, headers: ({ expiredKey }) => ({ "x-goog-api-key": expiredKey }) },
  "a token with an unknown key": {
    ...keyInvalid,
    headers: async (server) => ({ ...bearer(await server.token()), "x-goog-api-key": "AIza" }),
  },
};

interface ErrorBody {
  readonly error: {
    readonly code: number;
    readonly status: string;
    readonly errors?: readonly { readonly reason: string }[];
    readonly details: readonly {
      readonly reason: string;
      readonly domain: string;
      readonly metadata: Readonly<Record<string, string>>;
    }[];
  };
}

suite("refused credentials", async () => {
  for (const [what, refused] of Object.entries(REFUSED)) {
    test(`${what}: REST says so in both formats, and in a batch`, async () => {
      await using server = await openCredentialsServer();
      const headers = await refused.headers(server);
      const info = {
        reason: refused.reason,
        domain: SERVICE,
        metadata: { service: SERVICE, method: METHOD },
      };
      for (const format of ["1", "2"]) {
        const response = await fetch(`${server.url}/v1/operations?$.xgafv=${format}`, { headers });
        const { error } = (await response.json()) as ErrorBody;
        assert.equal(response.status, refused.status);
        assert.equal(response.headers.get("www-authenticate"), refused.challenge);
        assert.deepEqual([error.code, error.status], [refused.status, refused.code]);
        assert.partialDeepStrictEqual(error.details[0], info);
        assert.equal(error.errors?.[0]?.reason, format === "1" ? refused.v1 : undefined);
      }
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      const body = `--b\r\ncontent-type: application/http\r\n\r\nGET /v1/operations\r\n${lines.join("")}\r\n--b--`;
      const type = { "content-type": "multipart/mixed; boundary=b" };
      const batch = await fetch(`${server.url}/batch`, {
        method: "POST",
        headers: { ...type, ...bearer(await server.token()), ...headers },
        body,
      });
      // A batch without credentials of its own belongs to its caller; its parts have the caller's
      // credentials, or their own.
      const text = await batch.text();
      if (what === "nothing") assert.match(text, /HTTP\/1.1 200 OK/);
      else assert.ok(text.includes(`"reason": "${refused.reason}"`), text);
    });

    test(`${what}: gRPC says so in its status`, async () => {
      await using server = await openCredentialsServer();
      const client = new GrpcClient(Number(new URL(server.url).port));
      const metadata = new Metadata();
      for (const [name, value] of Object.entries(await refused.headers(server))) metadata.set(name, value);
      const error = await refusal(
        client.bytes(operationsPath("ListOperations"), new Uint8Array(), { metadata }),
      ).finally(() => client.close());
      assert.equal(error.code, refused.grpc);
      const { code, details } = statusOf(error);
      assert.equal(code, refused.grpc);
      const info = fromBinary(ErrorInfoSchema, details[0]?.value ?? new Uint8Array());
      assert.deepEqual([info.reason, info.domain], [refused.reason, SERVICE]);
      assert.deepEqual(info.metadata, { service: SERVICE, method: METHOD });
      const [challenge = null] = error.metadata.get("www-authenticate");
      assert.equal(challenge, refused.challenge);
    });
  }

  test("an invalid error format is reported only to callers with credentials", async () => {
    await using server = await openCredentialsServer();
    const url = `${server.url}/v1/operations?$.xgafv=3`;
    assert.equal((await fetch(url)).status, 401);
    assert.equal((await fetch(url, { headers: bearer(await server.token()) })).status, 400);
  });

  test("a missing scope is a 403 with a challenge", async () => {
    await using server = await openCredentialsServer({}, {});
    const { issuer } = server;
    const rules = {
      issuers: [
        {
          issuer: "https://issuer.example",
          audiences: [SERVICE],
          keysUrl: issuer.url,
          scopes: ["operations"],
        },
      ],
    };
    await using scoped = await openCredentialsServer({}, rules);
    const response = await fetch(`${scoped.url}/v1/operations`, { headers: bearer(await server.token()) });
    assert.equal(response.status, 403);
    assert.equal(
      response.headers.get("www-authenticate"),
      `${BEARER}, error="insufficient_scope", scope="operations"`,
    );
  });

  test("an unavailable issuer is a 503 with Retry-After", async () => {
    await using server = await openCredentialsServer();
    const token = await server.token();
    await server.issuer.close();
    const response = await fetch(`${server.url}/v1/operations`, { headers: bearer(token) });
    assert.equal(response.status, 503);
    assert.equal(response.headers.get("retry-after"), "5");
    const { error } = (await response.json()) as ErrorBody;
    assert.equal(error.details[0]?.reason, "CREDENTIALS_UNCHECKED");
    const withKey = await fetch(`${server.url}/v1/operations?key=${server.key}`);
    assert.equal(withKey.status, 200, "whoever has a key is held up by nothing");
  });
});

/** Starts an operation with credentials. @returns the caller in its record */
async function starterOf(
  server: CredentialsServer,
  { headers = {}, query = "" }: { readonly headers?: Record<string, string>; readonly query?: string },
): Promise<unknown> {
  const response = await fetch(`${server.url}/v1:work${query}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: '{"text":"x"}',
  });
  const { name } = (await response.json()) as { readonly name: string };
  const record = await fetch(`${server.url}/admin/v1/${name}`, { headers: { "x-goog-api-key": server.key } });
  return ((await record.json()) as { readonly principal: unknown }).principal;
}

suite("accepted credentials", () => {
  test("identify the caller, wherever they are in the request", async () => {
    await using server = await openCredentialsServer({ admin: "full", access: { queryCredentials: true } });
    const { key } = server;
    const token = await server.token();
    const [ada, packer] = ["user:ada", "serviceAccount:packer"];
    for (const [sent, who] of [
      [{ headers: bearer(token) }, ada],
      [{ headers: { "x-goog-api-key": key } }, packer],
      [{ query: `?key=${key}` }, packer],
      [{ query: `?$key=${key}` }, packer],
      [{ query: `?access_token=${token}` }, ada],
      [{ headers: bearer(token), query: `?key=${key}` }, ada],
    ] as const)
      assert.equal(await starterOf(server, sent), who, JSON.stringify(sent).slice(0, 40));
  });

  test("may be in a form, if an address would be too long", async () => {
    await using server = await openCredentialsServer();
    const send = (form: string) =>
      fetch(`${server.url}/v1/operations`, {
        method: "POST",
        headers: { "x-http-method-override": "GET", "content-type": "application/x-www-form-urlencoded" },
        body: form,
      });
    assert.equal((await send(`pageSize=1&key=${server.key}`)).status, 200);
    assert.equal((await send("pageSize=1&key=AIza")).status, 400);
    assert.equal((await send("pageSize=1")).status, 401);
  });

  test("may be of two kinds in a request, but not two of one kind", async () => {
    await using server = await openCredentialsServer({ access: { queryCredentials: true } });
    const token = await server.token();
    for (const [query, status] of [
      [`key=${server.key}`, 200],
      [`access_token=${token}`, 401],
      [`key=${server.key}&$key=${server.expiredKey}`, 401],
    ] as const) {
      const response = await fetch(`${server.url}/v1/operations?${query}`, { headers: bearer(token) });
      assert.equal(response.status, status, query);
    }
  });

  test("may be as large as the headers of a request, and no larger", async () => {
    await using server = await openCredentialsServer();
    const big = "a".repeat(1_048_576);
    for (const headers of [bearer(big), { "x-goog-api-key": big }]) {
      const status = await fetch(`${server.url}/v1/operations`, { headers }).then(
        (response) => response.status,
        // The connection was closed while the headers were on their way.
        () => 431,
      );
      assert.equal(status, 431);
    }
    const headers = bearer(`${"a".repeat(20_000)}.b.c`);
    assert.equal((await fetch(`${server.url}/v1/operations`, { headers })).status, 401);
    assert.equal((await fetch(`${server.url}/v1/operations?key=${server.key}`)).status, 200);
  });
});
