import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FIRST_PAIR } from "../../src/server/listening/certificates.suite.ts";
import { openCredentialsServer } from "../conformance/credentials/credentials-server.ts";
import { clientTest, PYTHON_API_CORE, PYTHON_CLIENT } from "./installed-client.ts";
import { PythonScript } from "./python.ts";

/** Google's Python libraries with credentials of google.auth. The scripts check; see `python/`. */

clientTest(PYTHON_CLIENT, "Python's discovery client with a token and with a key", async (_, python) => {
  // The client requests the document before it has credentials.
  const anyone = { members: ["all"], permissions: ["longrunning.discovery.get"], parent: "*" };
  const known = { members: ["allAuthenticated"], role: "admin", parent: "*" };
  await using server = await openCredentialsServer({}, { grants: [anyone, known] });
  const [token, expired] = [await server.token(), await server.token({ exp: 1 })];
  const { url, key, expiredKey } = server;
  await using script = new PythonScript(python, "credentials.py", [url, token, expired, key, expiredKey]);
  await script.succeed();
});

clientTest(PYTHON_API_CORE, "google-api-core with a token over REST and gRPC", async (_, python) => {
  await using server = await openCredentialsServer({ tls: FIRST_PAIR });
  const folder = mkdtempSync(join(tmpdir(), "longrunning-python-"));
  const root = join(folder, "root.crt");
  writeFileSync(root, FIRST_PAIR.cert);
  try {
    const [token, expired] = [await server.token(), await server.token({ exp: 1 })];
    const parameters = [server.url, root, token, expired];
    await using script = new PythonScript(python, "api_core_credentials.py", parameters);
    await script.succeed();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
