import { RANGE_DEFAULT, RANGE_NAMES } from "../../core/statistics/ranges.ts";
import { CommandError } from "../exit.ts";
import type { Io } from "../io.ts";
import type { OperatorsClient, OperatorsSettings } from "./client.ts";

/** The settings of commands for operators. */
export const OPERATORS_KEYS = ["server", "adminToken", "ca", "config"] as const;

/** The flag for a time range up to now. */
export const RANGE_OPTION = {
  type: "enum",
  values: RANGE_NAMES,
  default: RANGE_DEFAULT,
  help: "The time range to show; it ends now.",
} as const;

/**
 * A client of the operators' service. Its messages are loaded here, so that commands for callers start without them.
 *
 * @throws {CommandError} for an invalid address
 */
export async function connectOperators(io: Io, settings: OperatorsSettings): Promise<OperatorsClient> {
  const { OperatorsClient: Client } = await import("./client.ts");
  try {
    return new Client(io, settings);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CommandError("usage", error.message, "Give another one with --server.");
  }
}
