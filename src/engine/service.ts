/** The common interface of everything that runs by itself. */
export interface Service {
  /** Starts the service. Called once. */
  start(): void;
  /** Stops the service. Resolves when it has stopped completely. May be called repeatedly. */
  stop(): Promise<void>;
}
