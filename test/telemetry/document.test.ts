import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { endWithUs } from "../support/end-with-us.ts";
import { startOtlpReceiver } from "./otlp-receiver.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = readFileSync(join(ROOT, "docs/telemetry.md"), "utf8");
const INDEX = pathToFileURL(join(ROOT, "src/index.ts")).href;

/** The code of the page in a language, in the order of the page. */
function codeIn(language: string): string[] {
  return [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(
    ([, code = ""]) => code,
  );
}

test("docs/telemetry.md installs the packages that --otlp loads, and names the variables that are read", () => {
  const sdk = readFileSync(join(ROOT, "src/telemetry/opentelemetry/sdk.ts"), "utf8");
  const loaded = new Set<string>(sdk.match(/(?<=import\(")@opentelemetry\/[a-z-]+/g) ?? []);
  const [command = ""] = codeIn("sh");
  const installed: readonly string[] = command.match(/@opentelemetry\/[a-z-]+/g) ?? [];
  const others = [...loaded].filter((name) => !installed.includes(name));
  assert.deepEqual(
    installed.filter((name) => !loaded.has(name)),
    [],
  );
  assert.deepEqual(
    others.filter((name) => !PAGE.includes(`\`${name}\``)),
    [],
  );
  const otlp = readFileSync(join(ROOT, "src/telemetry/opentelemetry/otlp.ts"), "utf8");
  const read = otlp.match(/\bOTEL_[A-Z_]+[A-Z]\b/g) ?? [];
  assert.deepEqual(
    read.filter((name) => !PAGE.includes(name)),
    [],
  );
});

test("the program of docs/telemetry.md traces its handler's actions", async () => {
  const [program = "", method = ""] = codeIn("ts");
  const folder = mkdtempSync(join(tmpdir(), "longrunning-telemetry-"));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const given = `import { z } from "zod";\nimport { defineMethod } from "${INDEX}";\nconst pack = async (_: string) => {};\n`;
  writeFileSync(join(folder, "archive.ts"), given + method);
  const served = program
    .replace('from "longrunning"', `from "${INDEX}"`)
    .replace('"sqlite:operations.db"', '"sqlite::memory:", port: 0');
  const told = "console.log(server.url);\n";
  writeFileSync(join(folder, "main.ts"), `import { createArchive } from "./archive.ts";\n${served}${told}`);
  await using receiver = await startOtlpReceiver();
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const child = spawn(process.execPath, [join(folder, "main.ts")], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  endWithUs(child, "SIGKILL");
  const [url] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const headers = { "content-type": "application/json" };
  await fetch(`${url}/v1:createArchive`, { method: "POST", headers, body: '{"directory":"/a"}' });
  const spanOf = (name: string) => receiver.spans.find((span) => span.name === name);
  await receiver.until(() => spanOf("pack") !== undefined && spanOf("run createArchive") !== undefined);
  assert.equal(spanOf("pack")?.parentSpanId, spanOf("run createArchive")?.spanId);
  assert.equal(spanOf("run createArchive")?.links[0]?.spanId, spanOf("start createArchive")?.spanId);
  child.kill("SIGKILL");
  await once(child, "exit");
  rmSync(folder, { recursive: true });
});
