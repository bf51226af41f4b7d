import { invariant } from "../core/invariant.ts";
import type { Operation } from "../core/operation/operation.ts";
import type { Resource } from "../core/ports/resource-store.ts";
import type { Command } from "../core/ports/store.ts";
import { isStorable } from "../core/value/text.ts";

/**
 * Checks that both stores can keep every text of a write unchanged. PostgreSQL rejects U+0000, and
 * UTF-8 would store two different texts as the same one.
 *
 * @throws {InvariantError} for a text that they cannot keep, because the engine rejects callers'
 * texts earlier
 */
export function checkTexts(command: Command): void {
  switch (command.verb) {
    case "insert":
      checkFixed(command.verb, command.operation);
      checkChanging(command.verb, command.operation);
      break;
    case "replace":
      checkChanging(command.verb, command.next);
      for (const each of command.along ?? []) checkFixed(command.verb, each);
      break;
    case "renew":
      check(command.verb, "metadata", command.metadata?.json);
      break;
    case "claim":
      check(command.verb, "worker", command.worker);
      break;
    case "remove":
      for (const each of command.along ?? []) checkFixed(command.verb, each);
      break;
    case "purge":
      break;
  }
}

/**
 * The same for a resource. @throws {InvariantError} for a text that stores cannot keep, because its
 * name was checked earlier
 */
export function checkResource({ kind, name, value }: Omit<Resource, "revision">): void {
  for (const [member, text] of Object.entries({ kind, name, value })) check("put", member, text);
}

function checkFixed(verb: Command["verb"], operation: Operation): void {
  check(verb, "parent", operation.parent);
  check(verb, "method", operation.method);
  check(verb, "requestId", operation.requestId);
  check(verb, "request", operation.request);
  check(verb, "target", operation.target);
  check(verb, "parallelKey", operation.parallelKey);
  check(verb, "caller", operation.caller);
}

function checkChanging(verb: Command["verb"], operation: Operation): void {
  check(verb, "metadata", operation.metadata?.json);
  check(verb, "response", operation.response?.json);
  check(verb, "exception", operation.exception);
  check(verb, "worker", operation.worker);
}

/** Builds the message only on failure, because every write of every operation runs through here. */
function check(verb: Command["verb"] | "put", name: string, text: string | null | undefined): void {
  if (text === null || text === undefined || (typeof text === "string" && isStorable(text))) return;
  invariant(false, `${verb}: there is text in "${name}" that stores cannot keep`);
}
