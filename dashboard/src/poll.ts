import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { type Answer, ApiError, isAway, read } from "./api.ts";
import { setClock } from "./state/clock.ts";
import { notReached, onReadNow, paused, reached } from "./state/live.ts";

/** Data that is read repeatedly while the page is visible. */
export interface Polled<T> {
  /** The newest answer. It stays while the next one is awaited, and if the next read fails. */
  readonly data: ReadonlySignal<T | undefined>;
  /** Why there is no newer answer, if the server said why. */
  readonly error: ReadonlySignal<ApiError | undefined>;
  /** Whether the answer belongs to an earlier path than the current one. */
  readonly old: ReadonlySignal<boolean>;
  readonly readNow: () => void;
}

const RETRY_MS = 4_000;
const RETRY_MS_MAX = 30_000;

/** The minimum time for which the server shares one answer with other pages. */
const SHARED_MS = 2_000;
const ownMs = Math.random() * (SHARED_MS / 2);

/**
 * The time until the next read. All open pages whose clocks agree read slow data at about the same
 * time, so the server reads it once for all of them.
 */
function waitFor(everyMs: number): number {
  if (everyMs <= SHARED_MS) return everyMs;
  const wait = everyMs - ((Date.now() - ownMs) % everyMs);
  return wait < SHARED_MS ? wait + everyMs : wait;
}

class Poller<T> implements Polled<T> {
  readonly data: Signal<T | undefined> = signal(undefined);
  readonly error: Signal<ApiError | undefined> = signal(undefined);
  readonly old = signal(false);
  everyMs: number;
  #path: string | undefined;
  #known: Answer<T> | undefined;
  #reading: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #off: (() => void) | undefined;

  constructor(everyMs: number) {
    this.everyMs = everyMs;
  }

  readonly readNow = (): void => {
    if (this.#path !== undefined) void this.#read(this.#path);
  };

  start(path: string | undefined): void {
    this.#off ??= onReadNow(this.readNow);
    this.#path = path;
    this.#known = undefined;
    this.old.value = this.data.peek() !== undefined;
    this.error.value = undefined;
    this.readNow();
  }

  stop(): void {
    this.#off?.();
    this.#off = undefined;
    this.#path = undefined;
    this.#reading?.abort();
    clearTimeout(this.#timer);
  }

  async #read(path: string): Promise<void> {
    clearTimeout(this.#timer);
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    let wait: number;
    try {
      const answer = await read<T>(path, reading.signal, this.#known);
      if (reading.signal.aborted) return;
      this.#take(answer);
      wait = waitFor(this.everyMs);
    } catch (error) {
      if (reading.signal.aborted) return;
      wait = this.#refused(error);
    }
    if (this.everyMs > 0 || this.#failures > 0) this.#timer = setTimeout(this.#next, wait);
  }

  /** A hidden tab reads nothing; it reads as soon as it is visible again. */
  readonly #next = (): void => {
    if (document.visibilityState === "visible" && !paused.peek()) this.readNow();
  };

  #take(answer: Answer<T>): void {
    reached();
    const { asOf } = answer.value as { readonly asOf?: string };
    if (answer !== this.#known) setClock(asOf);
    this.#known = answer;
    this.#failures = 0;
    this.data.value = answer.value;
    this.error.value = undefined;
    this.old.value = false;
  }

  /** @returns how long to wait, in milliseconds */
  #refused(error: unknown): number {
    const wait = Math.min(RETRY_MS * 2 ** this.#failures++, RETRY_MS_MAX);
    if (error instanceof ApiError) {
      if (error.status !== 429 || this.data.peek() === undefined) this.error.value = error;
      if (isAway(error) && error.status !== 429) notReached();
      else reached();
      return error.retryAfterMs ?? wait;
    }
    notReached();
    return wait;
  }
}

/**
 * Reads a path of the API repeatedly while the component is mounted.
 *
 * @param path undefined reads nothing
 * @param everyMs 0 reads once
 */
export function usePolled<T>(path: string | undefined, everyMs: number): Polled<T> {
  const poller = useMemo(() => new Poller<T>(everyMs), []);
  poller.everyMs = everyMs;
  useEffect(() => {
    poller.start(path);
  }, [poller, path]);
  useEffect(() => () => poller.stop(), [poller]);
  return poller;
}
