import { codeOfHttpStatus } from "../../wire/code.ts";
import type { Answer } from "../error.ts";

/** The HTTP methods of the service. */
export type Verb = "GET" | "POST" | "DELETE";

/** A request as it is sent. */
export interface Sent {
  readonly verb: Verb;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string | undefined;
  readonly signal: AbortSignal;
}

/** Sends a request, and reads its whole answer. It rejects if there is none. */
export type Send = (request: Sent) => Promise<Answer>;

/** The same, on connections that can be closed. */
export interface Sending {
  readonly send: Send;
  close(): void;
}

/** @param header a header by its lower-case name; null or undefined for none */
export function answerOf(
  status: number,
  text: string,
  header: (name: "content-type" | "retry-after" | "location") => string | null | undefined,
): Answer {
  const retryAfter = header("retry-after") ?? "";
  return {
    ok: codeOfHttpStatus(status) === "OK",
    status,
    contentType: header("content-type") ?? "",
    text,
    location: header("location") ?? undefined,
    retryAfterSeconds: /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined,
  };
}

/** Sends requests by `fetch`, which is there in browsers, too. */
export function sendByFetch(fetcher: typeof fetch): Send {
  return async ({ verb, url, headers, text, signal }) => {
    const body = text === undefined ? {} : { body: text };
    return readAnswer(await fetcher(url, { method: verb, headers, signal, ...body }));
  };
}

/** Reads the whole answer. */
export async function readAnswer(response: Response): Promise<Answer> {
  const { status, headers } = response;
  return answerOf(status, await response.text(), (name) => headers.get(name));
}
