import { signal } from "@preact/signals";

const NAME = "longrunning.token";

function stored(): string {
  try {
    return sessionStorage.getItem(NAME) ?? "";
  } catch {
    return "";
  }
}

/** The operator's token, if the server asks for one; kept while the tab is open. */
export const token = signal(stored());

/** Whether the server asked for a token that the page does not have. */
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
    // Then the page asks for it again after a reload.
  }
}
