/**
 * The language of a project. The text of its files is the same, because nothing in it needs types.
 */
export type Language = "ts" | "js";

/** The facts about a new project. */
export interface ProjectFacts {
  /** The name of its folder. */
  readonly name: string;
  readonly language: Language;
  /** The version of longrunning. */
  readonly version: string;
}

/** The files of a new project, by path. */
export function projectFiles({ name, language, version }: ProjectFacts): Readonly<Record<string, string>> {
  const method = `count-words.${language}`;
  return {
    "package.json": `${JSON.stringify(manifest(packageName(name), { method, language, version }), null, 2)}\n`,
    [method]: METHOD,
    [`count-words.test.${language}`]: TEST.replace("METHOD_FILE", method),
    ...(language === "ts" ? { "tsconfig.json": TSCONFIG } : {}),
    ".gitignore": "node_modules/\ndata/\n",
    "README.md": README.replaceAll("METHOD_FILE", method),
  };
}

/** Converts a folder's name to a valid npm name. */
export function packageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+|-+$/g, "")
    .slice(0, 214);
  return name === "" || RESERVED.has(name) ? "operations" : name;
}

/** Names that npm rejects, or that would hide the package itself. */
const RESERVED: ReadonlySet<string> = new Set(["node_modules", "favicon.ico", "longrunning"]);

function manifest(
  name: string,
  { method, language, version }: { readonly method: string } & Omit<ProjectFacts, "name">,
): object {
  return {
    name,
    private: true,
    type: "module",
    engines: { node: ">=24" },
    scripts: {
      start: `longrunning serve ${method}`,
      dev: `longrunning serve ${method} --watch`,
      test: "node --test",
    },
    dependencies: { longrunning: `^${version}`, zod: "^4.0.0" },
    ...(language === "ts" ? { devDependencies: { "@types/node": "^24.0.0" } } : {}),
  };
}

const METHOD = `import { setTimeout } from "node:timers/promises";
import { defineMethod } from "longrunning";
import { z } from "zod";

export const countWords = defineMethod({
  name: "countWords",
  description: "Counts the words of a text, line by line.",
  request: z.object({ text: z.string().min(1) }),
  response: z.object({ words: z.number() }),
  metadata: z.object({ progressPercent: z.number() }),
  retry: { attempts: 3 },
  async run({ text }, { signal, report }) {
    const lines = text.split("\\n");
    let words = 0;
    for (const [index, line] of lines.entries()) {
      // Stands for long work; throws when the operation is cancelled.
      await setTimeout(100, undefined, { signal });
      words += line.split(/\\s+/).filter((word) => word !== "").length;
      report({ progressPercent: Math.round((100 * (index + 1)) / lines.length) });
    }
    return { words };
  },
});
`;

const TEST = `import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient, OperationError } from "longrunning/client";
import { startTestServer } from "longrunning/testing";
import { countWords } from "./METHOD_FILE";

test("countWords counts the words of all lines", async () => {
  await using server = await startTestServer([countWords]);
  const client = createClient(server.url);
  const operation = await client.start(countWords, { text: "one two\\nthree" });
  assert.deepEqual(await client.result(operation), { words: 3 });
});

test("countWords can be cancelled", async () => {
  await using server = await startTestServer([countWords]);
  const client = createClient(server.url);
  const operation = await client.start(countWords, { text: "line\\n".repeat(1_000) });
  await client.cancel(operation);
  await assert.rejects(client.result(operation), OperationError);
});
`;

const TSCONFIG = `{
  "compilerOptions": {
    "target": "es2024",
    "lib": ["es2024", "esnext.disposable"],
    "module": "nodenext",
    "types": ["node"],
    "strict": true,
    "noEmit": true,
    "allowImportingTsExtensions": true,
    "erasableSyntaxOnly": true
  }
}
`;

const README = `# Operations

A [longrunning](https://www.npmjs.com/package/longrunning) service with one method, in METHOD_FILE. It needs Node 24 or newer.

\`\`\`sh
npm install
npm test
npm start
\`\`\`

Then, from another terminal:

\`\`\`sh
npx longrunning start countWords --json '{"text": "one two three"}' --wait
curl -X POST -d '{"text": "one two three"}' http://127.0.0.1:8080/v1:countWords
\`\`\`

\`npm run dev\` starts the server again when a file of yours has changed. Operations are kept in \`data/operations.db\`.
`;
