/** The one contract of everything that runs by itself. */
export interface Service {
  /** Begins. Called once. */
  start(): void;
  /** Ends, and resolves when nothing of it is running any more. Harmless when repeated. */
  stop(): Promise<void>;
}
