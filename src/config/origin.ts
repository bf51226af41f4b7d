/**
 * Whether a text is an origin as browsers send it: without a path and without the default port of
 * its scheme.
 */
export function isOrigin(text: string): boolean {
  if (text === "*") return true;
  if (!/^https?:\/\/[^\s,/?#]+$/.test(text) || !URL.canParse(text)) return false;
  return new URL(text).origin === text.toLowerCase();
}
