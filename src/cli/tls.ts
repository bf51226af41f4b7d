import { resolve } from "node:path";
import type { Tell } from "../core/events.ts";
import { LIMITS } from "../core/limits.ts";
import { readWhole } from "../files/file.ts";
import type { ServeOptions } from "../assembly/options.ts";
import type { Served } from "../assembly/serve.ts";
import { tellOutdated } from "./certificate.ts";
import { CommandError, errorForLog } from "./exit.ts";
import type { Io } from "./io.ts";

/** The TLS files. Relative paths are resolved against the directory of the command. */
export interface TlsFiles {
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly tlsClientCa?: string | undefined;
}

type TlsPair = NonNullable<ServeOptions["tls"]>;

/**
 * Reads the certificate and the key; undefined if neither is set.
 *
 * @throws {CommandError} if only one is set, or a file cannot be read
 */
export async function readTls(io: Io, files: TlsFiles): Promise<TlsPair | undefined> {
  const { tlsCert, tlsKey, tlsClientCa } = files;
  if (tlsCert === undefined && tlsKey === undefined && tlsClientCa === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    const given = (["tlsCert", "tlsKey", "tlsClientCa"] as const).find((each) => files[each] !== undefined);
    const missing = tlsCert === undefined ? "tlsCert" : "tlsKey";
    throw new CommandError(
      "usage",
      `${given} is set and ${missing} is not.`,
      "TLS takes both: --tls-cert FILE --tls-key FILE.",
    );
  }
  // One after the other, so that the first missing file is reported.
  const cert = await readPem(io, "tlsCert", tlsCert);
  const pair = { cert, key: await readPem(io, "tlsKey", tlsKey) };
  if (tlsClientCa === undefined) return pair;
  return { ...pair, clientCa: await readPem(io, "tlsClientCa", tlsClientCa) };
}

/** Reads the file of a setting. @throws {CommandError} if it cannot be read */
export async function readPem(io: Io, setting: string, file: string): Promise<Buffer> {
  try {
    return Buffer.from(await readWhole(resolve(io.directory, file), LIMITS.settingsFileBytesMax));
  } catch (error) {
    throw new CommandError(
      "usage",
      `${setting}: "${file}" cannot be read: ${(error as Error).message}.`,
      "Give the path of a PEM file that this user may read.",
    );
  }
}

/**
 * Reads the files again on SIGHUP. It reports an unusable new pair, and keeps the old one. It also
 * reports a certificate that clients refuse because of its dates, the first one included.
 *
 * @returns a function that removes the listener
 */
export function renewTlsOnHangup(
  io: Io,
  files: TlsFiles,
  {
    pair: first,
    served,
    tell,
  }: { readonly pair: TlsPair; readonly served: Pick<Served, "renewTls">; readonly tell: Tell },
): () => void {
  tellOutdated(first.cert, { tell, now: io.clock.now() });
  const renew = async (): Promise<void> => {
    try {
      const pair = await readTls(io, files);
      if (pair === undefined) return;
      served.renewTls(pair);
      tell["tls.renewed"]?.({ tlsCert: files.tlsCert });
      tellOutdated(pair.cert, { tell, now: io.clock.now() });
    } catch (error) {
      tell["tls.not-renewed"]?.({ error: errorForLog(error) });
    }
  };
  return io.onHangup(() => void renew());
}
