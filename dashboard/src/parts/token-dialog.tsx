import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { readNow } from "../state/live.ts";
import { giveToken, tokenWanted } from "../state/token.ts";
import { Dialog } from "./dialog.tsx";

/** Asks once for the operator's token. */
export function TokenDialog(): JSX.Element | null {
  const text = useSignal("");
  if (!tokenWanted.value) return null;
  return (
    <Dialog title="This server asks for a token" close={() => (tokenWanted.value = false)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          giveToken(text.value.trim());
          text.value = "";
          readNow();
        }}
      >
        <label class="line">
          <span>Token</span>
          <input
            type="password"
            autocomplete="off"
            autofocus
            value={text.value}
            onInput={(event) => (text.value = event.currentTarget.value)}
          />
        </label>
        <p class="muted">It is kept in this tab until you close it.</p>
        <div class="buttons">
          <button class="button primary" type="submit">
            Go on
          </button>
        </div>
      </form>
    </Dialog>
  );
}
