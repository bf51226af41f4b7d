/** What is told to operators. Nothing is logged and thrown. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Facts beside the message. An Error under `error` is written with its stack and causes. */
export type LogFields = Readonly<Record<string, unknown>>;
