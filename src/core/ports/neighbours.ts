/**
 * What a process has to do with others on the same store: who is told of what, and who looks for what. All of it saves work and
 * nothing depends on it.
 */
export interface Neighbours {
  /** A byte that ids made by this process carry, so that others tell it of the ends of what it began. */
  readonly origin: number;
  /** Somebody waits here for an operation that may have been begun elsewhere. Resolves when its end would be heard of, or cannot be. */
  attend(id: string): Promise<void> | undefined;
  /** Tells that this process has no room for work of a method that it was told of. */
  handOn(method: string): void;
  /**
   * Claims wait here for work of methods: it is told here from now on, until none has waited for a while.
   *
   * @param isWaitedFor whether any claim waits for a method, when that is asked later
   */
  attendWork(methods: readonly string[], isWaitedFor: (method: string) => boolean): void;
  /** Whether it is this process that sweeps now, of all that live. */
  isTurn(): boolean;
  /** Looks for work that nobody took, and tells listeners as if somebody had told. Absent where claims have to look for it. */
  readonly look?: (() => Promise<void>) | undefined;
}
