import { CODES } from "../../src/core/error/code.ts";
import type { Answer } from "./answers.ts";
import type { Response } from "./connection.ts";
import type { Attack } from "./request.ts";

/** The only status above 499 that a caller's request may cause: a documented UNIMPLEMENTED. */
const UNIMPLEMENTED = 501;
const CODE_NAMES: ReadonlySet<string> = new Set(Object.keys(CODES));

/** The problem of the answers to an attack; undefined if there is none. */
export function problemOf(attack: Pick<Attack, "head">, { answers, problem }: Response): string | undefined {
  if (problem !== undefined) return problem;
  for (const answer of answers) {
    const wrong = wrongAnswer(answer, attack.head);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function wrongAnswer({ status, headers, body }: Answer, head: boolean): string | undefined {
  const text = body.toString("utf8");
  if (status >= 500 && status !== UNIMPLEMENTED) return `Status ${status}: ${text.slice(0, 500)}`;
  const type = headers.get("content-type") ?? "";
  if (type.startsWith("multipart/mixed")) return wrongParts(text);
  if (type.startsWith("text/event-stream") && !head) return wrongEvents(text);
  if (status < 400) return type.startsWith("application/json") && !head ? wrongJson(text) : undefined;
  if (type.startsWith("application/x-protobuf") || head) return undefined;
  return wrongError(status, type, text);
}

/** Answers within the answer to a batch. */
function wrongParts(text: string): string | undefined {
  const bad = /^HTTP\/1\.1 (5\d\d)[^\n]*[\s\S]{0,500}/m.exec(text);
  return bad !== null && Number(bad[1]) !== UNIMPLEMENTED ? `In a batch: ${bad[0]}` : undefined;
}

/** Blocks of lines. Blocks with content have a name and JSON. */
function wrongEvents(text: string): string | undefined {
  if (text !== "" && !text.endsWith("\n\n")) return `The last event is cut off: ${text.slice(-300)}`;
  for (const block of text.split("\n\n")) {
    if (block === "" || block.startsWith(":") || /^retry: \d+$/.test(block)) continue;
    const data = /^event: [a-z-]+\n(?:id: .+\n)?data: (.*)$/.exec(block)?.[1];
    if (data === undefined) return `Not an event: ${block.slice(0, 300)}`;
    const wrong = wrongJson(data);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function wrongJson(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return `Not JSON (${String(error)}): ${text.slice(0, 300)}`;
  }
}

/** `{"error": {"code": 400, "message": "…", "status": "INVALID_ARGUMENT", "details": […]}}` */
function wrongError(status: number, type: string, text: string): string | undefined {
  const shown = `status ${status}, ${type}: ${text.slice(0, 300)}`;
  if (!type.startsWith("application/json")) return `An error is not JSON: ${shown}`;
  const wrong = wrongJson(text);
  if (wrong !== undefined) return wrong;
  const { error, ...others } = JSON.parse(text) as { readonly error?: Readonly<Record<string, unknown>> };
  const formed =
    Object.keys(others).length === 0 &&
    error?.["code"] === status &&
    typeof error["message"] === "string" &&
    CODE_NAMES.has(String(error["status"])) &&
    (error["details"] === undefined || Array.isArray(error["details"]));
  return formed ? undefined : `Not the format of errors: ${shown}`;
}
