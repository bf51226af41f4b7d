import { resolve } from "node:path";
import { LIMITS } from "../core/limits.ts";
import { readBytes } from "../files/file.ts";

/** The places of secrets outside a methods file. */
export interface SecretPlaces {
  /** Relative paths begin here. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The same syntax as for KEK sources. Neither a secret nor a bearer token contains a colon. */
const PLACE = /^(?<kind>env|file):(?<where>.+)$/s;

/**
 * The secret that a text means: the value of `env:NAME`, the content of `file:PATH`, or the text
 * itself. White space around the value or the content is removed.
 *
 * @throws {TypeError} if the place has no secret; the message never contains one
 */
export async function secretOf(text: string, { folder, environment }: SecretPlaces): Promise<string> {
  const { kind, where = "" } = PLACE.exec(text)?.groups ?? {};
  if (kind === undefined) return text;
  const found =
    kind === "env" ? environment[where]?.trim() : (await contentOf(resolve(folder, where), where)).trim();
  if (found !== undefined && found !== "") return found;
  throw new TypeError(
    kind === "env" ? `the variable ${where} is not set, or empty` : `the file "${where}" is empty`,
  );
}

async function contentOf(path: string, shown: string): Promise<string> {
  const max = LIMITS.methodsFileSecretBytesMax;
  try {
    const bytes = await readBytes(path, max);
    if (bytes.length <= max) return Buffer.from(bytes).toString("utf8");
  } catch (error) {
    throw new TypeError(`the file "${shown}" cannot be read: ${(error as Error).message}`, { cause: error });
  }
  throw new TypeError(`the file "${shown}" has more than ${max} bytes`);
}
