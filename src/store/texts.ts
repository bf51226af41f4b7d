import { invariant } from "../core/invariant.ts";
import type { Operation } from "../core/operation/operation.ts";
import type { Command } from "../core/ports/store.ts";
import { isStorable } from "../core/value/text.ts";

/**
 * Checks that every text of a write can be kept as it is. PostgreSQL refuses U+0000, and UTF-8 would make two different texts
 * one.
 *
 * @throws {InvariantError} for one that cannot: the engine refuses callers' texts before
 */
export function checkTexts(command: Command): void {
  for (const [name, text] of textsOf(command)) {
    invariant(
      text === null || text === undefined || (typeof text === "string" && isStorable(text)),
      `${command.verb}: there is text in "${name}" that stores cannot keep`,
    );
  }
}

type Texts = readonly (readonly [name: string, text: string | null | undefined])[];

function textsOf(command: Command): Texts {
  switch (command.verb) {
    case "insert":
      return [...fixedTexts(command.operation), ...changingTexts(command.operation)];
    case "replace":
      return changingTexts(command.next);
    case "renew":
      return [["metadata", command.metadata?.json]];
    case "claim":
      return [["worker", command.worker]];
    case "remove":
    case "purge":
      return [];
  }
}

function fixedTexts(operation: Operation): Texts {
  const { parent, method, requestId, request, target, parallelKey, caller } = operation;
  return Object.entries({ parent, method, requestId, request, target, parallelKey, caller });
}

function changingTexts({ metadata, response, exception, worker }: Operation): Texts {
  return Object.entries({ metadata: metadata?.json, response: response?.json, exception, worker });
}
