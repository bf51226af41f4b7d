import { isDone, type Operation } from "../../core/operation/operation.ts";
import type { AnswerTo, Command } from "../../core/ports/store.ts";
import type { CommandOutcome } from "./messages.ts";

/** Characters of payloads that are kept, so that what a server that idles keeps is small. */
const CHARACTERS_MAX = 1_048_576;

/**
 * What the last commit ended, as it was written.
 *
 * Whoever waits for an operation reads it in the moment in which its end is told, and everything that the connection that
 * reads has in memory is void then: that read took 80 to 110 µs, a tenth of all that a caller waits for. The next commit
 * replaces all of it, so nothing here can be older than what a caller has been answered. While a removal is under way the store
 * does not ask it: lists read the file, and may have told already that a record is gone.
 */
export class JustEnded {
  readonly #byId = new Map<string, Operation>();
  #characters = 0;

  /** Forgets the commit before, and takes the next. */
  replace(commands: readonly Command[], outcomes: readonly CommandOutcome[]): void {
    this.#byId.clear();
    this.#characters = 0;
    for (const [index, command] of commands.entries()) this.#take(command, outcomes[index]?.answer);
  }

  /** The record, if it is here. */
  read(id: string): Operation | undefined {
    return this.#byId.get(id);
  }

  /** One commit may end a record and remove it. */
  #take(command: Command, answer: AnswerTo<Command> | undefined): void {
    if (answer === undefined) return;
    if ("replaced" in answer && answer.replaced && command.verb === "replace") this.#keep(command.next);
    else if ("removed" in answer && command.verb === "remove") this.#byId.delete(command.id);
    else if ("ids" in answer) for (const id of answer.ids) this.#byId.delete(id);
  }

  #keep(operation: Operation): void {
    if (!isDone(operation)) return;
    const { request, metadata, response, error } = operation;
    // How much the details of an error are is not known without writing them.
    if (error !== null && error.details.length > 0) return;
    this.#characters += request.length + (metadata?.json.length ?? 0) + (response?.json.length ?? 0);
    if (this.#characters <= CHARACTERS_MAX) this.#byId.set(operation.id, operation);
  }
}
