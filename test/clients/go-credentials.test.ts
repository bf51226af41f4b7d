import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CLIENT_CA, PACKER } from "../../src/access/credentials/certificates.suite.ts";
import { FIRST_PAIR } from "../../src/server/listening/certificates.suite.ts";
import { openCredentialsServer } from "../conformance/credentials/credentials-server.ts";
import { buildGo } from "./go.ts";
import { clientTest, GO } from "./installed-client.ts";

const run = promisify(execFile);

/** Google's Go client with a token, a key and a certificate, over REST and gRPC. The program checks; see `go/credentials`. */
clientTest(GO, "Go with a token, a key and a certificate", async (t, go) => {
  const folder = mkdtempSync(join(tmpdir(), "longrunning-go-"));
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  try {
    const client = await buildGo(t, go, "credentials", folder);
    if (client === undefined) return;
    await using server = await openCredentialsServer({ tls: { ...FIRST_PAIR, clientCa: CLIENT_CA } });
    const { url, key, expiredKey } = server;
    const tokens = [await server.token(), await server.token({ exp: 1 })];
    const root = file("root.crt", FIRST_PAIR.cert);
    const pair = [file("client.crt", PACKER.cert), file("client.key", PACKER.key)];
    await run(client, [url, root, ...tokens, key, expiredKey, ...pair], { timeout: 60_000 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
