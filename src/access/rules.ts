import { LIMITS } from "../core/limits.ts";
import type { CredentialRules } from "./credentials/authenticator.ts";
import { CERTIFICATE_RULES } from "./credentials/certificate-rules.ts";
import { ISSUERS } from "./credentials/issuer.ts";
import { KEYS } from "./credentials/key-rules.ts";
import { readDocument } from "../forms/document.ts";
import type { Mistake } from "../forms/entry.ts";
import { type Form, type JsonSchema, listOf, mapOf, object, text } from "../forms/form.ts";
import { MistakesError } from "../forms/mistakes.ts";
import type { QuotaRule } from "../core/quota.ts";
import { type Grant, GRANTS, GROUP, PRINCIPAL, withConditions } from "./grants.ts";
import { QUOTAS } from "./quotas.ts";
import { TENANTS } from "./tenants.ts";

/** The callers and their permissions, as a file defines them. */
export interface Rules {
  readonly grants: readonly Grant[];
  /** The groups of principals, in addition to those in credentials. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** The rate limits of callers. */
  readonly quotas: readonly QuotaRule[];
  /** The patterns of tenants' parents. */
  readonly tenants: readonly string[];
  readonly credentials: CredentialRules;
}

/** The error for an invalid file of rules. It contains all mistakes at once. */
export class RulesError extends MistakesError {
  override readonly name = "RulesError";
}

const GROUPS: Form<ReadonlyMap<string, readonly string[]>> = mapOf(
  listOf(
    text({
      description: "A person or a program.",
      pattern: PRINCIPAL,
      expected: "user:… or serviceAccount:…",
    }),
    { description: "The members of the group." },
  ),
  {
    description: "Groups and their members, in addition to the groups in credentials.",
    name: { description: "The name of a group.", pattern: GROUP, expected: "a group, group:…" },
  },
);

/** The form of the file, with a form for each section. */
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
  {
    description: "Access rules of longrunning: credentials, roles, grants, conditions, tenants and quotas.",
    required: ["grants"],
  },
);

/** The same as a JSON Schema, for editors. It is published as `deploy/access.schema.json`. */
export const RULES_SCHEMA: JsonSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Access rules of longrunning",
  ...FILE.schema,
};

/**
 * Parses rules, in YAML or JSON.
 *
 * @param source text, or bytes in UTF-8
 * @param file the name of the file in messages
 * @throws {RulesError} with every mistake
 */
export async function parseRules(source: string | Uint8Array, file: string): Promise<Rules> {
  const mistakes: Mistake[] = [];
  const entry = await readDocument(source, {
    file,
    kind: "a file of rules",
    bytesMax: LIMITS.rulesBytesMax,
    depthMax: LIMITS.rulesDepthMax,
    insteadOfAliases: "use a group for several members",
    mistakes,
  });
  const read = entry === undefined ? undefined : FILE.read(entry);
  const grants = await withConditions(read?.grants ?? []);
  if (read === undefined || mistakes.length > 0) throw new RulesError(mistakes);
  const { issuers = [], keys = [], certificates = { trustedProxies: [] } } = read;
  return {
    grants,
    groups: read.groups ?? new Map<string, readonly string[]>(),
    quotas: read.quotas ?? [],
    tenants: read.tenants ?? [],
    credentials: { issuers, keys, certificates },
  };
}
