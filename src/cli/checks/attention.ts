import { StatusError } from "../../core/error/error.ts";
import { CommandError } from "../exit.ts";
import type { Io } from "../io.ts";
import type { OperatorsSettings } from "../operators/client.ts";
import { connectOperators } from "../operators/connect.ts";
import { type Check, failedCheck, wantsCredentials } from "./check.ts";

/**
 * The warnings of a running server: one check for each sentence in the overview. None if no server
 * answers, which another check reports, or if it has no operators' service.
 */
export async function attentionChecks(io: Io, settings: OperatorsSettings): Promise<readonly Check[]> {
  try {
    const client = await connectOperators(io, settings);
    const { message } = await client.summary("15m");
    const { attentionText } = await import("../operators/overview.ts");
    if (message.attention.length === 0)
      return [{ name: "attention", status: "ok", message: "nothing needs attention" }];
    return message.attention.map((each) => ({
      name: "attention",
      status: "warn",
      message: attentionText(each),
      next: "See more with: longrunning top",
    }));
  } catch (error) {
    if (error instanceof StatusError && error.reason === "SERVER_UNREACHABLE") return [];
    if (error instanceof CommandError) {
      return [{ name: "attention", status: "ok", message: `not asked: ${error.message}` }];
    }
    if (error instanceof StatusError && wantsCredentials(error))
      return [
        {
          name: "attention",
          status: "ok",
          message: "not requested: with access rules it needs the credential of an operator",
        },
      ];
    if (error instanceof StatusError) return [failedCheck("attention", error, "See the server's log.")];
    throw error;
  }
}
