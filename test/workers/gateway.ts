import { performance } from "node:perf_hooks";

/** The calls of the workers' protocol, as docs/workers.md has them. */
export const VERBS = ["claim", "renew", "complete", "fail", "release"] as const;
export type Verb = (typeof VERBS)[number];

/** What proves an attempt. */
export interface Proof {
  readonly name: string;
  readonly attempt: number;
  readonly token: string;
}

/** A call of a worker, the same over both wires: with the members of JSON. */
export interface Call {
  readonly verb: Verb;
  /** When it came, on the monotonic clock of this process. */
  readonly at: number;
  /** Of a claim. */
  readonly methods: readonly string[];
  readonly limit: number;
  readonly waitMs: number;
  /** Of all others. */
  readonly entries: readonly Entry[];
}

export interface Entry {
  readonly proof: Proof;
  /** What is asked for, as text: the same text is the same entry. */
  readonly text: string;
  readonly metadata: unknown;
}

/** An answer, as far as gateways look at it and change it. */
export interface Answer {
  readonly claims: readonly ClaimView[];
  /** Of renewals. */
  readonly renewals: readonly RenewalView[];
}

export interface ClaimView {
  readonly proof: Proof;
  readonly url: string;
  readonly failedAttempts: number;
  setCancelRequested(): void;
}

export interface RenewalView {
  readonly held: boolean;
}

/** What becomes of a call. */
export type Fate =
  | "pass"
  /** The server does it, and the worker gets no answer: the connection breaks. */
  | "lose"
  /** Nobody answers, nor does the server hear of it. */
  | "hang"
  /** The server is not asked. */
  | "UNAVAILABLE"
  | "RESOURCE_EXHAUSTED"
  | "INTERNAL"
  | "PERMISSION_DENIED"
  | "UNAUTHENTICATED"
  /** The server does it, and the answer comes so many ms later. */
  | number;

/** Looks at a call before the server does. Undefined: another decides. */
export type Judge = (call: Call) => Fate | undefined;

/** Is told of every answer before the worker gets it, and may change it. */
export type Reader = (call: Call, answer: Answer) => void;

/**
 * Between a worker and a server: writes down every call, and loses, delays and refuses calls.
 */
export class Gateway {
  readonly calls: Call[] = [];
  readonly #judges = new Set<Judge>();
  readonly #readers = new Set<Reader>();
  readonly #listeners = new Set<() => void>();

  judge(judge: Judge): void {
    this.#judges.add(judge);
  }

  read(reader: Reader): void {
    this.#readers.add(reader);
  }

  /** Takes a call, and says what becomes of it. */
  take(call: Omit<Call, "at">): { readonly call: Call; readonly fate: Fate } {
    const whole = { ...call, at: performance.now() };
    this.calls.push(whole);
    let fate: Fate = "pass";
    for (const judge of this.#judges) {
      fate = judge(whole) ?? "pass";
      if (fate !== "pass") break;
    }
    for (const listener of this.#listeners) listener();
    return { call: whole, fate };
  }

  answered(call: Call, answer: Answer): void {
    for (const reader of this.#readers) reader(call, answer);
    for (const listener of this.#listeners) listener();
  }

  /** Resolves as soon as the calls so far are as asked for. */
  until(isThere: (calls: readonly Call[]) => boolean): Promise<void> {
    if (isThere(this.calls)) return Promise.resolve();
    return new Promise((resolve) => {
      const look = (): void => {
        if (!isThere(this.calls)) return;
        this.#listeners.delete(look);
        resolve();
      };
      this.#listeners.add(look);
    });
  }
}
