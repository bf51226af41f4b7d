import { exec } from "node:child_process";
import { promisify } from "node:util";
import { LIMITS } from "../core/limits.ts";
import type { Clock } from "../core/ports/clock.ts";
import { readBytes } from "../files/file.ts";

/** The parts for reading sources. */
export interface KeySourceParts {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The time that a FIFO waits by. @default the machine's */
  readonly clock?: Clock;
}

const KEY_BYTES = 32;

/**
 * Reads a key of 32 bytes: as raw bytes, as 64 hexadecimal digits, or in base64; surrounding white
 * space is ignored.
 *
 * @throws {TypeError} with the source and the remedy; never with a part of the key
 */
export async function readKey(source: string, parts: KeySourceParts): Promise<Uint8Array> {
  const bytes = await bytesOf(source, parts);
  const key = bytes.length === KEY_BYTES ? bytes : decoded(bytes.toString("latin1").trim());
  if (key !== undefined) return key;
  throw new TypeError(
    `The key from ${source} is not valid: expected 32 bytes, raw, in base64 or in hexadecimal digits, got ${bytes.length} bytes in none of these forms. To create a key: openssl rand -base64 32`,
  );
}

function decoded(text: string): Buffer | undefined {
  if (/^[\da-f]{64}$/i.test(text)) return Buffer.from(text, "hex");
  if (!/^[\w+/-]{43}=?$/.test(text)) return undefined;
  const key = Buffer.from(text, "base64");
  return key.length === KEY_BYTES ? key : undefined;
}

async function bytesOf(source: string, { environment, clock }: KeySourceParts): Promise<Buffer> {
  const at = source.indexOf(":");
  const [kind, value] = [source.slice(0, at), source.slice(at + 1)];
  if (kind === "file") {
    try {
      return Buffer.from(await readBytes(value, LIMITS.keyOutputBytesMax, clock));
    } catch (cause) {
      const why = (cause as Error).message;
      throw new TypeError(
        `The key from ${source} cannot be read: ${why}. Give the path of a file that this user may read.`,
        { cause },
      );
    }
  }
  if (kind === "exec") return outputOf(source, value);
  const text = environment[value];
  if (text === undefined || text === "")
    throw new TypeError(
      `The key from ${source} cannot be read: the variable is not set. Set it, and start again.`,
    );
  return Buffer.from(text);
}

/** The output of a command. Its error leaves the output out, because it may be a key. */
async function outputOf(source: string, command: string): Promise<Buffer> {
  const options = {
    encoding: "buffer",
    timeout: LIMITS.keyCommandMsMax,
    maxBuffer: LIMITS.keyOutputBytesMax,
  } as const;
  try {
    return (await promisify(exec)(command, options)).stdout;
  } catch (error) {
    const { code, signal } = error as { readonly code?: unknown; readonly signal?: unknown };
    const why = typeof signal === "string" ? `ended by ${signal}` : `code ${String(code)}`;
    const next = "Run the command as this user to see its error";
    // oxlint-disable-next-line eslint/preserve-caught-error -- the error holds what the command wrote
    throw new TypeError(`The key from ${source} cannot be read (${why}). ${next}.`);
  }
}
