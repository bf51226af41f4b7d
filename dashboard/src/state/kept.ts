import { effect, type Signal, signal } from "@preact/signals";

/** A text stored in the browser under a name; nothing if storage is full, disabled or broken. */
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
    // Then it lasts only until the page is reloaded.
  }
}

/**
 * A signal whose value is stored in the browser and survives a reload, if storage is available.
 *
 * @param accepts whether a stored value is valid: another version may have stored it
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
