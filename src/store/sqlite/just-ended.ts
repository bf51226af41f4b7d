import { isDone, type Operation } from "../../core/operation/operation.ts";
import type { AnswerTo, Command } from "../../core/ports/store.ts";
import type { CommandOutcome } from "./messages.ts";

/** The most characters of payloads that are kept, so that an idle server keeps little. */
const CHARACTERS_MAX = 1_048_576;

/**
 * The operations that the last commit ended, as they were written.
 *
 * Waiters read an operation at the moment its end is announced, when the commit has just
 * invalidated the page cache of the reading connection. That read took 80 to 110 µs, a tenth of the
 * time that a caller waits. The next commit replaces all entries, so no entry is older than an
 * answer that a caller has received. While a removal is in progress the store does not use it:
 * lists read the file and may already have omitted a removed record.
 */
export class JustEnded {
  readonly #byId = new Map<string, Operation>();
  #characters = 0;

  /** Replaces the operations of the previous commit. */
  replace(commands: readonly Command[], outcomes: readonly CommandOutcome[]): void {
    this.#byId.clear();
    this.#characters = 0;
    for (const [index, command] of commands.entries()) this.#take(command, outcomes[index]?.answer);
  }

  /** The record, if it is here. */
  read(id: string): Operation | undefined {
    return this.#byId.get(id);
  }

  /** One commit may end a record and then remove it. */
  #take(command: Command, answer: AnswerTo<Command> | undefined): void {
    if (answer === undefined) return;
    if ("replaced" in answer && answer.replaced && command.verb === "replace") this.#keep(command.next);
    else if ("removed" in answer && command.verb === "remove") this.#byId.delete(command.id);
    else if ("ids" in answer) for (const id of answer.ids) this.#byId.delete(id);
  }

  #keep(operation: Operation): void {
    if (!isDone(operation)) return;
    const { request, metadata, response, error } = operation;
    // The size of an error's details is unknown until they are serialized.
    if (error !== null && error.details.length > 0) return;
    this.#characters += request.length + (metadata?.json.length ?? 0) + (response?.json.length ?? 0);
    if (this.#characters <= CHARACTERS_MAX) this.#byId.set(operation.id, operation);
  }
}
