/** Names of parameters with secret values. */
const SECRETS = /^(?:password|passwd|pass|pwd|sslpassword|token|key|secret)$/i;

/**
 * An address for messages: `postgres://user:secret@host` becomes `postgres://user:***@host`. It
 * also works inside a longer text, and for `?password=…` and `password=… host=…`. It hides too much
 * rather than too little: a password without its necessary encoding is longer than a parser would
 * read it.
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

/** A text with its percent-encoding decoded as far as possible. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
