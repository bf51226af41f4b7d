import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { credentials } from "@grpc/grpc-js";
import * as gax from "google-gax";
import { FIRST_PAIR } from "../../src/server/listening/certificates.suite.ts";
import {
  type CredentialsServer,
  openCredentialsServer,
} from "../conformance/credentials/credentials-server.ts";

/**
 * npm's google-gax with the credentials that users of Google's libraries configure: an API key, and
 * an access token.
 */

const { GoogleAuth, OAuth2Client } = gax.googleAuthLibrary;
const { ListOperationsRequest } = gax.operationsProtos.google.longrunning;

type Auth = InstanceType<typeof GoogleAuth>;

function withToken(token: string): Auth {
  const authClient = new OAuth2Client();
  authClient.setCredentials({ access_token: token });
  return new GoogleAuth({ authClient });
}

function withKey(apiKey: string): Auth {
  return new GoogleAuth({ apiKey });
}

/** An error as the client shows it. */
interface ClientError {
  readonly code: number;
  readonly reason: string;
  readonly domain: string;
  readonly errorInfoMetadata: Readonly<Record<string, string>>;
}

/** Lists over REST. */
async function list({ url }: CredentialsServer, auth: Auth): Promise<unknown> {
  const { hostname, port } = new URL(url);
  const transport = { auth, fallback: true } as const;
  const address = { servicePath: hostname, port: Number(port), protocol: "http" };
  const client = gax.fallback.lro(transport).operationsClient({ ...address, ...transport });
  return client.listOperations(new ListOperationsRequest({ name: "operations" }));
}

/** The error of a list over REST. */
async function refused(server: CredentialsServer, auth: Auth): Promise<ClientError> {
  return list(server, auth).then(
    () => assert.fail("it was answered"),
    (error: unknown) => error as ClientError,
  );
}

suite("google-gax with credentials over REST", () => {
  test("is accepted with a token, and with a key", async () => {
    await using server = await openCredentialsServer();
    for (const auth of [withToken(await server.token()), withKey(server.key)])
      assert.deepEqual(await list(server, auth), [[], null, null]);
  });

  test("gets Google's reasons in its own errors", async () => {
    await using server = await openCredentialsServer();
    for (const [auth, code, reason] of [
      [withToken(await server.token({ exp: 1 })), 16, "ACCESS_TOKEN_EXPIRED"],
      [withToken(await server.token({ aud: "other" })), 16, "JWT_TOKEN_INVALID"],
      [withKey(server.expiredKey), 3, "API_KEY_INVALID"],
    ] as const) {
      const error = await refused(server, auth);
      assert.deepEqual([error.code, error.reason, error.domain], [code, reason, "lro.example.com"]);
      assert.equal(error.errorInfoMetadata["service"], "lro.example.com");
      assert.equal(error.errorInfoMetadata["method"], "google.longrunning.Operations.ListOperations");
    }
  });
});

/** Lists over gRPC, with the client's own kind of channel except for the root certificate. */
async function listOverGrpc({ url }: CredentialsServer, auth: Auth): Promise<unknown> {
  const authClient = await auth.getClient();
  const sslCreds = credentials.combineChannelCredentials(
    credentials.createSsl(Buffer.from(FIRST_PAIR.cert)),
    credentials.createFromGoogleCredential({
      getRequestHeaders: async (address?: string) =>
        Object.fromEntries(await authClient.getRequestHeaders(address)),
    }),
  );
  const address = { servicePath: "localhost", port: Number(new URL(url).port), sslCreds };
  const client = gax.lro({ auth }).operationsClient(address);
  try {
    return await client.listOperations(new ListOperationsRequest({ name: "operations" }));
  } finally {
    client.close();
  }
}

suite("google-gax with credentials over gRPC", () => {
  test("is accepted with a token, and with a key", async () => {
    await using server = await openCredentialsServer({ tls: FIRST_PAIR });
    for (const auth of [withToken(await server.token()), withKey(server.key)])
      assert.deepEqual(((await listOverGrpc(server, auth)) as readonly unknown[])[0], []);
  });

  test("gets Google's reasons in its own errors", async () => {
    await using server = await openCredentialsServer({ tls: FIRST_PAIR });
    for (const [auth, code, reason] of [
      [withToken(await server.token({ exp: 1 })), 16, "ACCESS_TOKEN_EXPIRED"],
      [withKey(server.expiredKey), 3, "API_KEY_INVALID"],
    ] as const)
      await assert.rejects(listOverGrpc(server, auth), { code, reason, domain: "lro.example.com" });
  });
});
