/**
 * The relation of a process to others on the same store: who is notified of what, and who looks for
 * what. It only saves work; nothing depends on it.
 */
export interface Neighbours {
  /** A byte in the ids of this process, so that others notify it of the ends of its operations. */
  readonly origin: number;
  /**
   * Announces that this process waits for an operation that another process may have started.
   * Resolves when its end will be announced here, or cannot be.
   */
  attend(id: string): Promise<void> | undefined;
  /** Passes on a notice of work for a method, because this process has no room. */
  handOn(method: string): void;
  /**
   * Announces that claims for work of methods wait here: notices come here until no claim has
   * waited for a while.
   *
   * @param isWaitedFor whether any claim waits for a method, at the time of the call
   */
  attendWork(methods: readonly string[], isWaitedFor: (method: string) => boolean): void;
  /** Whether this process, of all live ones, sweeps now. */
  isTurn(): boolean;
  /**
   * Looks for work that nobody took, and notifies listeners of it. Absent if claims have to look
   * for work.
   */
  readonly look?: (() => Promise<void>) | undefined;
}
