import { LIMITS } from "../core/limits.ts";
import { checkOptionNames, shownOption } from "../core/value/options.ts";
import { isSecret } from "../outbound/signature.ts";
import { addressOf } from "./address.ts";

/** The validated authentication to a target. */
export type AuthSetting =
  | { readonly kind: "none" }
  | { readonly kind: "secrets"; readonly secrets: readonly string[] }
  | { readonly kind: "bearer"; readonly token: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "command"; readonly program: string; readonly args: readonly string[] }
  | { readonly kind: "metadata"; readonly url: URL };

const EXAMPLE = '{ secret: "whsec_…" }, { bearer: "…" } or { oidc: { audience: "https://…" } }';
const IDENTITY_EXAMPLE = '{ tokenFile: "…" }, { exec: ["…"] } or { audience: "https://…" }';
const METADATA_SERVER = "http://metadata.google.internal";
const METADATA_PATH = "/computeMetadata/v1/instance/service-accounts/default/identity";

/** @throws {TypeError} with the option, never with a secret */
export function authSetting(what: string, auth: unknown): AuthSetting {
  if (auth === undefined) return { kind: "none" };
  const [name, value] = oneOf(what, auth, ["secret", "bearer", "oidc"], EXAMPLE);
  if (name === "secret") return { kind: "secrets", secrets: secretsOf(`${what}.secret`, value) };
  if (name === "oidc") return identitySetting(`${what}.oidc`, value);
  if (typeof value === "string" && isBearerToken(value)) return { kind: "bearer", token: value };
  throw new TypeError(
    `${what}.bearer: expected a token of 1 to ${LIMITS.identityTokenLengthMax} letters, digits and signs, got ${shape(value)}`,
  );
}

/** Whether a text may follow `Bearer`. */
export function isBearerToken(text: string): boolean {
  return text.length <= LIMITS.identityTokenLengthMax && /^[!-~]+$/.test(text);
}

function secretsOf(what: string, value: unknown): readonly string[] {
  const secrets: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (
    secrets.length > 0 &&
    secrets.length <= LIMITS.httpTargetSecretsMax &&
    secrets.every((each) => typeof each === "string" && isSecret(each))
  )
    return secrets as readonly string[];
  throw new TypeError(
    `${what}: expected "whsec_" and 24 to 64 bytes in base64, or a list of 1 to ${LIMITS.httpTargetSecretsMax} of these, got ${shape(value)}. Make one with: echo whsec_$(openssl rand -base64 32)`,
  );
}

function identitySetting(what: string, value: unknown): AuthSetting {
  if (typeof value === "object" && value !== null && "audience" in value) return metadataSetting(what, value);
  const [name, source] = oneOf(what, value, ["tokenFile", "exec"], IDENTITY_EXAMPLE);
  if (name === "tokenFile") {
    if (typeof source === "string" && source !== "") return { kind: "file", path: source };
    throw new TypeError(`${what}.tokenFile: expected the path of a file, got ${shownOption(source)}`);
  }
  const words: readonly unknown[] = Array.isArray(source) ? source : [];
  const [program, ...args] = words.filter((each) => typeof each === "string");
  if (program !== undefined && program !== "" && args.length === words.length - 1)
    return { kind: "command", program, args };
  throw new TypeError(
    `${what}.exec: expected a list of a program and its arguments, such as ["gcloud", "auth", "print-identity-token"], got ${shownOption(source)}`,
  );
}

function metadataSetting(what: string, value: object): AuthSetting {
  checkOptionNames(what, value, ["audience", "metadataServer"], { example: IDENTITY_EXAMPLE });
  const { audience, metadataServer = METADATA_SERVER } = value as Readonly<Record<string, unknown>>;
  if (typeof audience !== "string" || audience === "" || audience.length > LIMITS.httpTargetUrlLengthMax)
    throw new TypeError(
      `${what}.audience: expected a text such as "https://images-abc.a.run.app", got ${shownOption(audience)}`,
    );
  const url = new URL(METADATA_PATH, addressOf(`${what}.metadataServer`, metadataServer));
  url.search = new URLSearchParams({ audience, format: "full" }).toString();
  return { kind: "metadata", url };
}

/** The single member of an object. @throws {TypeError} for none, an unknown one, or several */
function oneOf(
  what: string,
  value: unknown,
  names: readonly string[],
  example: string,
): readonly [name: string, value: unknown] {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TypeError(`${what}: expected one of ${example}, got ${shape(value)}`);
  checkOptionNames(what, value, names, { example });
  const [first, ...others] = Object.entries(value);
  if (first !== undefined && others.length === 0) return first;
  throw new TypeError(`${what}: expected one of ${example}, got ${shownOption(value)}`);
}

/** The description of a possibly secret value, without the value. */
function shape(value: unknown): string {
  return typeof value === "string" ? `another text of ${value.length} characters` : shownOption(value);
}
