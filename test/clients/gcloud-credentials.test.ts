import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCredentialsServer } from "../conformance/credentials/credentials-server.ts";
import { Gcloud, type Printed } from "./gcloud.ts";
import { clientTest, GCLOUD } from "./installed-client.ts";

const PARENT = "projects/p/locations/l";

/** Google's command line with `auth/access_token_file`. */
clientTest(GCLOUD, "gcloud with a token in a file, an expired one and none", async ({ signal }, command) => {
  const folder = mkdtempSync(join(tmpdir(), "longrunning-gcloud-"));
  try {
    await using server = await openCredentialsServer();
    const token = await server.token();
    const started = await fetch(`${server.url}/v1/${PARENT}:work`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ text: "done" }),
    });
    const { name } = (await started.json()) as Printed;
    const { url } = server;
    const gcloud = (file: string, text: string): Gcloud => {
      const tokenFile = join(folder, file);
      writeFileSync(tokenFile, text);
      return new Gcloud(command, { url, folder, tokenFile }, signal, ["redis", "--region=l"]);
    };
    const valid = gcloud("valid", token);
    const { answer } = await valid.run<readonly Printed[]>("operations", "list");
    assert.deepEqual(
      answer.map((each) => each.name),
      [name],
    );
    assert.notEqual(name, undefined);
    const expired = gcloud("expired", await server.token({ exp: 1 }));
    await assert.rejects(
      expired.run("operations", "list"),
      /UNAUTHENTICATED: .*reason: ACCESS_TOKEN_EXPIRED/s,
    );
    const nobody = new Gcloud(command, { url, folder }, signal, ["redis", "--region=l"]);
    await assert.rejects(nobody.run("operations", "list"), /UNAUTHENTICATED: .*reason: CREDENTIALS_MISSING/s);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
