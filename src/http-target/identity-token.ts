import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { LIMITS } from "../core/limits.ts";
import type { Clock } from "../core/ports/clock.ts";
import { readBytes } from "../files/file.ts";
import type { Sender } from "../outbound/sender.ts";
import { HTTP_OK } from "../wire/code.ts";
import { type AuthSetting, isBearerToken } from "./auth-setting.ts";
import { readBody } from "../outbound/body.ts";

/** The source of a token. */
export type TokenSource = Extract<AuthSetting, { readonly kind: "file" | "command" | "metadata" }>;

/** The parts of {@link IdentityToken}. */
export interface IdentityTokenParts {
  readonly source: TokenSource;
  readonly sender: Sender;
  readonly clock: Clock;
}

/**
 * The identity token of a target. Concurrent requests share one read. A token with an expiry is
 * cached until shortly before it, but not that of a file, whose writer decides when it changes.
 */
export class IdentityToken {
  readonly #parts: IdentityTokenParts;
  #known: { readonly token: string; readonly until: number } | undefined;
  #underWay: Promise<string> | undefined;

  constructor(parts: IdentityTokenParts) {
    this.#parts = parts;
  }

  /** The token. @throws {TypeError} with the source and the problem, never with a token */
  get(): Promise<string> {
    const { clock, source } = this.#parts;
    if (source.kind !== "file" && this.#known !== undefined && clock.now() < this.#known.until)
      return Promise.resolve(this.#known.token);
    this.#underWay ??= this.#make().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #make(): Promise<string> {
    const token = (await this.#read()).trim();
    if (!isBearerToken(token))
      throw new TypeError(
        `${nameOf(this.#parts.source)} gave no token: ${token.length} characters of another kind`,
      );
    const expires = expiryOf(token);
    this.#known =
      expires === undefined ? undefined : { token, until: expires - LIMITS.identityTokenMarginMs };
    return token;
  }

  async #read(): Promise<string> {
    const { source, clock } = this.#parts;
    const bytesMax = LIMITS.identityTokenLengthMax * 2;
    try {
      if (source.kind === "metadata") return await this.#asked(source.url);
      if (source.kind === "file")
        return Buffer.from(await readBytes(source.path, bytesMax, clock)).toString();
      const options = { timeout: LIMITS.identityTokenMsMax, maxBuffer: bytesMax };
      return (await promisify(execFile)(source.program, source.args, options)).stdout;
    } catch (error) {
      const { code, signal, message } = error as Partial<Record<"code" | "signal" | "message", unknown>>;
      const word = [signal, code, message].find(
        (each) => typeof each === "string" || typeof each === "number",
      );
      // oxlint-disable-next-line eslint/preserve-caught-error -- the error holds what the command wrote
      throw new TypeError(`${nameOf(source)} gave no token: ${word ?? "it failed"}`);
    }
  }

  async #asked(url: URL): Promise<string> {
    const { sender, clock } = this.#parts;
    const controller = new AbortController();
    const late = clock.after(LIMITS.identityTokenMsMax, () =>
      controller.abort(new Error("no answer in time")),
    );
    try {
      const { signal } = controller;
      const request = { method: "GET", headers: { "metadata-flavor": "Google" } } as const;
      const response = await sender.send(url, request, { signal });
      const { bytes } = await readBody(response, LIMITS.identityTokenLengthMax * 2, signal);
      if (response.statusCode === HTTP_OK) return bytes.toString();
      throw new Error(`it answered ${response.statusCode ?? 0}`);
    } finally {
      late.cancel();
    }
  }
}

function nameOf(source: TokenSource): string {
  if (source.kind === "file") return `The file ${source.path}`;
  return source.kind === "command"
    ? `The command ${source.program}`
    : `The metadata server ${source.url.host}`;
}

/** The expiry of a JWT in milliseconds since the Unix epoch; undefined for none. */
function expiryOf(token: string): number | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    const { exp } = claims as { readonly exp?: unknown };
    return typeof exp === "number" && Number.isFinite(exp) ? exp * 1_000 : undefined;
  } catch {
    return undefined;
  }
}
