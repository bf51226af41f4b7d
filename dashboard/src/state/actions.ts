import { ApiError, encodedName, pathOf, post, readOnce, remove } from "../api.ts";
import type { BulkRequest, OperationCount, StartRequest } from "../wire.ts";
import { readNow } from "./live.ts";
import { tell } from "./notices.ts";
import { operationHref } from "../route.ts";

/** An operation as callers get it; only its name is used here. */
interface Started {
  readonly name?: string;
}

/** The message of an error, for people. */
export function sentenceOf(error: unknown): string {
  return error instanceof ApiError ? error.message : "The server could not be reached.";
}

/** Requests the cancellation of one operation, and shows the result. */
export async function cancelOperation(name: string): Promise<void> {
  try {
    await post(`${encodedName(name)}:cancel`, {});
    tell("Cancellation requested.");
    readNow();
  } catch (error) {
    tell(sentenceOf(error), { tone: "bad" });
  }
}

/**
 * Deletes the record of one operation.
 *
 * @returns whether it was deleted
 */
export async function deleteOperation(name: string): Promise<boolean> {
  try {
    await remove(encodedName(name));
    tell("Deleted.");
    return true;
  } catch (error) {
    tell(sentenceOf(error), { tone: "bad" });
    return false;
  }
}

/**
 * Starts an operation, or only validates the request.
 *
 * @returns the operation's name
 */
export async function startOperation(request: StartRequest, signal?: AbortSignal): Promise<string> {
  const { name } = await post<Started>("operations:start", request, signal);
  return name ?? "";
}

/** The number of operations that a bulk action would affect. */
export async function countOperations(parameters: {
  readonly collection: string;
  readonly filter: string;
  readonly method: string;
}): Promise<OperationCount> {
  return await readOnce<OperationCount>(pathOf("operations:count", parameters));
}

/** Starts a bulk action, which is itself an operation. */
export async function startBulk(request: BulkRequest): Promise<void> {
  const { name } = await post<Started>("bulk", request);
  tell("Started, as an operation of its own.", { href: operationHref(name ?? ""), linkText: "Show it" });
}

/** Pauses or resumes a method. */
export async function pauseMethod(method: string, on: boolean): Promise<void> {
  try {
    await post(`methods/${encodeURIComponent(method)}:${on ? "pause" : "resume"}`, {});
    tell(on ? `${method} is paused.` : `${method} is resumed.`);
    readNow();
  } catch (error) {
    tell(sentenceOf(error), { tone: "bad" });
  }
}

const ID_BYTES = 12;

/**
 * The random part of a request id. Not `randomUUID`, because browsers have it only in secure
 * contexts.
 */
export function randomText(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(ID_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Applies an action to operations one after the other, and shows the number of successes. */
export async function forEach(
  names: readonly string[],
  done: string,
  act: (name: string) => Promise<unknown>,
): Promise<void> {
  let count = 0;
  let problem = "";
  for (const name of names) {
    try {
      await act(name);
      count++;
    } catch (error) {
      problem = sentenceOf(error);
    }
  }
  const refused = names.length - count;
  tell(`${count} ${done}.${refused > 0 ? ` ${refused} refused: ${problem}` : ""}`, {
    tone: refused > 0 ? "bad" : "good",
  });
  readNow();
}
