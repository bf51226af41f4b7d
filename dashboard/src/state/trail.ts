import { signal } from "@preact/signals";

/** The list from which the operator came: its address, and its operations in their order. */
export const trail = signal<{ readonly address: string; readonly names: readonly string[] }>({
  address: "",
  names: [],
});

/** The previous and the next operation in the list from which the operator came. */
export function neighbours(name: string): {
  readonly newer: string | undefined;
  readonly older: string | undefined;
} {
  const { names } = trail.value;
  const at = names.indexOf(name);
  return at === -1 ? { newer: undefined, older: undefined } : { newer: names[at - 1], older: names[at + 1] };
}
