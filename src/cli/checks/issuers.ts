import type { Issuer } from "../../access/credentials/issuer.ts";
import { readKeySet } from "../../access/credentials/issuer-keys.ts";
import { causeMessage } from "../../core/error/cause.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Io } from "../io.ts";
import { countOf } from "../output/count.ts";
import type { Check } from "./check.ts";

/** Checks that the keys of each issuer in the access rules can be read, as a server reads them. */
export async function issuerChecks(
  io: Pick<Io, "clock" | "fetch">,
  issuers: readonly Pick<Issuer, "issuer" | "keysUrl">[],
): Promise<readonly Check[]> {
  if (issuers.length === 0) return [];
  const jose = await import("jose");
  const name = "issuer";
  const check = async ({ issuer, keysUrl }: Pick<Issuer, "issuer" | "keysUrl">): Promise<Check> => {
    const late = new AbortController();
    const timer = io.clock.after(LIMITS.issuerAnswerMs, () => late.abort(new Error("no answer in time")));
    try {
      const init = { redirect: "manual", signal: late.signal } as const;
      const { count } = await readKeySet(jose, await io.fetch(keysUrl, init));
      const message = `${issuer} has ${countOf(count, "key")} at ${keysUrl}`;
      if (count > 0) return { name, status: "ok", message };
      return { name, status: "fail", message, next: "All of its tokens are refused. Check keysUrl." };
    } catch (error) {
      const message = `the keys of ${issuer} at ${keysUrl} cannot be read: ${causeMessage(error)}`;
      const next = "Check keysUrl, and the network. Until then its tokens cannot be checked.";
      return { name, status: "fail", message, next };
    } finally {
      timer.cancel();
    }
  };
  return Promise.all(issuers.map(check));
}
