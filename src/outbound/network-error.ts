import { RequestTimeout } from "./sender.ts";
import { TunnelRefused } from "./tunnel.ts";

/**
 * What kept a request from being answered, as the end of a sentence. No address and no port is in it: those who read it are to
 * learn nothing of the network of the server.
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
