import type { KeyAction } from "../../state/keys.ts";

/** The row that has the keyboard focus, and a step to another row. */
function rowLinks(): HTMLAnchorElement[] {
  return Array.from(document.querySelectorAll<HTMLAnchorElement>("a.row-link"));
}

function focusedIndex(links: readonly HTMLAnchorElement[]): number {
  const row = document.activeElement?.closest("tr") ?? null;
  return row === null ? -1 : links.findIndex((link) => link.closest("tr") === row);
}

function step(by: number): void {
  const links = rowLinks();
  const at = focusedIndex(links);
  const next = at === -1 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + by));
  links[next]?.focus();
  links[next]?.closest("tr")?.scrollIntoView({ block: "nearest" });
}

/** The name of the operation whose row has the keyboard focus. */
function focusedName(): string | undefined {
  const links = rowLinks();
  return links[focusedIndex(links)]?.dataset["name"];
}

function withRow(run: ((name: string) => void) | undefined): () => void {
  return () => {
    const name = focusedName();
    if (name !== undefined) run?.(name);
  };
}

/** The keyboard shortcuts of a table of operations. */
export function rowKeys(actions: {
  readonly select: ((name: string, range: boolean) => void) | undefined;
  readonly newer: () => void;
  readonly older: () => void;
  readonly cancel: ((name: string) => void) | undefined;
  readonly again: ((name: string) => void) | undefined;
}): KeyAction[] {
  return [
    { key: "j", what: "Next row", run: () => step(1) },
    { key: "k", what: "Previous row", run: () => step(-1) },
    { key: "x", what: "Select", run: withRow(actions.select && ((name) => actions.select?.(name, false))) },
    {
      key: "X",
      what: "Select up to here",
      run: withRow(actions.select && ((name) => actions.select?.(name, true))),
    },
    { key: "[", what: "Newer page", run: actions.newer },
    { key: "]", what: "Older page", run: actions.older },
    { key: "c", what: "Cancel", run: withRow(actions.cancel) },
    { key: "s", what: "Start again", run: withRow(actions.again) },
  ];
}
