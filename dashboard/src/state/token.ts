import { signal } from "@preact/signals";

const NAME = "longrunning.token";

function stored(): string {
  try {
    return sessionStorage.getItem(NAME) ?? "";
  } catch {
    return "";
  }
}

/** What the operator proves with who they are, where the server asks for it; kept while the tab is open. */
export const token = signal(stored());

/** Whether the server asked for one that we do not have. */
export const tokenWanted = signal(false);

export function askForToken(): void {
  tokenWanted.value = true;
}

export function giveToken(text: string): void {
  token.value = text;
  tokenWanted.value = false;
  try {
    sessionStorage.setItem(NAME, text);
  } catch {
    // It is asked for again after a reload.
  }
}
