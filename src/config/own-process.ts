import { hostname } from "node:os";
import { env, pid } from "node:process";

/** What tells this process from others, for people. */
export interface OwnProcess {
  /** The name of the machine, or of its container, as it is set there. */
  readonly host: string;
  readonly pid: number;
}

/** The process that this is. */
export function ownProcess(): OwnProcess {
  return { host: hostname(), pid };
}

/** The environment that this process was started with. */
export function ownEnvironment(): Readonly<Record<string, string | undefined>> {
  return env;
}
