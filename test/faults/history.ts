/** An operation as an answer showed it. */
export interface Seen {
  readonly name: string;
  readonly done: boolean;
  /** Response or error as JSON text; only when done. */
  readonly outcome?: string;
  /** The text that a response repeats of its request. */
  readonly text?: string;
  /** The canonical code of an error's number; 1 is CANCELLED. */
  readonly errorCode?: number;
  readonly attempt: number;
  /** From the ETag, if the answer had one. */
  readonly revision?: number;
}

/**
 * The answer to a caller. `refused` means that the limit is reached; `unknown` means no answer, or
 * UNAVAILABLE: the request may or may not have taken effect.
 */
export type Answer =
  | { readonly kind: "operation"; readonly operation: Seen }
  | { readonly kind: "list"; readonly operations: readonly Seen[] }
  | { readonly kind: "empty" }
  | { readonly kind: "missing" }
  | { readonly kind: "refused" }
  | { readonly kind: "unknown" };

/** One call of a run. Instants are milliseconds on the caller's monotonic clock. */
export interface Call {
  readonly verb: "start" | "get" | "wait" | "list" | "cancel" | "delete";
  /** The operation's name; for a list and a start the parent. */
  readonly subject: string;
  /** Of a start: the requested text, which is also its request id, if it has one. */
  readonly text?: string;
  /** Of a start of a limited method: the method and the key. */
  readonly key?: string;
  readonly began: number;
  readonly ended: number;
  readonly answer: Answer;
}

/** A read of one operation: what it showed, or null if the operation was not there. */
export interface Look {
  readonly began: number;
  readonly ended: number;
  readonly seen: Seen | null;
  readonly verb: Call["verb"];
}

/** All calls about one operation. */
export interface Life {
  readonly name: string;
  readonly parent: string;
  /** The request of its start, if one was acknowledged. */
  text: string | undefined;
  /** The method and the key, if a limited method started it. */
  key: string | undefined;
  readonly looks: Look[];
  readonly cancels: Call[];
  readonly deletes: Call[];
  /** The end of the first answer that showed it: the operation exists from then on. */
  knownAt: number;
}

/** The calls of a run by operation. */
export function livesOf(calls: readonly Call[]): ReadonlyMap<string, Life> {
  const lives = new Map<string, Life>();
  const lifeOf = (name: string): Life => {
    const parent = name.slice(0, Math.max(0, name.indexOf("/operations/")));
    const made: Life = {
      name,
      parent,
      text: undefined,
      key: undefined,
      looks: [],
      cancels: [],
      deletes: [],
      knownAt: Number.POSITIVE_INFINITY,
    };
    const life = lives.get(name) ?? made;
    lives.set(name, life);
    return life;
  };
  for (const call of calls) {
    const { verb, subject, answer, began, ended } = call;
    if (verb === "cancel") lifeOf(subject).cancels.push(call);
    if (verb === "delete") lifeOf(subject).deletes.push(call);
    if (answer.kind === "missing") lifeOf(subject).looks.push({ began, ended, seen: null, verb });
    const shown =
      answer.kind === "operation" ? [answer.operation] : answer.kind === "list" ? answer.operations : [];
    for (const seen of shown) {
      const life = lifeOf(seen.name);
      life.looks.push({ began, ended, seen, verb });
      life.knownAt = Math.min(life.knownAt, ended);
      if (verb !== "start") continue;
      life.text = call.text;
      life.key = call.key;
    }
  }
  return lives;
}
