import type { IncomingMessage } from "node:http";
import type { AttemptDetails } from "../core/method/attempt-details.ts";
import { AttemptError } from "../core/method/attempt-error.ts";
import { REASONS } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Closable } from "../core/value/belongings.ts";
import { Sender } from "../outbound/sender.ts";
import { signatureHeaders } from "../outbound/signature.ts";
import { readBody } from "../outbound/body.ts";
import { IdentityToken } from "./identity-token.ts";
import { type CancelReason, cancelRequest, type TargetRequest } from "./request.ts";
import type { TargetSetting } from "./setting.ts";

/** Sends the requests of one target, and keeps its connections and its token. */
export class Caller implements Closable {
  readonly #setting: TargetSetting;
  readonly #clock: Clock;
  readonly #sender: Sender;
  readonly #identity: IdentityToken | undefined;

  constructor(setting: TargetSetting, clock: Clock) {
    const { auth } = setting;
    this.#setting = setting;
    this.#clock = clock;
    this.#sender = new Sender({ clock, userAgent: "longrunning" });
    const isToken = auth.kind === "file" || auth.kind === "command" || auth.kind === "metadata";
    this.#identity = isToken ? new IdentityToken({ source: auth, sender: this.#sender, clock }) : undefined;
  }

  /** @throws {AttemptError} UNAVAILABLE TARGET_TOKEN_UNAVAILABLE; as {@link Sender.send} */
  async post(url: URL, request: TargetRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const { body, headers } = request;
    const credentials = await within(signal, this.#credentials(request));
    return this.#sender.send(url, { headers: { ...headers, ...credentials }, body }, { signal });
  }

  /**
   * Notifies the target that the attempt is no longer needed. Never rejects, whatever the result.
   */
  async cancel(details: AttemptDetails, reason: CancelReason): Promise<void> {
    const { cancelUrl } = this.#setting;
    if (cancelUrl === undefined) return;
    const controller = new AbortController();
    const { signal } = controller;
    const late = this.#clock.after(LIMITS.httpTargetCancelMsMax, () =>
      controller.abort(new Error("too late")),
    );
    try {
      const response = await this.post(cancelUrl, cancelRequest(this.#setting, details, reason), signal);
      await readBody(response, LIMITS.httpTargetErrorBytesMax, signal);
    } catch {
      // The target notices the closed connection.
    } finally {
      late.cancel();
    }
  }

  close(): void {
    this.#sender.close();
  }

  async #credentials({ id, body }: TargetRequest): Promise<Readonly<Record<string, string>>> {
    const { auth } = this.#setting;
    if (auth.kind === "secrets") return signatureHeaders(auth.secrets, { id, body, now: this.#clock.now() });
    if (auth.kind === "bearer") return { authorization: `Bearer ${auth.token}` };
    if (this.#identity === undefined) return {};
    return { authorization: `Bearer ${await this.#identity.get().catch(unavailable)}` };
  }
}

/** Waits for a promise until the signal aborts. @throws the reason of the signal */
async function within<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", abort, { once: true });
  try {
    signal.throwIfAborted();
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
    promise.catch(() => {});
  }
}

function unavailable(error: unknown): never {
  const reason = "TARGET_TOKEN_UNAVAILABLE";
  throw new AttemptError(REASONS[reason][0], "The service has no identity token for the target.", {
    reason,
    retryDelayMs: 0,
    exception: error instanceof Error ? error.message : String(error),
  });
}
