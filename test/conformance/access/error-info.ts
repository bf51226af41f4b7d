/**
 * Finds the reason and the permission of an ErrorInfo anywhere in the bytes of messages, where
 * texts appear unencoded.
 *
 * @param reasons the reasons to find
 */
export function errorInfoOf(
  bytes: Buffer,
  reasons: ReadonlySet<string>,
): { readonly reason: string | undefined; readonly permission?: string | undefined } {
  const text = bytes.toString("latin1");
  const reason = [...reasons].find((each) => text.includes(each));
  return { reason, permission: /permission[^a-z]+(longrunning\.[a-z]+\.[a-z]+)/i.exec(text)?.[1] };
}
