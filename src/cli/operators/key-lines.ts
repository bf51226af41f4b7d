import type { ApiKey } from "../../wire/gen/longrunning/v1/admin_keys_pb.ts";
import { oneLine, type Style } from "../output/style.ts";
import { tableLines } from "../output/table.ts";
import { timeText } from "./words.ts";

/** A table of API keys. */
export function keyLines(
  keys: readonly ApiKey[],
  { style, columns }: { readonly style: Style; readonly columns: number },
): readonly string[] {
  if (keys.length === 0) return [];
  const head = ["ID", "KEY", "CREATED", "EXPIRES", "LAST USED", "PRINCIPAL"];
  const rows = keys.map(({ id, prefix, createTime, expireTime, lastUsedTime, principal, groups }) => [
    id,
    `${oneLine(prefix)}…`,
    timeText(createTime) ?? "–",
    timeText(expireTime) ?? "never",
    timeText(lastUsedTime) ?? "never",
    oneLine([principal, ...groups].join(" ")),
  ]);
  const paint = (cell: string, row: number): string => (row === 0 ? style.dim(cell) : cell);
  return tableLines([head, ...rows], { columns, paint });
}
