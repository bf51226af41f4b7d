import { LIMITS } from "../core/limits.ts";
import type { CredentialRules } from "./credentials/authenticator.ts";
import { CERTIFICATE_RULES } from "./credentials/certificate-rules.ts";
import { ISSUERS } from "./credentials/issuer.ts";
import { KEYS } from "./credentials/key-rules.ts";
import { readDocument } from "./document.ts";
import type { Mistake } from "./entry.ts";
import { type Form, type JsonSchema, listOf, mapOf, object, text } from "./form.ts";
import type { QuotaRule } from "../core/quota.ts";
import { type Grant, GRANTS, GROUP, PRINCIPAL, withConditions } from "./grants.ts";
import { QUOTAS } from "./quotas.ts";
import { TENANTS } from "./tenants.ts";

/** Who callers are and what they may do, as a file says it. */
export interface Rules {
  readonly grants: readonly Grant[];
  /** Principals of groups, beside those that credentials name. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** How often callers may call. */
  readonly quotas: readonly QuotaRule[];
  /** What parents of tenants begin with. */
  readonly tenants: readonly string[];
  readonly credentials: CredentialRules;
}

/** A file of rules that cannot be used. Every mistake in it, at once. */
export class RulesError extends TypeError {
  override readonly name = "RulesError";
  readonly mistakes: readonly Mistake[];

  /** @param file as messages call it */
  constructor(file: string, mistakes: readonly Mistake[]) {
    super(mistakes.map((each) => mistakeText(file, each)).join("\n"));
    this.mistakes = mistakes;
  }
}

function mistakeText(file: string, { line, path, message }: Mistake): string {
  return `${file}:${line}: ${path === "" ? "" : `${path}: `}${message}`;
}

const GROUPS: Form<ReadonlyMap<string, readonly string[]>> = mapOf(
  listOf(
    text({
      description: "Somebody, or a program.",
      pattern: PRINCIPAL,
      expected: "user:… or serviceAccount:…",
    }),
    { description: "Who belongs to it." },
  ),
  {
    description: "Principals of groups, beside those that credentials name.",
    name: { description: "A group.", pattern: GROUP, expected: "a group, group:…" },
  },
);

/** The file: a form for each section. */
const FILE = object(
  {
    issuers: ISSUERS,
    keys: KEYS,
    certificates: CERTIFICATE_RULES,
    groups: GROUPS,
    grants: GRANTS,
    tenants: TENANTS,
    quotas: QUOTAS,
  },
  { description: "Who may do what in a service of longrunning.", required: ["grants"] },
);

/** The same as a JSON Schema, for editors. It is published as `deploy/access.schema.json`. */
export const RULES_SCHEMA: JsonSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Access rules of longrunning",
  ...FILE.schema,
};

/**
 * Reads rules, in YAML or JSON.
 *
 * @param file as messages call it
 * @throws {RulesError} with every mistake
 */
export async function parseRules(source: string, file: string): Promise<Rules> {
  const mistakes: Mistake[] = [];
  const bytes = Buffer.byteLength(source);
  if (bytes > LIMITS.rulesBytesMax) {
    const message = `a file of rules has ${LIMITS.rulesBytesMax} bytes at most, got ${bytes}`;
    throw new RulesError(file, [{ line: 1, path: "", message }]);
  }
  const entry = await readDocument(source, mistakes);
  const read = entry === undefined ? undefined : FILE.read(entry);
  const grants = await withConditions(read?.grants ?? [], mistakes);
  if (read !== undefined && mistakes.length === 0) {
    const { issuers = [], keys = [], certificates = { trustedProxies: [] } } = read;
    return {
      grants,
      groups: read.groups ?? new Map<string, readonly string[]>(),
      quotas: read.quotas ?? [],
      tenants: read.tenants ?? [],
      credentials: { issuers, keys, certificates },
    };
  }
  const told = mistakes.toSorted((one, other) => one.line - other.line).slice(0, LIMITS.rulesMistakesMax);
  throw new RulesError(file, told);
}
