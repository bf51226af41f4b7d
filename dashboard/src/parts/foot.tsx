import type { JSX } from "preact";
import { zoneText } from "../format/time.ts";
import { now } from "../state/clock.ts";
import { keysShown } from "../state/keys.ts";
import { switchZone, zone } from "../state/preferences.ts";
import { session } from "../state/session.ts";

/** The foot of every page: versions, the time zone, and the keyboard shortcuts. */
export function Foot(): JSX.Element {
  const known = session.value;
  const other = zone.value === "UTC" ? "local times" : "UTC";
  return (
    <footer class="foot">
      {known !== undefined && <span>longrunning {known.version}</span>}
      {known !== undefined && (
        <span>
          {known.store}, schema {String(known.schema ?? 0).padStart(4, "0")}
        </span>
      )}
      <span class="grow" />
      <span>
        {zone.value === "UTC" ? "Times are in UTC" : `Times are local (${zoneText(now.value, "local")})`};{" "}
        <button class="link" type="button" onClick={switchZone}>
          show {other}
        </button>
      </span>
      <button class="link plain" type="button" onClick={() => (keysShown.value = true)}>
        <kbd>?</kbd> Keys
      </button>
    </footer>
  );
}
