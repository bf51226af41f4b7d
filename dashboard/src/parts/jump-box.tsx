import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { pathOf, readOnce } from "../api.ts";
import { go, href, operationHref } from "../route.ts";
import { announce } from "../state/notices.ts";
import type { OperationRows } from "../wire.ts";
import { SearchIcon } from "./icons.tsx";

const FULL_NAME = /(?:^|\/)operations\/[^/]+$/;
/** A whole id, or at least four characters of its end. */
const ID_END = /^(?:…|\.\.\.)?([0-9a-f-]{4,36})$/i;
const LOOKS_LIKE_FILTER = /[=<>:]|\b(?:AND|OR|NOT)\b/;

/**
 * The target of a text: the operation for a name, an id or the end of an id; otherwise a filtered
 * list.
 */
async function targetOf(text: string): Promise<string> {
  if (FULL_NAME.test(text)) return operationHref(text.replace(/^.*\/v1\//, "").replace(/^\//, ""));
  const end = ID_END.exec(text)?.[1];
  if (end !== undefined) {
    const filter = `name = "*${end.toLowerCase()}"`;
    const found = await readOnce<OperationRows>(pathOf("operations", { filter, pageSize: 2 }));
    const [first, second] = found.operations ?? [];
    if (first?.name !== undefined && second === undefined) return operationHref(first.name);
    if (first !== undefined) return href("operations", { filter });
  }
  return href("operations", { filter: LOOKS_LIKE_FILTER.test(text) ? text : JSON.stringify(text) });
}

/** A field that leads to any operation. */
export function JumpBox(): JSX.Element {
  const text = useSignal("");
  const busy = useSignal(false);
  const submit = async (): Promise<void> => {
    const wanted = text.value.trim();
    if (wanted === "") return;
    busy.value = true;
    const target = await targetOf(wanted).catch(() => href("operations", { filter: JSON.stringify(wanted) }));
    busy.value = false;
    text.value = "";
    announce(target.includes("?") ? "Operations that match" : "Operation found");
    go(target);
  };
  return (
    <form
      class="jump"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <SearchIcon />
      <input
        id="jump"
        type="text"
        aria-label="Jump to an operation, or filter"
        placeholder="Jump or filter"
        autocomplete="off"
        spellcheck={false}
        value={text.value}
        disabled={busy.value}
        onInput={(event) => (text.value = event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
      <kbd>/</kbd>
    </form>
  );
}
