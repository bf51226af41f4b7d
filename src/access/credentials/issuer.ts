import { parseDurationMs } from "../../core/value/duration.ts";
import type { Entry } from "../../forms/entry.ts";
import { checked, distinct, type Form, listOf, object, oneOf, text } from "../../forms/form.ts";

/** An issuer whose tokens are accepted, and the names of its subjects. */
export interface Issuer {
  /** The claim `iss`. */
  readonly issuer: string;
  /** The claim `aud` must contain one of them. */
  readonly audiences: readonly string[];
  /** The address of its keys. */
  readonly keysUrl: string;
  readonly algorithms: readonly Algorithm[];
  /** The header `typ`, such as `at+jwt`. Undefined accepts any. */
  readonly type: string | undefined;
  readonly clockToleranceMs: number;
  /** The claim `scope` must contain all of them. */
  readonly scopes: readonly string[];
  readonly principal: ClaimUse;
  /** Undefined: its tokens contain no groups. */
  readonly groups: ClaimUse | undefined;
}

/** The conversion of a claim to a principal or group. */
export interface ClaimUse {
  readonly claim: string;
  readonly prefix: string;
}

/**
 * Signatures with a key pair only: with a shared secret, everybody who can verify a token can make
 * one.
 */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
] as const;
type Algorithm = (typeof ALGORITHMS)[number];

const ALGORITHMS_DEFAULT: readonly Algorithm[] = ["RS256", "ES256", "PS256", "EdDSA"];
const CLOCK_TOLERANCE_MS_DEFAULT = 30_000;
const CLOCK_TOLERANCE_MS_MAX = 300_000;

/** Connections within this machine cannot be intercepted. */
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

const KEYS_URL: Form<string> = checked(
  text({ description: "The address of the issuer's keys (JWKS), with https; http only on this machine." }),
  (address, entry) => {
    const url = URL.canParse(address) ? new URL(address) : undefined;
    const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.test(url.hostname));
    const hasUser = url !== undefined && (url.username !== "" || url.password !== "");
    // A password is not shown.
    const shown = hasUser ? "an address with a user" : entry.shown;
    if (!isSafe || hasUser)
      entry.refuse(`expected an https: address without a user (http: only on this machine), got ${shown}`);
  },
);

const TOLERANCE: Form<string> = checked(
  text({ description: 'The accepted difference between the clocks, up to "5m". Default: "30s".' }),
  (duration, entry) => {
    const ms = parseDurationMs(duration);
    if (ms === undefined || ms > CLOCK_TOLERANCE_MS_MAX)
      entry.refuse(`expected a duration up to "5m", such as "30s", got ${entry.shown}`);
  },
);

const CLAIM = text({ description: "The name of a claim." });

const PRINCIPAL = object(
  {
    claim: CLAIM,
    prefix: text({
      description: "The beginning of the principal: user:… or serviceAccount:…",
      pattern: /^(?:user|serviceAccount):[^\s\p{Cc}]{0,500}$/u,
      expected: "user: or serviceAccount:, with a longer prefix if several issuers have the same names",
    }),
  },
  {
    description: "The claim that names the principal. Default: sub, after user:ISSUER#",
    required: ["claim"],
  },
);

const GROUPS = object(
  {
    claim: CLAIM,
    prefix: text({
      description: "The beginning of each group: group:…",
      pattern: /^group:[^\s\p{Cc}]{0,500}$/u,
      expected: "group:, with a longer prefix if several issuers have the same names",
    }),
  },
  { description: "The claim that names groups, as a list or a single text.", required: ["claim"] },
);

const ISSUER = object(
  {
    issuer: text({ description: "The claim iss of its tokens." }),
    audiences: listOf(text({ description: "A name of this service in the claim aud." }), {
      description: "The claim aud must contain one of them.",
      min: 1,
    }),
    keysUrl: KEYS_URL,
    algorithms: listOf(oneOf(ALGORITHMS, "An algorithm of signatures."), {
      description: `The accepted algorithms of signatures. Default: ${ALGORITHMS_DEFAULT.join(", ")}.`,
      min: 1,
    }),
    type: text({ description: "The header typ of its tokens, such as at+jwt. Default: any." }),
    clockTolerance: TOLERANCE,
    scopes: listOf(
      text({
        description: "A scope.",
        pattern: /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/,
        expected: "a scope, without spaces and quotes",
      }),
      {
        description: "The claim scope must contain all of them. Default: none.",
        min: 1,
      },
    ),
    principal: PRINCIPAL,
    groups: GROUPS,
  },
  { description: "An issuer of access tokens.", required: ["issuer", "audiences", "keysUrl"] },
);

/** The section `issuers`. */
export const ISSUERS: Form<readonly Issuer[]> = distinct(
  listOf(issuerForm(), { description: "The accepted issuers of access tokens (JWT)." }),
  "issuer",
);

function issuerForm(): Form<Issuer> {
  return { schema: ISSUER.schema, read: readIssuer };
}

function readIssuer(entry: Entry): Issuer | undefined {
  const read = ISSUER.read(entry);
  if (read === undefined) return undefined;
  const { issuer, clockTolerance = "", principal, groups } = read;
  return {
    issuer,
    audiences: read.audiences,
    keysUrl: read.keysUrl,
    algorithms: read.algorithms ?? ALGORITHMS_DEFAULT,
    type: read.type,
    clockToleranceMs: parseDurationMs(clockTolerance) ?? CLOCK_TOLERANCE_MS_DEFAULT,
    scopes: read.scopes ?? [],
    // Includes the issuer, because the subjects of two issuers may have the same names.
    principal: { claim: principal?.claim ?? "sub", prefix: principal?.prefix ?? `user:${issuer}#` },
    groups:
      groups === undefined ? undefined : { claim: groups.claim, prefix: groups.prefix ?? `group:${issuer}#` },
  };
}
