import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashOfKey, newApiKey } from "../../../src/access/credentials/api-key.ts";
import { TestIssuer } from "../../../src/access/credentials/issuer.suite.ts";
import type { ServeOptions } from "../../../src/assembly/options.ts";
import { systemRandom } from "../../../src/core/ports/random.ts";
import { startTestServer, type TestServer } from "../../../src/testing/test-server.ts";
import { work } from "../access/tenants.ts";

/** A server that accepts any caller with credentials, and the material to make some. */
export interface CredentialsServer extends TestServer {
  readonly issuer: TestIssuer;
  /** A key of `serviceAccount:packer`, in the rules. */
  readonly key: string;
  /** An expired key of the same caller. */
  readonly expiredKey: string;
  /** A token of `user:ada`. */
  token(claims?: { readonly [claim: string]: unknown }): Promise<string>;
  /** The path of the rules. */
  readonly file: string;
}

export { work };

/** @param more further members of the rules */
export async function openCredentialsServer(
  options: Partial<ServeOptions> = {},
  more: object = {},
): Promise<CredentialsServer> {
  const issuer = await TestIssuer.open();
  const folder = mkdtempSync(join(tmpdir(), "longrunning-credentials-"));
  const file = join(folder, "access.json");
  const [key, expiredKey] = [newApiKey("test", systemRandom), newApiKey("test", systemRandom)];
  const principal = "serviceAccount:packer";
  const rules = {
    issuers: [
      {
        issuer: "https://issuer.example",
        audiences: ["lro.example.com"],
        keysUrl: issuer.url,
        principal: { claim: "sub", prefix: "user:" },
      },
    ],
    keys: [
      { sha256: hashOfKey(key), principal },
      { sha256: hashOfKey(expiredKey), principal, expireTime: "2020-01-01T00:00:00Z" },
    ],
    grants: [{ members: ["allAuthenticated"], role: "admin", parent: "*" }],
    ...more,
  };
  writeFileSync(file, JSON.stringify(rules));
  const server = await startTestServer([work], {
    name: "lro.example.com",
    ...options,
    access: { rules: file, ...options.access },
  });
  return {
    ...server,
    issuer,
    key,
    expiredKey,
    file,
    token: (claims) => issuer.sign(Date.now(), claims),
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await issuer[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}
