/** Names of parameters whose values nobody may see. */
const SECRETS = /^(?:password|passwd|pass|pwd|sslpassword|token|key|secret)$/i;

/**
 * An address as it may be shown: `postgres://user:secret@host` becomes `postgres://user:***@host`. Also inside a longer text,
 * and for `?password=…` and `password=… host=…`. Rather too much is hidden than too little: a password may have been written
 * without the encoding that it needs, and then reaches further than a parser would read it.
 */
export function withoutPassword(address: string): string {
  return address
    .replaceAll(/(\b[a-z][a-z0-9+.-]*:\/\/[^:/?#@"\s]*):(?:\\.|[^"\\\n])*@/gi, "$1:***@")
    .replaceAll(/([?&;])([^=&;"\s]*)=((?:\\.|[^&;"\\\s])*)/g, (whole, sign: string, name: string) =>
      SECRETS.test(decoded(name)) ? `${sign}${name}=***` : whole,
    )
    .replaceAll(
      /((?:^|[\s"'])(?:password|passwd|sslpassword)\s*=\s*)(?:'(?:\\.|[^'\\])*'|(?:\\.|[^"'\\\s])+)/gi,
      "$1***",
    );
}

/** A text without its percent-encoding, as far as it has one. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
