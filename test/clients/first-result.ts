import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { readCommandLine } from "../support/command-line.ts";

const HELP = `Follows README.md from \`npm init -y\` to the first result of a user's own method, in empty folders, and prints the
seconds of each step. The package is packed from this repository; everything else comes from npm's cache or its registry.

  npm run time:first -- [--node VERSION]…

  --node VERSION  a version of npm's package node, such as 24; may be repeated. By default the Node that runs this
`;

const ROOT = join(import.meta.dirname, "../..");
const OFFLINE = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
/** The longest time for one command; a registry may be slow. */
const COMMAND_MS_MAX = 240_000;

/** The folder and the Node for commands. */
interface Place {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

function run({ folder, env }: Place, program: string, ...parameters: string[]): string {
  const options = { cwd: folder, env, timeout: COMMAND_MS_MAX, encoding: "utf8" } as const;
  return execFileSync(program, parameters, { ...options, stdio: ["ignore", "pipe", "pipe"] });
}

/**
 * An environment in which `node` is the given one, without the variables of the npm that runs this
 * script.
 */
function environmentWith(bin: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(?:npm_|NODE_|LONGRUNNING_|INIT_CWD)/i.test(name),
  );
  return { ...Object.fromEntries(own), NO_COLOR: "1", PATH: [bin, process.env["PATH"]].join(delimiter) };
}

/** The folder of a Node from npm's package `node`, installed in a temporary folder. */
function installNode(version: string, folder: string): string {
  const place = { folder: join(folder, `node-${version}`), env: process.env };
  mkdirSync(place.folder);
  run(place, "npm", "install", ...OFFLINE, "--prefix", place.folder, `node@${version}`);
  return join(place.folder, "node_modules/.bin");
}

/** The seconds of each step. */
class Steps {
  readonly #rows: (readonly [name: string, seconds: number])[] = [];

  async take<Result>(name: string, step: () => Result | Promise<Result>): Promise<Result> {
    const begin = performance.now();
    const result = await step();
    this.#rows.push([name, (performance.now() - begin) / 1000]);
    return result;
  }

  print(title: string): void {
    const total = this.#rows.reduce((sum, [, seconds]) => sum + seconds, 0);
    console.log(`\n${title}`);
    for (const [name, seconds] of [...this.#rows, ["together", total] as const])
      console.log(`${seconds.toFixed(1).padStart(7)} s  ${name}`);
  }
}

/** Starts the project's server as the README says, on a free port. */
async function startServer({ folder, env }: Place): Promise<{ readonly url: string; end(): Promise<void> }> {
  const store = `sqlite:${join(folder, "data/operations.db")}`;
  const parameters = ["start", "--", "--port", "0", "--store", store];
  // A process group of its own, so that npm's child processes end with it.
  const server = spawn("npm", parameters, {
    cwd: folder,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const told = text(server.stderr);
  const ended = once(server, "exit");
  for await (const line of createInterface(server.stdout)) {
    const url = /^Serving on (\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    const end = async (): Promise<void> => {
      if (server.pid !== undefined) process.kill(-server.pid, "SIGTERM");
      server.stdout.resume();
      await ended;
    };
    return { url, end };
  }
  throw new Error(`npm start ended before it served:\n${await told}`);
}

async function follow(
  tarball: string,
  { folder, env }: Place,
  language: "TypeScript" | "JavaScript",
): Promise<void> {
  const steps = new Steps();
  const outside = { folder: join(folder, language), env };
  mkdirSync(outside.folder, { recursive: true });
  const inside = { folder: join(outside.folder, "words"), env };
  const flag = language === "JavaScript" ? ["--javascript"] : [];
  await steps.take("npm init -y", () => run(outside, "npm", "init", "-y"));
  await steps.take("npm install longrunning", () => run(outside, "npm", "install", ...OFFLINE, tarball));
  await steps.take("npx longrunning init words", () =>
    run(outside, "npx", "longrunning", "init", "words", ...flag),
  );
  // The registry may not have this version.
  await steps.take("npm install", () => run(inside, "npm", "install", ...OFFLINE, tarball));
  await steps.take("npm test", () => run(inside, "npm", "test"));
  const server = await steps.take("npm start, until it serves", () => startServer(inside));
  try {
    const start = [
      "longrunning",
      "start",
      "countWords",
      "--json",
      '{"text": "one two"}',
      "--wait",
      "--server",
      server.url,
    ];
    const shown = await steps.take("longrunning start countWords --wait", () => run(inside, "npx", ...start));
    if (!shown.includes('{"words":2}')) throw new Error(`Expected the number of words, got:\n${shown}`);
  } finally {
    await server.end();
  }
  steps.print(`${language}, Node ${run(outside, "node", "--version").trim()}`);
}

const { values } = readCommandLine(HELP, {
  options: { node: { type: "string", multiple: true, default: [] } },
});
const folder = mkdtempSync(join(tmpdir(), "longrunning-first-"));
try {
  run({ folder: ROOT, env: process.env }, "npm", "run", "--silent", "build");
  run(
    { folder: ROOT, env: process.env },
    "npm",
    "pack",
    "--ignore-scripts",
    "--silent",
    "--pack-destination",
    folder,
  );
  const tarball = join(folder, readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "");
  const bins = values.node.map((version) => installNode(version, folder));
  for (const [index, bin] of (bins.length === 0 ? [dirname(process.execPath)] : bins).entries())
    for (const language of ["TypeScript", "JavaScript"] as const)
      await follow(tarball, { folder: join(folder, `run-${index}`), env: environmentWith(bin) }, language);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
