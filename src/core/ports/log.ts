/** The port to the operators' log. An error is either logged or thrown, never both. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/**
 * Facts in addition to the message. An Error under `error` is written with its stack and causes.
 */
export type LogFields = Readonly<Record<string, unknown>>;
