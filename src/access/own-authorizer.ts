import { IN_PROCESS } from "../core/caller.ts";
import type { Authorizer, Call } from "../core/ports/authorizer.ts";
import { refusalOf } from "./refusal.ts";

/**
 * Decides whether a caller may do what a call is about, before anything is read or done. `resource` is the name of an operation, or
 * the parent of what is started or listed, as the caller sent it.
 *
 * @throws {StatusError} where the caller is to be told more than that the permission is missing
 */
export type Authorize = (call: Call) => boolean | Promise<boolean>;

/** Decides by a function of the program's, which is not asked about the program's own calls. */
export class OwnAuthorizer implements Authorizer {
  readonly #authorize: Authorize;
  /** Whether an answer took time, which kept answers have none of. */
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
