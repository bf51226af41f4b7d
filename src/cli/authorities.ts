import { CommandError } from "./exit.ts";
import type { Io } from "./io.ts";
import { readPem } from "./tls.ts";

/**
 * Trusts the certificate authorities in the file of `--ca`, everywhere in this process.
 *
 * @param file relative to the directory of the command, or absolute
 * @throws {CommandError} if the file cannot be read, or has no certificate
 */
export async function trustFile(io: Io, file: string): Promise<void> {
  const pem = await readPem(io, "ca", file);
  const { trustAuthorities } = await import("../assembly/authorities.ts");
  try {
    trustAuthorities(pem.toString());
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CommandError("usage", `${error.message}.`, "Give --ca the PEM file of the authority.");
  }
}
