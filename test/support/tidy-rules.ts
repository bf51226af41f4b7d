import { posix } from "node:path";
import { codeOf, importsOf, type SourceFile, stringsOf } from "./source.ts";
import { UNTESTED } from "./untested.ts";

/** Checks every file of the repository, and returns the findings with their remedies. */
export type TidyRule = (files: readonly SourceFile[]) => string[];

/** A rule as a sentence, and files that break it: a rule that cannot fail guards nothing. */
export interface TidyCase {
  readonly sentence: string;
  readonly rule: TidyRule;
  /** Path and text of files, each of which breaks the rule. */
  readonly refused: Readonly<Record<string, string>>;
  /** Path and text of files that together keep the rule. */
  readonly accepted: Readonly<Record<string, string>>;
}

const ROOMS =
  "core files forms access declarations store engine wire protos describe server worker telemetry audit encryption quotas webhooks proxy outbound http-target client cli config testing assembly".split(
    " ",
  );
/**
 * The rooms that each room may import. `front` means the files directly in src, which users import.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  files: ["core"],
  forms: ["core"],
  access: ["core", "files", "forms"],
  declarations: ["core", "files", "forms", "protos", "http-target"],
  store: ["core"],
  engine: ["core"],
  worker: ["core"],
  telemetry: ["core"],
  audit: ["core", "files"],
  quotas: ["core"],
  encryption: ["core", "files"],
  webhooks: ["core", "engine", "wire", "outbound"],
  outbound: ["core"],
  "http-target": ["core", "files", "wire", "outbound"],
  proxy: ["core", "engine", "wire", "server"],
  config: ["core"],
  wire: ["core"],
  protos: ["core", "wire"],
  describe: ["core", "wire", "protos"],
  client: ["core", "wire"],
  server: ["core", "engine", "webhooks", "wire", "protos", "describe"],
  assembly: ROOMS.filter((room) => room !== "cli" && room !== "testing"),
  cli: "access files forms declarations client wire server store engine worker telemetry config core encryption assembly front".split(
    " ",
  ),
  testing: ROOMS.filter((room) => room !== "cli").concat("front"),
  front: ["core", "declarations", "protos", "http-target", "assembly"],
};

const isTest = (file: SourceFile): boolean => /\.(?:test|suite)\.ts$/.test(file.path);
export const isSource = (file: SourceFile): boolean =>
  /^src\/.*\.ts$/.test(file.path) && !isTest(file) && !file.path.includes("/gen/");

/** Makes a rule from a check of one source file at a time. */
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
    return `${file.path}: add ${test}, or a line with the reason to UNTESTED in test/support/untested.ts`;
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

/**
 * What the page may import: its own files, the packages that it is built with, and the types of the
 * generated messages.
 */
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
  // `sql.listen` asks a database that is already connected.
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
    if (!inTests || !file.path.endsWith(".ts") || /^test\/(?:faults|fuzz|clients|workers)\//.test(file.path))
      return [];
    const sleeps =
      /\bset(?:Timeout|Interval)\b/.test(codeOf(file.text)) ||
      importsOf(file.text).some((specifier) => specifier.endsWith("timers/promises"));
    return sleeps ? [`${file.path}: tests do not sleep; turn a ManualClock or await a named signal`] : [];
  });
