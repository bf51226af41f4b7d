import { RequestTimeout } from "./sender.ts";
import { TunnelRefused } from "./tunnel.ts";

/**
 * The reason that a request was not answered, as the end of a sentence. It contains no address and
 * no port, so that its readers learn nothing about the server's network.
 */
export function networkErrorText(error: unknown): string {
  if (error instanceof TunnelRefused) return error.message;
  if (error instanceof RequestTimeout) return `${error.message} in time`;
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  return (
    WORDS[code] ??
    (/CERT|SSL|TLS|SELF_SIGNED/.test(code) ? "its certificate is not trusted" : "the connection failed")
  );
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was closed",
  ENOTFOUND: "its name is not known",
  ENODATA: "its name is not known",
};
