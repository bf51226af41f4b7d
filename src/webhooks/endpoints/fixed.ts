import { StatusError } from "../../core/error/error.ts";
import { checkOneParent } from "../../core/operation/collection.ts";
import { checkOptionNames, shownOption } from "../../core/value/options.ts";
import { callbackHostsViolation } from "./callback-hosts.ts";
import type { Content, Endpoint, EventType, Format, Verification } from "./endpoint.ts";
import { deliveriesOf, formatEndpointName, isEndpointId } from "./name.ts";
import { isPrivateKey } from "../../outbound/ed25519.ts";
import { isSecret } from "../../outbound/signature.ts";
import { readSpec, type SpecParts } from "./spec.ts";

/** An endpoint in the settings. */
export interface FixedEndpoint {
  /** The last segment of its name. */
  readonly id: string;
  /**
   * The parent of the operations whose events it gets; operations below are included. @default "",
   * all operations
   */
  readonly parent?: string;
  readonly url?: string;
  /**
   * Instead of `url`: hosts that starts may name in `callbackUrl`, such as `hooks.example.com`, or
   * `*.example.com` for all names below. The endpoint then delivers the end of each operation to
   * the URL that its start named.
   */
  readonly callbackHosts?: readonly string[];
  /**
   * One or two, as `whsec_` and base64 of 24 to 64 bytes, or private Ed25519 keys as `whsk_` and
   * base64. Each of them signs.
   */
  readonly secrets: readonly string[];
  /** @default succeeded, failed, cancelled */
  readonly eventTypes?: readonly EventType[];
  /** AIP-160, for the operation. @default all */
  readonly filter?: string;
  /** @default "STANDARD" */
  readonly format?: Format;
  /** The content of an event: the whole operation, or only its name. @default "FULL" */
  readonly payload?: Content;
  /** Whether the service asks the receiver for its consent before it posts events. @default "NONE" */
  readonly verify?: Verification;
}

const EXAMPLE = '{ id: "billing", url: "https://…", secrets: ["whsec_…"] }';
const NAMES: readonly (keyof FixedEndpoint)[] = [
  "id",
  "parent",
  "url",
  "callbackHosts",
  "secrets",
  "eventTypes",
  "filter",
  "format",
  "payload",
  "verify",
];
const SECRETS_MAX = 2;

/**
 * Reads the endpoints of the settings.
 *
 * @throws {TypeError} with the invalid entry and the reason; never with a secret
 */
export function fixedEndpoints(given: readonly FixedEndpoint[], parts: SpecParts): readonly Endpoint[] {
  const endpoints = given.map((each, index) => fixedEndpoint(`webhookEndpoints[${index}]`, each, parts));
  const names = endpoints.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new TypeError(`webhookEndpoints: there are two of the name "${twice}"`);
  return endpoints;
}

function fixedEndpoint(what: string, given: FixedEndpoint, parts: SpecParts): Endpoint {
  checkOptionNames(what, given, NAMES, { example: EXAMPLE });
  const { id, secrets, payload } = given;
  if (typeof id !== "string" || !isEndpointId(id))
    throw new TypeError(`${what}.id: expected a-z, 0-9 and -, a letter first, got ${shownOption(id)}`);
  if (
    !Array.isArray(secrets) ||
    secrets.length < 1 ||
    secrets.length > SECRETS_MAX ||
    !secrets.every(isSecretText)
  )
    throw new TypeError(
      `${what}.secrets: expected 1 or ${SECRETS_MAX}, each whsec_ and base64 of 24 to 64 bytes, or whsk_ and base64 of an Ed25519 key`,
    );
  checkTexts(what, given);
  const { callbackHosts = [] } = given;
  checkCallbackHosts(what, given);
  try {
    const parent = checkOneParent(given.parent ?? "");
    const name = formatEndpointName({ parent, id });
    deliveriesOf(name);
    return {
      ...readSpec({ ...given, content: payload }, { ...parts, needsUrl: callbackHosts.length === 0 }),
      name,
      callbackHosts,
      parent,
      tenant: null,
      state: "ENABLED",
      disableReason: "",
      secrets: secrets.map((key) => ({ key, expireTime: null })),
      failing: null,
      createTime: 0,
      updateTime: 0,
      generation: 1,
      revision: 0,
    };
  } catch (error) {
    if (error instanceof StatusError) throw new TypeError(`${what}: ${error.message}`, { cause: error });
    throw error;
  }
}

function checkCallbackHosts(what: string, { callbackHosts, url }: FixedEndpoint): void {
  if (callbackHosts === undefined) return;
  const violation =
    url === undefined ? callbackHostsViolation(callbackHosts) : "an endpoint has these or a url, not both";
  if (violation !== undefined) throw new TypeError(`${what}.callbackHosts: ${violation}`);
}

function isSecretText(value: unknown): boolean {
  return typeof value === "string" && (isSecret(value) || isPrivateKey(value));
}

function checkTexts(what: string, given: FixedEndpoint): void {
  for (const name of ["parent", "url", "filter", "format", "payload", "verify"] as const)
    if (given[name] !== undefined && typeof given[name] !== "string")
      throw new TypeError(`${what}.${name}: expected a text, got ${shownOption(given[name])}`);
  const { eventTypes = [] } = given;
  if (!Array.isArray(eventTypes))
    throw new TypeError(`${what}.eventTypes: expected a list, got ${shownOption(eventTypes)}`);
}
