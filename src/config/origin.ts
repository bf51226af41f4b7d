/** Whether a text is an origin as browsers send it: no path, no port that its scheme implies. */
export function isOrigin(text: string): boolean {
  if (text === "*") return true;
  if (!/^https?:\/\/[^\s,/?#]+$/.test(text) || !URL.canParse(text)) return false;
  return new URL(text).origin === text.toLowerCase();
}
