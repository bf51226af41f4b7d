import { posix } from "node:path";
import { codeOf, importsOf, type SourceFile, stringsOf } from "./source.ts";

/** Looks at every file of the repository and answers what is wrong, and what to do about it. */
export type TidyRule = (files: readonly SourceFile[]) => string[];

/** A rule as a sentence, and files that break it: a rule that cannot fail guards nothing. */
export interface TidyCase {
  readonly sentence: string;
  readonly rule: TidyRule;
  /** Path and text of files of which each one alone is refused. */
  readonly refused: Readonly<Record<string, string>>;
  /** Path and text of files that are fine together. */
  readonly accepted: Readonly<Record<string, string>>;
}

/** Files under src that need no test of their own, each with the reason. Types and re-exports need no entry. */
const UNTESTED: Readonly<Record<string, string>> = {
  "src/access/credentials/certificate-principal.ts": "client-certificates.test.ts",
  "src/access/credentials/certificate-rules.ts": "issuer.test.ts reads all sections of credentials",
  "src/access/credentials/claims.ts": "tokens.test.ts makes callers by it",
  "src/access/credentials/kept.ts": "stored-keys.test.ts and tokens.test.ts keep by it",
  "src/access/credentials/key-rules.ts": "issuer.test.ts reads all sections of credentials",
  "src/access/credentials/known-key.ts": "stored-keys.test.ts knows keys by it",
  "src/access/credentials/refusals.ts": "the tests of all that refuses by it",
  "src/access/credentials/stored-key.ts": "stored-keys.test.ts stores by it",
  "src/core/credential-limits.ts": "numbers alone",
  "src/core/method/postponed.ts":
    "an error without a rule of its own: the tests of outcome and host-turns throw it",
  "src/core/webhook-limits.ts": "numbers: the tests of what each limits",
  "src/webhooks/delivering/retries.ts": "a list: the test of deliver goes through it",
  "src/assembly/webhooks-door.ts": "the test of webhooks goes in by it, or finds it shut",
  "src/config/webhook-settings.ts": "rows of a table: those who read settings test them",
  "src/assembly/webhooks.ts": "the tests of webhooks and of deliver open it",
  "src/assembly/workers.ts": "the test of deliver has it run what waits for others' servers",
  "src/server/rpc/webhook-rpcs.ts": "the test of webhooks sends it every request",
  "src/webhooks/delivery-log.ts": "the test of webhooks reads it",
  "src/webhooks/event.ts": "the suite of told ends, and the test of deliveries, read what it writes",
  "src/webhooks/endpoints/asked.ts": "the test of webhooks asks for each",
  "src/webhooks/endpoints/spec.ts": "the test of webhooks breaks each of its rules",
  "src/webhooks/endpoints/endpoint.ts": "words: the test of webhooks goes through them",
  "src/forms/document.ts": "src/access/rules.test.ts reads files by it",
  "src/forms/entry.ts": "src/access/rules.test.ts reads files by it",
  "src/forms/mistakes.ts": "src/access/rules.test.ts reads what it tells",
  "src/forms/form.ts": "src/access/rules.test.ts reads files by it",
  "src/access/grants.ts": "rules.test.ts reads files by it",
  "src/access/load.ts": "the tests of the commands read files by it",
  "src/access/refusal.ts": "authorizer.test.ts refuses by it",
  "src/access/roles.ts": "rules.test.ts reads roles",
  "src/core/access-limits.ts": "numbers alone",
  "src/core/encryption-limits.ts": "numbers alone",
  "src/cli/checks/encryption.ts": "src/cli/encryption.test.ts runs the doctor",
  "src/cli/commands/encryption-rewrap.ts": "src/cli/encryption.test.ts runs it",
  "src/cli/commands/encryption-shred.ts": "src/cli/encryption.test.ts runs it",
  "src/cli/commands/encryption-status.ts": "src/cli/encryption.test.ts runs it",
  "src/assembly/kept.ts": "encryption.test.ts and access.test.ts open stores by it",
  "src/encryption/open.ts": "encrypted-store.test.ts opens every store by it",
  "src/encryption/sealing.ts": "opening.test.ts opens what it sealed",
  "src/core/log-limits.ts": "numbers alone",
  "src/core/quota-limits.ts": "numbers alone",
  "src/core/proxy-limits.ts": "numbers alone",
  "src/core/watch-limits.ts": "numbers alone",
  "src/server/grpc/watch-sink.ts": "streaming.test.ts and watches-service.test.ts read what it writes",
  "src/config/setting-keys.ts": "lists: settings.test.ts holds them against the table",
  "src/cli/main.ts": "the entry point: tests run it as a process",
  "src/cli/checks/attention.ts": "commands/doctor.test.ts asks servers",
  "src/cli/commands/keys-list.ts": "keys-create.test.ts makes, lists and revokes",
  "src/cli/commands/keys-revoke.ts": "keys-create.test.ts makes, lists and revokes",
  "src/cli/operators/key-lines.ts": "keys-create.test.ts reads its lines",
  "src/engine/admin/keys.ts": "test/conformance/admin-access.test.ts calls every RPC",
  "src/assembly/api-keys.ts": "the tests of keys make some by it",
  "src/cli/commands/resume.ts": "commands/pause.test.ts pauses and resumes",
  "src/cli/operators/cancel-many.ts": "commands/cancel.test.ts cancels by it on a server",
  "src/cli/operators/client.ts": "the tests of the commands ask a server by it",
  "src/cli/operators/connect.ts": "the tests of the commands ask a server by it",
  "src/cli/operators/method-text.ts": "commands/top.test.ts runs it on a server",
  "src/cli/operators/overview.ts": "commands/top.test.ts runs it on a server",
  "src/cli/operators/print.ts": "the tests of the commands read its lines",
  "src/cli/operators/record-text.ts": "commands/get.test.ts reads it",
  "src/cli/operators/top.ts": "commands/top.test.ts runs it on a server",
  "src/cli/operators/words.ts": "commands/top.test.ts runs it on a server",
  "src/cli/operators/worker-lines.ts": "commands/workers.test.ts reads it",
  "src/client/rest/caller.ts": "transport.test.ts makes its calls",
  "src/core/event-fields.ts": "a table: events.test.ts and the test of documents read it",
  "src/core/admin-limits.ts": "a table of numbers: those who keep them test them",
  "src/core/limits.ts": "a table of numbers: those who keep them test them",
  "src/core/statistics/ranges.ts": "names alone: range.test.ts reads each",
  "src/core/statistics/counts.ts": "sums: the suites of the stores add and merge counts",
  "src/core/statistics/limits.ts": "a part of the table of limits",
  "src/core/statistics/periods.ts": "a table of numbers: the suites of the stores keep them",
  "src/store/list/statements.ts": "text: the suites of the stores run every condition",
  "src/store/postgres/statements-distribution.ts": "text: the tests on a Citus cluster run every statement",
  "src/store/postgres/statements-home.ts": "text: the tests of the processes that live run every statement",
  "src/store/postgres/statements-service.ts":
    "text: the tests of the schema and of the doctor run every statement",
  "src/store/postgres/lease-thread-entry.ts": "the entry of a thread: lease-thread.test.ts runs it",
  "src/store/postgres/beside.ts": "the suite of statistics and that of resources store by it",
  "src/store/postgres/live-counts.ts": "the suite of counts compares it with what is there",
  "src/store/postgres/merging.ts": "the suite of statistics merges, also twice at once",
  "src/store/postgres/resource-store.ts": "the suite of resources runs it",
  "src/store/postgres/statements-resource.ts": "text: the suite of resources runs every statement",
  "src/store/postgres/statements-statistics.ts": "text: the suite of statistics runs every statement",
  "src/store/sqlite/backup-thread-entry.ts": "the entry of a thread: store/backup.test.ts runs it",
  "src/store/sqlite/backup.ts": "store/backup.test.ts runs it by its front",
  "src/store/sqlite/migration-thread-entry.ts": "the entry of a thread: migration-thread.test.ts runs it",
  "src/store/sqlite/live-counts.ts": "the suite of counts compares it with what is there",
  "src/store/sqlite/resource-store.ts": "the suite of resources runs it",
  "src/store/sqlite/statements-counts.ts": "text: the suite of counts runs every statement",
  "src/store/sqlite/statements-statistics.ts":
    "text: the suites of statistics and resources run every statement",
  "src/store/sqlite/statistics-store.ts": "the suites of statistics and of counts run it",
  "src/store/sqlite/statements-claim.ts": "text: the suites of the store run every statement",
  "src/store/sqlite/statements-service.ts": "text: the tests of schema and settings run every statement",
  "src/store/sqlite/statements-session.ts": "text: the tests of settings and writer run every statement",
  "src/store/statistics/counts-row.ts": "the suite of statistics stores, reads and merges rows by it",
  "src/store/statistics/failure-rows.ts": "the suite of statistics stores and groups failures by it",
  "src/store/statistics/process-rows.ts": "the suite of statistics stores and reads processes by it",
};

const ROOMS =
  "core forms access store engine wire protos describe server worker telemetry audit encryption quotas webhooks proxy client cli config testing assembly".split(
    " ",
  );
/** What each room may import besides itself. `front` is the files directly in src, the doors that users import. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  forms: ["core"],
  access: ["core", "forms"],
  store: ["core"],
  engine: ["core"],
  worker: ["core"],
  telemetry: ["core"],
  audit: ["core"],
  quotas: ["core"],
  encryption: ["core"],
  webhooks: ["core", "engine", "wire"],
  proxy: ["core", "engine", "wire", "server"],
  config: ["core"],
  wire: ["core"],
  protos: ["core", "wire"],
  describe: ["core", "wire", "protos"],
  client: ["core", "wire"],
  server: ["core", "engine", "webhooks", "wire", "protos", "describe"],
  assembly: ROOMS.filter((room) => room !== "cli" && room !== "testing"),
  cli: [
    "access",
    "forms",
    "client",
    "wire",
    "server",
    "store",
    "engine",
    "worker",
    "telemetry",
    "config",
    "core",
    "encryption",
    "assembly",
    "front",
  ],
  testing: ROOMS.filter((room) => room !== "cli").concat("front"),
  front: ["core", "protos", "assembly"],
};

const isTest = (file: SourceFile): boolean => /\.(?:test|suite)\.ts$/.test(file.path);
export const isSource = (file: SourceFile): boolean =>
  /^src\/.*\.ts$/.test(file.path) && !isTest(file) && !file.path.includes("/gen/");

/** Makes a rule of a check of one source file at a time. */
export function sourceRule(check: (file: SourceFile) => string | false | null | undefined): TidyRule {
  return (files) => files.filter(isSource).flatMap((file) => check(file) || []);
}

function roomOf(path: string): string {
  const parts = path.split("/");
  return parts.length > 2 ? (parts[1] ?? "") : "front";
}

function importedPaths(file: SourceFile): string[] {
  return importsOf(file.text)
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => posix.join(posix.dirname(file.path), specifier));
}

export const everySourceHasATest: TidyRule = (files) => {
  const paths = new Set(files.map((file) => file.path));
  const runs = /^\s*(?:export\s+)?(?:async\s+)?(?:const|let|function|class)\b/m;
  return sourceRule((file) => {
    const test = file.path.replace(/\.ts$/, ".test.ts");
    if (paths.has(test) || file.path in UNTESTED || !runs.test(codeOf(file.text))) return undefined;
    return `${file.path}: add ${test}, or a line with the reason to UNTESTED in test/support/tidy-rules.ts`;
  })(files);
};

export const roomsKeepTheImportTable = sourceRule((file) => {
  const room = roomOf(file.path);
  const may = MAY_IMPORT[room];
  if (may === undefined) return `${file.path}: src/${room} is no room of the house; see the import table`;
  const wrong = importedPaths(file).find((path) => {
    const target = path.startsWith("src/") ? roomOf(path) : "outside";
    return target !== room && !may.includes(target);
  });
  return wrong && `${file.path}: ${room} may not import ${wrong}; take it as a parameter or move the code`;
});

export const clientRunsInBrowsers: TidyRule = (files) => {
  const sources = new Map(files.filter(isSource).map((file) => [file.path, file]));
  const closure = new Set([...sources.keys()].filter((path) => path.startsWith("src/client/")));
  for (const path of closure) {
    const file = sources.get(path);
    for (const next of file ? importedPaths(file) : []) closure.add(next);
  }
  return [...closure].flatMap((path) => {
    const node = importsOf(sources.get(path)?.text ?? "").find((specifier) => specifier.startsWith("node:"));
    return node
      ? [`${path}: is part of the client, so ${node} must go; use the web platform or move the code`]
      : [];
  });
};

/** What the page may import: its own files, what it is built with, and types of the generated messages. */
const PAGE_PACKAGES = new Set(["preact", "preact/hooks", "@preact/signals"]);

export const thePageStandsAlone: TidyRule = (files) =>
  files
    .filter((file) => /^dashboard\/src\/.*\.tsx?$/.test(file.path))
    .flatMap((file) => {
      const types = new Set(
        Array.from(file.text.matchAll(/^import type [^;]*? from "([^"]+)";/gms), ([, from]) => from),
      );
      const wrong = importsOf(file.text).find((specifier) => {
        if (!specifier.startsWith(".")) return !PAGE_PACKAGES.has(specifier) && !types.has(specifier);
        const path = posix.join(posix.dirname(file.path), specifier);
        return (
          !path.startsWith("dashboard/src/") && !(path.startsWith("src/wire/gen/") && types.has(specifier))
        );
      });
      return wrong === undefined
        ? []
        : [`${file.path}: the page may not import ${wrong}; it knows the service by its admin API only`];
    });

export const timeHasOneDoor = sourceRule((file) => {
  if (file.path === "src/core/ports/clock.ts") return undefined;
  const found = /\bnew Date(?:\s*\(\s*\)|\b(?!\s*[(<.]))|(?<![\w.])Date\s*\(\s*\)/.exec(codeOf(file.text));
  return found && `${file.path}: ${found[0]} reads the machine's clock; take a Clock and ask clock.now()`;
});

export const chanceHasOneDoor = sourceRule((file) => {
  if (file.path === "src/core/ports/random.ts") return undefined;
  const found = /\b(?:randomUUID|getRandomValues|randomBytes)\b|\bMath\.random\b/.exec(codeOf(file.text));
  return (
    found && `${file.path}: ${found[0]} draws from the machine; take a Random from src/core/ports/random.ts`
  );
});

export const sqlHasOneDoor = sourceRule((file) => {
  if (/^src\/store\/[^/]+\/statements(?:-[a-z]+)*\.ts$/.test(file.path)) return undefined;
  const sql =
    /^\s*(?:select\s[\s\S]*\bfrom\s|select\s+\w+\s*\(|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|with\s+\w+\s+as\s*\(|(?:create|alter|drop)\s+(?:table|index|unique|schema)\s|pragma\s+\w|(?:begin|commit|rollback)(?:\s+(?:immediate|transaction))?;?\s*$|(?:un)?listen\s+\w+\s*$|notify\s+\w+|vacuum\b)/i;
  const found = stringsOf(file.text).find((text) => sql.test(text));
  return found && `${file.path}: move "${found.trim().slice(0, 40)}" to the statements.ts of its store`;
});

export const socketsHaveOneDoor = sourceRule((file) => {
  if (file.path === "src/server/listening/listen.ts") return undefined;
  // `sql.listen` asks a database that is connected already.
  const found = /(?<!\bsql)\.listen\s*\(|\bcreate(?:Secure)?Server\b|\.bindAsync\s*\(/.exec(
    codeOf(file.text),
  );
  return found && `${file.path}: ${found[0]} opens a socket; only src/server/listening/listen.ts does`;
});

export const httpStatusHasOneDoor = sourceRule((file) => {
  if (file.path === "src/wire/code.ts") return undefined;
  const status = /(?:\bwriteHead\s*\(|\b\w*[sS]tatus(?:Code)?\b\s*(?:[=!]==?|[<>]=?|[:=(]))\s*[1-5]\d\d\b/;
  const found = status.exec(codeOf(file.text));
  return found && `${file.path}: "${found[0]}" is an HTTP status; take it by name from src/wire/code.ts`;
});

export const violationsHaveOneDoor = sourceRule((file) => {
  if (file.path === "src/core/error/violations.ts" || file.path === "src/core/error/details.ts")
    return undefined;
  const found = /\bbadRequest\s*\(|\bfieldViolations\s*:/.exec(codeOf(file.text));
  return (
    found &&
    `${file.path}: ${found[0]} may hold any number; gather them with Violations from src/core/error/violations.ts`
  );
});

export const testsDoNotSleep: TidyRule = (files) =>
  files.flatMap((file) => {
    const inTests = file.path.startsWith("test/") || (file.path.startsWith("src/") && isTest(file));
    if (!inTests || !file.path.endsWith(".ts") || /^test\/(?:faults|fuzz|clients)\//.test(file.path))
      return [];
    const sleeps =
      /\bset(?:Timeout|Interval)\b/.test(codeOf(file.text)) ||
      importsOf(file.text).some((specifier) => specifier.endsWith("timers/promises"));
    return sleeps ? [`${file.path}: tests do not sleep; turn a ManualClock or await a named signal`] : [];
  });
