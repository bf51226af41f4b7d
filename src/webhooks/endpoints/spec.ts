import { fieldError, Violations } from "../../core/error/violations.ts";
import { StatusError } from "../../core/error/error.ts";
import { payloadTerms } from "../../core/filter/matches.ts";
import { LIMITS } from "../../core/limits.ts";
import { readFilter } from "../../engine/listing/list.ts";
import {
  CONTENTS,
  type EndpointSpec,
  EVENT_TYPES,
  EVENT_TYPES_DEFAULT,
  FORMATS,
  type Signature,
  SIGNATURES,
  VERIFICATIONS,
} from "./endpoint.ts";

/**
 * The fields of an endpoint as callers or the settings give them. All fields except the address
 * have defaults.
 */
export interface GivenSpec {
  readonly url?: string | undefined;
  readonly eventTypes?: readonly string[] | undefined;
  readonly filter?: string | undefined;
  readonly format?: string | undefined;
  readonly content?: string | undefined;
  readonly verify?: string | undefined;
  /** Of a new endpoint. The settings say it by the secrets. @default "V1" */
  readonly signature?: string | undefined;
}

/** The parts for checking specs. */
export interface SpecParts {
  readonly violationOf: (url: string) => string | undefined;
  readonly verbs: ReadonlyMap<string, string>;
  /** Whether an endpoint has an address of its own. @default true */
  readonly needsUrl?: boolean;
}

/**
 * Checks the given fields of an endpoint, and adds defaults.
 *
 * @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID, with each broken rule
 */
export function readSpec(given: GivenSpec, parts: SpecParts): EndpointSpec {
  const { url = "", filter = "" } = given;
  const violations = new Violations();
  const refuse = (field: string, rule: string): void =>
    violations.add(`Invalid value at '${field}': ${rule}.`, field);
  const { needsUrl = true } = parts;
  const violation = url !== "" ? parts.violationOf(url) : needsUrl ? "it is required" : undefined;
  if (violation !== undefined) refuse("url", violation);
  const asked = given.eventTypes ?? [];
  const eventTypes =
    asked.length === 0 ? EVENT_TYPES_DEFAULT : EVENT_TYPES.filter((each) => asked.includes(each));
  if (asked.some((each) => !EVENT_TYPES.some((known) => known === each)))
    refuse("eventTypes", `expected ${EVENT_TYPES.join(", ")}`);
  try {
    const compiled = readFilter(filter, parts.verbs);
    const terms = compiled === null ? 0 : payloadTerms(compiled);
    // The end of an operation waits until the filters of all endpoints have searched the response.
    if (terms > LIMITS.webhookPayloadTermsMax)
      refuse(
        "filter",
        `expected ${LIMITS.webhookPayloadTermsMax} restrictions at most on what handlers report and answer, got ${terms}`,
      );
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    violations.add(error.message, "filter");
  }
  const format = oneOf(FORMATS, given.format, (rule) => refuse("format", rule));
  const content = oneOf(CONTENTS, given.content, (rule) => refuse("payload", rule));
  oneOf(SIGNATURES, given.signature, (rule) => refuse("signature", rule));
  const verify = oneOf(VERIFICATIONS, given.verify, (rule) => refuse("verify", rule));
  if (violations.count > 0) throw violations.error("REQUEST_INVALID");
  return { url, eventTypes, filter, format, content, verify };
}

/** @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID for a change of the way in which events of an endpoint are signed */
export function checkSignature(given: string | undefined, current: Signature): void {
  if (given === undefined || given === "" || given === current) return;
  throw fieldError("REQUEST_INVALID", {
    field: "signature",
    description: `Invalid value at 'signature': it cannot be changed from ${current}; create another endpoint.`,
  });
}

/** The first value if none is given. */
function oneOf<T extends string>(
  values: readonly [T, ...T[]],
  given: string | undefined,
  refuse: (rule: string) => void,
): T {
  if (given === undefined || given === "") return values[0];
  const found = values.find((each) => each === given);
  if (found === undefined) refuse(`expected one of ${values.join(", ")}`);
  return found ?? values[0];
}
