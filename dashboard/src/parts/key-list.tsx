import type { JSX } from "preact";
import { EVERYWHERE, keysShown } from "../state/keys.ts";
import { keysOn } from "../state/preferences.ts";
import { Dialog } from "./dialog.tsx";

const PLACES = [
  ["j k", "Next and previous row, or operation"],
  ["Enter", "Open the row"],
  ["x X", "Select the row, or all rows up to it"],
  ["[ ]", "Newer and older page"],
  ["c", "Cancel"],
  ["s", "Start again"],
  ["g o", "Operations"],
  ["g p", "Overview"],
  ["g m", "Methods"],
  ["g w", "Workers"],
  ["g f", "Failures"],
  ["g h", "Webhooks, if the server has them"],
  ["?", "These keys"],
  ["Esc", "Close, or leave a field"],
] as const;

/** All keyboard shortcuts, and the switch that turns them off. */
export function KeyList(): JSX.Element | null {
  if (!keysShown.value) return null;
  return (
    <Dialog title="Keyboard shortcuts" wide close={() => (keysShown.value = false)}>
      <dl class="keys">
        {[...EVERYWHERE.map(({ key, what }) => [key, what] as const), ...PLACES].map(([key, what]) => (
          <div key={key}>
            <dt>
              {key.split(" ").map((each) => (
                <kbd key={each}>{each}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <label class="option">
        <input
          type="checkbox"
          checked={keysOn.value}
          onChange={(event) => (keysOn.value = event.currentTarget.checked)}
        />
        Enable single-key shortcuts
      </label>
      <div class="buttons">
        <button class="button" type="button" autofocus onClick={() => (keysShown.value = false)}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
