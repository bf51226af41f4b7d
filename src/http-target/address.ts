import { LIMITS } from "../core/limits.ts";
import { shownOption } from "../core/value/options.ts";

/** A valid URL for requests. @throws {TypeError} with the reason that it is invalid */
export function addressOf(what: string, text: unknown): URL {
  const rule = addressOrRule(text);
  if (typeof rule !== "string") return rule;
  throw new TypeError(`${what}: expected an address such as "https://images.internal/resize", ${rule}`);
}

function addressOrRule(text: unknown): URL | string {
  if (typeof text !== "string") return `got ${shownOption(text)}`;
  if (text.length > LIMITS.httpTargetUrlLengthMax)
    return `of ${LIMITS.httpTargetUrlLengthMax} characters at most, got ${text.length}`;
  if (!URL.canParse(text)) return `got ${shownOption(text)}`;
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:")
    return `with https: or http:, got ${shownOption(url.protocol)}`;
  if (url.username !== "" || url.password !== "")
    return 'without a name or a password; put credentials into "auth"';
  if (url.hash !== "") return `without a fragment, got ${shownOption(url.hash)}`;
  return url;
}
