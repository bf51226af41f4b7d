/** `postgres://user:secret@host` becomes `postgres://user:***@host`. */
export function maskPassword(address: string): string {
  return address
    .replace(/^("?[a-z][a-z0-9+.-]*:\/\/[^/?#@:]*):[^/?#]*@/i, "$1:***@")
    .replace(/([?&](?:password|sslpassword|token|key)=)[^&#]*/gi, "$1***");
}
