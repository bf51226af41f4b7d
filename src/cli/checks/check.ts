import { StatusError } from "../../core/error/error.ts";
import { certificateProblem } from "../../client/error.ts";
import { connect } from "../connect.ts";
import { CommandError } from "../exit.ts";
import type { Io } from "../io.ts";
import { nextAfter } from "../outcome.ts";
import { isNodeNewEnough, NODE_MAJOR_MIN } from "../../core/node-version.ts";
import { version } from "../../assembly/version.ts";

/** The result of one check. */
export interface Check {
  readonly name: string;
  /**
   * `warn`: it works, but something should be known. `fail`: serve would not work, or not be safe.
   */
  readonly status: "ok" | "warn" | "fail";
  readonly message: string;
  /** The next step for the user. */
  readonly next?: string;
}

/** Checks that this version of Node is new enough. */
export function nodeCheck(nodeVersion: string): Check {
  const message = `${nodeVersion}, longrunning ${version()}`;
  if (isNodeNewEnough(nodeVersion)) return { name: "node", status: "ok", message };
  return { name: "node", status: "fail", message, next: `Install Node ${NODE_MAJOR_MIN} or newer.` };
}

/**
 * Checks whether a server answers at the address of the client commands. A missing server is not a
 * failure, because perhaps none should run.
 */
export async function serverCheck(io: Io, server: string): Promise<Check> {
  try {
    await connect(io, { server }, { attempts: 1 }).listPage({ pageSize: 1 });
    return { name: "server", status: "ok", message: `${server} answers` };
  } catch (error) {
    if (error instanceof CommandError)
      return failedCheck("server", error, "Correct --server or LONGRUNNING_SERVER.");
    if (!(error instanceof StatusError)) throw error;
    if (certificateProblem(error) !== undefined) {
      const next = nextAfter(error);
      const fail = { name: "server", status: "fail", message: error.message } as const;
      return next === undefined ? fail : { ...fail, next };
    }
    if (error.reason === "SERVER_UNREACHABLE") {
      return {
        name: "server",
        status: "warn",
        message: `nothing answers at ${server}`,
        next: "If one should run, start it with: longrunning serve FILE…; if it is elsewhere, say so with --server.",
      };
    }
    if (wantsCredentials(error)) {
      const message = `${server} answers callers that its access rules allow`;
      return { name: "server", status: "ok", message };
    }
    return { name: "server", status: "fail", message: error.message, next: "See the server's log." };
  }
}

/** Whether a server is healthy, but answers only other callers. */
export function wantsCredentials({ reason }: StatusError): boolean {
  return reason === "CREDENTIALS_MISSING" || reason === "IAM_PERMISSION_DENIED";
}

/** A failed check with the error's message, and the remedy in the error, or else `next`. */
export function failedCheck(name: string, error: unknown, next: string): Check {
  const { store, problem, remedy } = error instanceof StatusError ? error.metadata : {};
  if (problem !== undefined && remedy !== undefined) {
    const message = store === undefined ? problem : `${store}: ${problem}`;
    return { name, status: "fail", message, next: `${remedy}.` };
  }
  return { name, status: "fail", message: error instanceof Error ? error.message : String(error), next };
}
