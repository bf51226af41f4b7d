import { invariant } from "../core/invariant.ts";
import type { Operation } from "../core/operation/operation.ts";
import type { Resource } from "../core/ports/resource-store.ts";
import type { Command } from "../core/ports/store.ts";
import { isStorable } from "../core/value/text.ts";

/**
 * Checks that every text of a write can be kept as it is. PostgreSQL refuses U+0000, and UTF-8 would make two different texts
 * one.
 *
 * @throws {InvariantError} for one that cannot: the engine refuses callers' texts before
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

/** The same for a resource. @throws {InvariantError} for a text that cannot be kept: whoever takes names from people refuses them */
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

/** The message is made only where it is needed: every write of every operation comes by here. */
function check(verb: Command["verb"] | "put", name: string, text: string | null | undefined): void {
  if (text === null || text === undefined || (typeof text === "string" && isStorable(text))) return;
  invariant(false, `${verb}: there is text in "${name}" that stores cannot keep`);
}
