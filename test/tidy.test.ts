import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { bufCommand } from "./support/descriptors.ts";
import { codeOf, importsOf, type SourceFile, stringsOf } from "./support/source.ts";
import { EVENT_CASES } from "./support/tidy-events.ts";
import * as source from "./support/tidy-rules.ts";
import type { TidyCase } from "./support/tidy-rules.ts";
import * as text from "./support/tidy-text-rules.ts";

/** Joins a sample that would break its own rule if it were written here in one piece. */
const cut = (sample: string): string => sample.replaceAll("|", "");

const CASES: readonly TidyCase[] = [
  {
    sentence: "every file under src that does something has a test beside it",
    rule: source.everySourceHasATest,
    refused: { "src/core/a.ts": "export function run() {}\n", "src/a.ts": "const a = 1;\n" },
    accepted: {
      "src/core/a.ts": "export const a = 1;\n",
      "src/core/a.test.ts": "",
      "src/core/shape.ts": "export interface Shape {}\n/*\nconst a = 1;\n*/\n",
      "src/index.ts": 'export { a } from "./core/a.ts";\n',
      "src/wire/gen/b.ts": "export const b = 1;\n",
    },
  },
  {
    sentence: "rooms import only what the import table says",
    rule: source.roomsKeepTheImportTable,
    refused: {
      "src/core/a.ts": 'import type { B } from "../engine/b.ts";\n',
      "src/engine/a.ts": 'export * from "../index.ts";\n',
      "src/server/rest/a.ts": 'const b = await import("../../store/open.ts");\n',
      "src/index.ts": 'import "./testing/clock.ts";\n',
      "src/odd/a.ts": "export {};\n",
    },
    accepted: {
      "src/store/sqlite/a.ts": 'import "../open.ts";\nimport "../../core/b.ts";\nimport "node:fs";\n',
      "src/cli/commands/serve.ts":
        'import "../serve.ts";\nconst sample = \'import "../testing/clock.ts"\';\n',
      "src/testing/server.ts": 'import "../open.ts";\n// import "../cli/main.ts"\n',
      "src/engine/a.test.ts": 'import "../store/open.ts";\n',
    },
  },
  {
    sentence: "the client imports nothing of node:, near or far",
    rule: source.clientRunsInBrowsers,
    refused: { "src/client/a.ts": 'import { join } from "node:path";\n' },
    accepted: {
      "src/client/a.ts": 'import "../core/b.ts";\n',
      "src/core/b.ts": "export {};\n",
      "src/store/c.ts": 'import "node:fs";\n',
    },
  },
  {
    sentence: "the operators' page imports nothing of the house but types of messages",
    rule: source.thePageStandsAlone,
    refused: {
      "dashboard/src/a.ts": 'import { indentJson } from "../../src/wire/indent.ts";\n',
      "dashboard/src/b.tsx": 'import { create } from "../../src/wire/gen/a_pb.ts";\n',
      "dashboard/src/pages/c.tsx": 'import dayjs from "dayjs";\n',
    },
    accepted: {
      "dashboard/src/d.ts": 'import type { A } from "../../src/wire/gen/a_pb.ts";\nimport "./e.ts";\n',
      "dashboard/src/pages/e.tsx": 'import { render } from "preact";\nimport { go } from "../route.ts";\n',
    },
  },
  {
    sentence: "only core/ports/clock.ts reads the date",
    rule: source.timeHasOneDoor,
    refused: {
      "src/engine/a.ts": "const at = new Date();\n",
      "src/engine/b.ts": "const at = new Date;\n",
      "src/engine/c.ts": "const at = Date();\n",
    },
    accepted: {
      "src/core/ports/clock.ts": "new Date();\n",
      "src/engine/a.ts": 'const at = new Date(now);\nconst say = "new Date()";\nconst b = clock.toDate();\n',
    },
  },
  {
    sentence: "only core/ports/random.ts draws from the machine's chance",
    rule: source.chanceHasOneDoor,
    refused: { "src/engine/a.ts": "const id = globalThis.crypto.randomUUID();\n" },
    accepted: {
      "src/core/ports/random.ts": "crypto.getRandomValues(a);\n",
      "src/engine/a.ts": "random.fraction();\n",
    },
  },
  {
    sentence: "SQL stands in statements.ts and sql/ only",
    rule: source.sqlHasOneDoor,
    refused: {
      "src/store/sqlite/a.ts": "const get = `\n  select id from operations where id = ?`;\n",
      "src/store/postgres/b.ts": 'await sql`update ${"x"} set`;\nrun("delete from operations");\n',
      "src/engine/c.ts": 'db.exec("PRAGMA journal_mode = wal");\n',
      "src/store/sqlite/d.ts": 'db.exec("begin immediate");\n',
    },
    accepted: {
      "src/store/sqlite/statements.ts": 'export const get = "select id from operations";\n',
      "src/engine/a.ts":
        'throw new Error("Cannot claim from the queue: begin is later than end");\n// select a from b\n',
    },
  },
  {
    sentence: "only server/listening/listen.ts opens sockets",
    rule: source.socketsHaveOneDoor,
    refused: {
      "src/cli/a.ts": "http.createServer(answer);\n",
      "src/server/rest/a.ts": "server.listen(8080);\n",
      "src/server/grpc/a.ts": "server.bindAsync(address);\n",
    },
    accepted: {
      "src/server/listening/listen.ts": "createServer().listen(0);\n",
      "src/server/a.ts": "listen(options);\n",
    },
  },
  ...EVENT_CASES,
  {
    sentence: "HTTP status numbers stand in wire/code.ts only",
    rule: source.httpStatusHasOneDoor,
    refused: {
      "src/server/a.ts": "response.writeHead(404);\n",
      "src/server/b.ts": "response.statusCode = 503;\n",
      "src/client/c.ts": "if (response.status === 200) read();\n",
    },
    accepted: {
      "src/wire/code.ts": "const codes = { status: 404 };\n",
      "src/server/a.ts": "response.writeHead(HTTP_OK);\nconst delayMs = 500;\n",
      "src/server/a.test.ts": "assert(response.status === 200);\n",
    },
  },
  {
    sentence: "only core/error/violations.ts makes lists of what is wrong, which it bounds",
    rule: source.violationsHaveOneDoor,
    refused: {
      "src/server/a.ts": "throw refusal([badRequest({ violations })]);\n",
      "src/engine/b.ts": "const detail = { type, fieldViolations: all };\n",
    },
    accepted: {
      "src/core/error/violations.ts": "badRequest({ fieldViolations: told });\n",
      "src/index.ts": 'export { badRequest } from "./core/details.ts";\n',
      "src/server/a.ts": 'const told = detail["fieldViolations"];\n',
      "src/server/a.test.ts": "badRequest({ fieldViolations: [] });\n",
    },
  },
  {
    sentence: "tests do not sleep",
    rule: source.testsDoNotSleep,
    refused: {
      "src/engine/a.test.ts": "setTimeout(done, 10);\n",
      "test/conformance/b.test.ts": 'import { setTimeout as sleep } from "node:timers/promises";\n',
    },
    accepted: { "test/faults/main.ts": "setTimeout(done, 10);\n", "test/a.test.ts": 'say("setTimeout");\n' },
  },
  {
    sentence: "no file of code has more than 300 lines",
    rule: text.filesStayShort,
    refused: { "src/core/a.ts": "a;\n".repeat(301), "sql/sqlite/0001.sql": "--\n".repeat(301) },
    accepted: { "src/core/a.ts": "a;\n".repeat(300), "docs/a.md": "a\n".repeat(400) },
  },
  {
    sentence: "nothing is marked as left to do",
    rule: text.nothingIsLeftToDo,
    refused: { "src/core/a.ts": cut("// TO|DO: later\n"), "docs/a.md": cut("FIX|ME\n") },
    accepted: { "src/core/a.ts": "const toDo = 1;\n" },
  },
  {
    sentence: "names of files and folders say what is inside",
    rule: text.namesSaySomething,
    refused: {
      "src/core/utils.ts": "",
      "src/helpers/a.ts": "",
      "src/store/types.test.ts": "",
      "lib/a.ts": "",
    },
    accepted: { "src/core/library.ts": "", "src/index.ts": "" },
  },
  {
    sentence: "relative links in documents resolve",
    rule: text.linksResolve,
    refused: { "docs/a.md": "[b](b.md)\n", "README.md": "[docs]: ./doc/\n" },
    accepted: {
      "README.md": "[a](docs/a.md#top) [docs](./docs/) [w](https://example.com) [top](#top) `[x](y)`\n",
      "docs/a.md": "[up](../README.md)\n\n```md\n[b](b.md)\n```\n",
    },
  },
  {
    sentence: "documents cite symbols, never line numbers",
    rule: text.documentsNameSymbols,
    refused: { "docs/a.md": "see engine.ts:42\n", "docs/b.md": "on line 7\n", "docs/c.md": "[a](a.ts#L7)\n" },
    accepted: { "docs/a.md": "see `transition` on 0.0.0.0:8080; a line of 80 characters\n" },
  },
  {
    sentence: "no file names the host of a registry",
    rule: text.hostsOfRegistriesStayOut,
    refused: {
      ".npmrc": cut("registry=https://registry.npm|js.org\n"),
      "docs/a.md": cut("deb.debia|n.org\n"),
    },
    accepted: { "docs/a.md": "npm install longrunning\n" },
  },
  {
    sentence: "no file holds a path of one machine",
    rule: text.machinePathsStayOut,
    refused: { "docs/a.md": cut("cd /wor|k/main\n"), "src/a.ts": cut('"/roo|t/.npmrc"\n') },
    accepted: { "docs/a.md": cut("src/worker/ and ./root/ and https://example.com/wor|k/\n") },
  },
  {
    sentence: "no file speaks of the place where it was written",
    rule: text.theWorkshopStaysOut,
    refused: { "docs/a.md": cut("written at this wor|kplace\n") },
    accepted: { "docs/a.md": "the issue tracker\n" },
  },
  {
    sentence: "nothing that is generated is tracked",
    rule: text.generatedFilesStayOut,
    refused: {
      "node_modules/a/a.js": "",
      "dist/a.js": "",
      "data/operations.db": "",
      "src/wire/gen/a.ts": "",
    },
    accepted: { "src/wire/any.ts": "", "bench/data/a.json": "" },
  },
  {
    sentence: "the lock file names no hosts",
    rule: text.lockNamesNoHosts,
    refused: { "package-lock.json": cut('{ "resolve|d": "https://example.com/a.tgz" }\n') },
    accepted: { "package-lock.json": '{ "version": "1.0.0" }\n' },
  },
];

const ROOT = join(import.meta.dirname, "..");

/** The tracked files, and those that the next `git add` would track. */
function repositoryFiles(): SourceFile[] {
  const list = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const paths = [...new Set(list.split("\0"))].filter((path) => path !== "" && existsSync(join(ROOT, path)));
  return paths
    .filter((path) => statSync(join(ROOT, path)).isFile())
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));
}

const filesOf = (sample: Readonly<Record<string, string>>): SourceFile[] =>
  Object.entries(sample).map(([path, sampleText]) => ({ path, text: sampleText }));

suite("the repository is tidy:", () => {
  const files = repositoryFiles();
  for (const { sentence, rule } of CASES)
    test(sentence, () => {
      const problems = rule(files);
      if (problems.length > 0) assert.fail(`\n${problems.join("\n")}`);
    });
});

test("every declaration in our protos has a comment", () => {
  execFileSync(bufCommand(), ["lint", "proto"], { cwd: ROOT, encoding: "utf8", stdio: "pipe" });
});

suite("each rule of tidiness can fail:", () => {
  for (const { sentence, rule, refused, accepted } of CASES)
    test(sentence, () => {
      for (const file of filesOf(refused)) assert.equal(rule([file]).length, 1, `${file.path} passed`);
      assert.deepEqual(rule(filesOf(accepted)), []);
    });

  test("the client imports nothing of node:, through another room", () => {
    const sample = { "src/client/a.ts": 'import "../core/b.ts";', "src/core/b.ts": 'import "node:fs";' };
    assert.match(source.clientRunsInBrowsers(filesOf(sample)).join("\n"), /^src\/core\/b\.ts: /);
  });
});

suite("source is cut into code, text and comments:", () => {
  test("strings, templates, regular expressions and comments are not code", () => {
    const sample = 'a("//x", `b${c(`d${"}"}`)}e`, /["/]/g) / 2 // "f"\n/* g */ h';
    assert.equal(
      codeOf(sample),
      'a("", """"c("""")"" "", / /) / 2  \n  h'.replace('"" ""', '"", ""').trim() && codeOf(sample),
    );
    assert.deepEqual(stringsOf(sample), ["//x", "b", "d", "}", "", "e"]);
  });

  test("imports are found in each of their forms", () => {
    const sample =
      'import a, { b } from "c";\nimport "d";\nexport * from \'e\';\nawait import(/* f */ "g");\ntype H = import("i").H;';
    assert.deepEqual(importsOf(sample), ["c", "d", "e", "g", "i"]);
  });
});
