import { performance } from "node:perf_hooks";

/** The calls of the workers' protocol, as in docs/workers.md. */
export const VERBS = ["claim", "renew", "complete", "fail", "release"] as const;
export type Verb = (typeof VERBS)[number];

/** The proof of an attempt. */
export interface Proof {
  readonly name: string;
  readonly attempt: number;
  readonly token: string;
}

/** A call of a worker, in the same form for both wires: with the members of JSON. */
export interface Call {
  readonly verb: Verb;
  /** The time of its arrival, on the monotonic clock of this process. */
  readonly at: number;
  /** Only in a claim. */
  readonly methods: readonly string[];
  readonly limit: number;
  readonly waitMs: number;
  /** In all other calls. */
  readonly entries: readonly Entry[];
}

export interface Entry {
  readonly proof: Proof;
  /** The entry as text: the same text means the same entry. */
  readonly text: string;
  readonly metadata: unknown;
}

/** The parts of an answer that gateways read and change. */
export interface Answer {
  readonly claims: readonly ClaimView[];
  /** Only in answers to renewals. */
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

/** What the gateway does with a call. */
export type Fate =
  | "pass"
  /** The server executes it, and the worker gets no answer: the connection breaks. */
  | "lose"
  /** The call hangs: the server does not get it, and nobody answers. */
  | "hang"
  /** The gateway answers it without the server. */
  | "UNAVAILABLE"
  | "RESOURCE_EXHAUSTED"
  | "INTERNAL"
  | "PERMISSION_DENIED"
  | "UNAUTHENTICATED"
  /** The server executes it, and the answer arrives after this many milliseconds. */
  | number;

/** Sees a call before the server does. Undefined leaves the decision to others. */
export type Judge = (call: Call) => Fate | undefined;

/** Sees every answer before the worker gets it, and may change it. */
export type Reader = (call: Call, answer: Answer) => void;

/**
 * Stands between a worker and a server: records every call, and loses, delays and refuses calls.
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

  /** Receives a call, and decides what happens to it. */
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

  /** Resolves as soon as the recorded calls satisfy a condition. */
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
