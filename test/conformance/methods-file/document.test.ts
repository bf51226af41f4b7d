import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { parseDocument } from "yaml";
import type { Served } from "../../../src/assembly/serve.ts";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { EXIT } from "../../../src/cli/exit.ts";
import { aWorld } from "../../../src/cli/world.suite.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { METHODS_SCHEMA } from "../../../src/declarations/forms.ts";
import { FORMATS } from "../../../src/declarations/json-schema/compiler.ts";
import { loadMethods } from "../../../src/assembly/methods-file.ts";
import { loadMethodsAt } from "../../../src/declarations/load.ts";
import { descriptorSetOf } from "../../support/descriptors.ts";

const PAGE = readFileSync(new URL("../../../docs/methods-file.md", import.meta.url), "utf8");
const folder = mkdtempSync(join(tmpdir(), "longrunning-methods-file-"));
after(() => rmSync(folder, { recursive: true }));

const blocks = (language: string): string[] =>
  [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(([, text = ""]) => text);
const fileOf = (text: string): string => /^(?:#|\/\/) (\S+)\n/.exec(text)?.[1] ?? "";

for (const text of [...blocks("yaml"), ...blocks("proto")]) writeFileSync(join(folder, fileOf(text)), text);
writeFileSync(join(folder, "api.binpb"), descriptorSetOf(blocks("proto")[0] ?? ""));

test("the files in docs/methods-file.md declare what the page says", async () => {
  const [resizeDisk] = await loadMethods(join(folder, "methods.yaml"));
  const [resize] = await loadMethods(join(folder, "rpcs.yaml"));
  assert.deepEqual([resizeDisk?.name, resize?.name], ["resizeDisk", "resize"]);
  assert.equal(resize?.target(resize.codec.request({ disk: "projects/p/disks/d" })), "projects/p/disks/d");
});

test("the targets in docs/methods-file.md read their secrets from the places that the page names", async () => {
  const read = (name: string, environment: Readonly<Record<string, string>>) =>
    loadMethodsAt(join(folder, name), { shown: name, environment });
  assert.equal((await read("targets.yaml", {}))[0]?.name, "makeThumbnail");
  const secret = `whsec_${"A".repeat(32)}`;
  const missing =
    /^signed\.yaml:7:\d+: .*secret\[1\]: the file "secrets\/images-next" cannot be read: ENOENT/;
  await assert.rejects(read("signed.yaml", { IMAGES_SECRET: secret }), { message: missing });
  mkdirSync(join(folder, "secrets"));
  writeFileSync(join(folder, "secrets", "images-next"), `${secret}\n`);
  assert.equal((await read("signed.yaml", { IMAGES_SECRET: secret }))[0]?.name, "makeThumbnail");
});

test("the published schema accepts the files of docs/methods-file.md", () => {
  const takes = new Ajv2020({ strict: false }).compile(METHODS_SCHEMA);
  for (const text of blocks("yaml").filter((each) => /methods:/.test(each)))
    assert.equal(takes(parseDocument(text).toJS()), true, JSON.stringify(takes.errors));
});

test("the commands in docs/methods-file.md do what the page says", async () => {
  using world = aWorld();
  for (const name of ["methods.yaml", "disk.yaml"])
    world.file(name, readFileSync(join(folder, name), "utf8"));
  const commands = blocks("sh").flatMap((text) => text.trim().split("\n"));
  const words = commands.map(
    (line) => line.match(/'[^']*'|\S+/g)?.map((each) => each.replaceAll("'", "")) ?? [],
  );
  const [serve = [], start = [], check = [], build = []] = words.map(([, ...rest]) => rest);
  assert.equal(words.length, 4);
  assert.deepEqual(build, ["build", "-o", "api.binpb"]);
  assert.equal(await world.run(...check), EXIT.succeeded);
  const ended = world.run(...serve, "--store", "sqlite::memory:", "--port", "0");
  try {
    await world.outContains("Serving on");
    const url = /http:\/\/[\d.:]+/.exec(world.out())?.[0] ?? "";
    assert.equal(await world.run(...start, "--server", url), EXIT.succeeded);
  } finally {
    world.interrupt();
    await ended;
  }
  assert.ok(COMMANDS.some(({ name }) => name === check.slice(0, 2).join(" ")));
});

test("the program in docs/methods-file.md serves the methods", async () => {
  const [program = ""] = blocks("ts");
  const index = new URL("../../../src/index.ts", import.meta.url).pathname;
  const file = join(folder, "program.ts");
  writeFileSync(
    file,
    program
      .replace('"longrunning"', JSON.stringify(index))
      .replace('"methods.yaml"', JSON.stringify(join(folder, "methods.yaml")))
      .replace('"sqlite:operations.db"', '"sqlite::memory:", port: 0')
      .replace("const served", "export const served"),
  );
  const { served } = (await import(file)) as { served: Served };
  try {
    const answer = await fetch(`${served.url}/v1:resizeDisk`, { method: "POST", body: "{}" });
    assert.equal(answer.status, 400);
  } finally {
    await served.stop();
  }
});

test("docs/methods-file.md has every member, every format and the bounds", () => {
  const methods = METHODS_SCHEMA["properties"] as {
    readonly methods: { readonly items: { readonly properties: object } };
  };
  const documented = [...PAGE.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  assert.deepEqual(documented, Object.keys(methods.methods.items.properties));
  assert.ok(blocks("text").includes(`${FORMATS.join(" ")}\n`));
  for (const limit of [
    "schemaPatternCharactersMax",
    "schemaFormatLengthMax",
    "schemaStepsMax",
    "schemaErrorsMax",
  ] as const)
    assert.ok(PAGE.includes(LIMITS[limit].toLocaleString("en")), limit);
});
