import { retryInfo } from "../../core/error/details.ts";
import { type Reason, serviceError, type StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { formatDuration } from "../../core/value/duration.ts";
import { HTTP_GONE } from "../../wire/code.ts";
import { type Answer, PostTimeout } from "./post.ts";
import { TargetRefused } from "./target.ts";

/**
 * Why a delivery failed, as the owner of the endpoint sees it. Nothing of the body of an answer, of an address or of a port is in
 * it: whoever makes endpoints is to learn nothing of the network of the server.
 */

/** What an answer that is no success comes to. @param now the time, in milliseconds since the Unix epoch */
export function answerFailure({ status, retryAfter }: Answer, now: number): StatusError {
  if (status === HTTP_GONE)
    return serviceError("WEBHOOK_GONE", `The receiver answered ${status}: it wants no more events.`);
  const delayMs = Math.min(retryAfterMs(retryAfter, now), LIMITS.retryInfoMsMax);
  const details = delayMs > 0 ? [retryInfo({ retryDelay: formatDuration(delayMs) })] : [];
  return serviceError("WEBHOOK_REFUSED", `The receiver answered ${status}.`, { details });
}

/** What kept a message from being answered comes to. */
export function networkFailure(error: unknown): StatusError {
  if (error instanceof TargetRefused) return serviceError("WEBHOOK_TARGET_REFUSED", error.message);
  if (error instanceof PostTimeout) return unreachable(`${error.message} in time`);
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  return unreachable(
    WORDS[code] ??
      (/CERT|SSL|TLS|SELF_SIGNED/.test(code) ? "its certificate is not trusted" : "the connection failed"),
  );
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was closed",
  ENOTFOUND: "its name is not known",
  ENODATA: "its name is not known",
};

function unreachable(why: string): StatusError {
  return serviceError("WEBHOOK_UNREACHABLE" satisfies Reason, `The receiver cannot be reached: ${why}.`);
}

/** Milliseconds that a `Retry-After` asks for: seconds or a date. 0 where it cannot be read. @see RFC 9110, section 10.2.3 */
function retryAfterMs(text: string | undefined, now: number): number {
  if (text === undefined) return 0;
  if (/^\d{1,9}$/.test(text.trim())) return Number(text) * 1_000;
  const time = Date.parse(text);
  return Number.isNaN(time) ? 0 : Math.max(0, time - now);
}
