import { hostname } from "node:os";
import { env, pid } from "node:process";

/** Distinguishes this process from others, for people. */
export interface OwnProcess {
  /** The name of the machine or container. */
  readonly host: string;
  readonly pid: number;
}

/** This process. */
export function ownProcess(): OwnProcess {
  return { host: hostname(), pid };
}

/** The environment of this process. */
export function ownEnvironment(): Readonly<Record<string, string | undefined>> {
  return env;
}
