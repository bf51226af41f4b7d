import { HTTP_OK, HTTP_UNAVAILABLE } from "../../wire/code.ts";
import type { Page, Stop } from "../stops/stop.ts";
import { type Finding, type Health, READY_CHECKS } from "./health.ts";

/** Runs the checks that are not excluded. */
type Look = (leftOut: ReadonlySet<string>) => Promise<readonly Finding[]>;

/**
 * The probes, like those of Kubernetes' own servers: `/livez` shows that the event loop answers,
 * `/readyz` that the process accepts calls, and `/healthz` is the same as `/readyz`, for programs
 * that know no other. They answer 200 `ok`, or 503 and the failures. `?verbose` lists all checks,
 * with the notes of `/readyz`; `?exclude=NAME` excludes one, and may be repeated.
 *
 * @see https://kubernetes.io/docs/reference/using-api/health-checks/
 */
export function probes(
  health: Health,
  notes: readonly string[] = [],
): readonly (readonly [path: string, stop: Stop])[] {
  const ready: Look = (leftOut) => health.findings(leftOut);
  return [
    ["/livez", probe("livez", ["ping"], alive)],
    ["/readyz", probe("readyz", READY_CHECKS, ready, notes)],
    ["/healthz", probe("healthz", READY_CHECKS, ready, notes)],
  ];
}

/** The fact that it runs is the result. */
const alive: Look = async (leftOut) => (leftOut.has("ping") ? [] : [{ name: "ping", failure: undefined }]);

function probe(name: string, checks: readonly string[], look: Look, notes: readonly string[] = []): Stop {
  return async (_request, query) => {
    const asked = new URLSearchParams(query);
    const excluded = new Set(asked.getAll("exclude"));
    const findings = await look(excluded);
    const isWell = findings.every(({ failure }) => failure === undefined);
    if (isWell && !asked.has("verbose")) return page(HTTP_OK, "ok");
    const byName = new Map(findings.map((finding) => [finding.name, finding]));
    const lines = checks.map((check) => lineOf(check, byName.get(check)));
    lines.push(
      ...notes.map((note) => `warn: ${note}`),
      ...warningOf(excluded, checks),
      `${name} check ${isWell ? "passed" : "failed"}`,
    );
    return page(isWell ? HTTP_OK : HTTP_UNAVAILABLE, `${lines.join("\n")}\n`);
  };
}

function lineOf(check: string, finding: Finding | undefined): string {
  if (finding === undefined) return `[+]${check} excluded: ok`;
  return finding.failure === undefined ? `[+]${check} ok` : `[-]${check} failed: ${finding.failure}`;
}

/**
 * The number and length of names that an answer repeats: an operator's typing mistake is shorter.
 */
const NAMES_MAX = 10;
const NAME_LENGTH_MAX = 64;

/** A warning about unknown names. */
function warningOf(excluded: ReadonlySet<string>, checks: readonly string[]): readonly string[] {
  const unknown = [...excluded].filter((name) => !checks.includes(name));
  if (unknown.length === 0) return [];
  const told = unknown.slice(0, NAMES_MAX).map((name) => JSON.stringify(name.slice(0, NAME_LENGTH_MAX)));
  const more = unknown.length > NAMES_MAX ? ` and ${unknown.length - NAMES_MAX} more` : "";
  return [`warn: some health checks cannot be excluded: no matches for ${told.join(",")}${more}`];
}

function page(status: number, body: string): Page {
  return {
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
    body,
  };
}
