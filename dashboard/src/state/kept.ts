import { effect, type Signal, signal } from "@preact/signals";

/** What is kept in the browser: a text under a name, or nothing where storage is full, off or broken. */
function storedText(name: string): string | null {
  try {
    return localStorage.getItem(`longrunning.${name}`);
  } catch {
    return null;
  }
}

function keepText(name: string, text: string): void {
  try {
    localStorage.setItem(`longrunning.${name}`, text);
  } catch {
    // It lasts as long as the page then.
  }
}

/**
 * A signal whose value outlives the page, where the browser keeps things.
 *
 * @param accepts whether a value that was found is one of ours: another version may have kept it
 */
export function keptSignal<T>(name: string, initial: T, accepts: (value: unknown) => value is T): Signal<T> {
  const kept = signal(parsed(storedText(name), initial, accepts));
  let first = true;
  effect(() => {
    const text = JSON.stringify(kept.value);
    if (!first) keepText(name, text);
    first = false;
  });
  return kept;
}

function parsed<T>(text: string | null, initial: T, accepts: (value: unknown) => value is T): T {
  if (text === null) return initial;
  try {
    const value: unknown = JSON.parse(text);
    return accepts(value) ? value : initial;
  } catch {
    return initial;
  }
}
