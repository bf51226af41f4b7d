import { IN_PROCESS } from "../core/caller.ts";
import type { Authorizer, Call } from "../core/ports/authorizer.ts";
import { refusalOf } from "./refusal.ts";

/**
 * Decides whether a caller may make a call, before anything is read or done. `resource` is the name
 * of an operation, or the parent of a start or a list, as the caller sent it.
 *
 * @throws {StatusError} to give the caller another error than the missing permission
 */
export type Authorize = (call: Call) => boolean | Promise<boolean>;

/** Authorizes by a function of the program, which is not asked about the program's own calls. */
export class OwnAuthorizer implements Authorizer {
  readonly #authorize: Authorize;
  /** Whether the function has returned a promise, which is impossible for cached answers. */
  #takesTime = false;

  constructor(authorize: Authorize) {
    this.#authorize = authorize;
  }

  authorize(call: Call): Promise<void> | undefined {
    if (call.caller === IN_PROCESS) return undefined;
    const answer = this.#authorize(call);
    if (!(answer instanceof Promise)) return check(call, answer);
    this.#takesTime = true;
    return answer.then((each) => check(call, each));
  }

  viewOf(): string | undefined {
    return this.#takesTime ? undefined : "";
  }
}

function check(call: Call, answer: unknown): undefined {
  if (answer === true) return;
  if (answer !== false) throw new TypeError(`authorize: expected true or false, got ${String(answer)}`);
  throw refusalOf(call);
}
