import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { timeText } from "../format/time.ts";
import { href } from "../route.ts";
import { now } from "../state/clock.ts";
import { lostSince, paused, togglePause } from "../state/live.ts";
import { nextTheme, theme, zone } from "../state/preferences.ts";
import { seesAll, session } from "../state/session.ts";
import { Brand, ThemeIcon } from "./icons.tsx";
import { JumpBox } from "./jump-box.tsx";

const SECTIONS = [
  ["", "Overview"],
  ["operations", "Operations"],
  ["methods", "Methods"],
  ["workers", "Workers"],
] as const;

/**
 * The pages of this server. Webhooks are listed if the server has them and the operator sees all
 * collections.
 */
function sections(): readonly (readonly [path: string, title: string])[] {
  const hasWebhooks = session.value?.webhooks === true && seesAll();
  return hasWebhooks ? [...SECTIONS, ["webhooks", "Webhooks"]] : SECTIONS;
}

/** The top of every page. */
export function TopBar({ section }: { section: string }): JSX.Element {
  const nav = useRef<HTMLElement>(null);
  const shown = sections();
  useEffect(() => {
    // A narrow screen has no room for the links side by side.
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [section, shown.length]);
  return (
    <header class="top">
      <a class="brand" href={href("")}>
        <Brand />
        longrunning <span>{serviceName()}</span>
      </a>
      <nav class="nav" aria-label="Main" ref={nav}>
        {shown.map(([path, title]) => (
          <a key={path} href={href(path)} aria-current={section === path ? "page" : undefined}>
            {title}
          </a>
        ))}
      </nav>
      <span class="grow" />
      <JumpBox />
      <LiveBadge />
      <button
        class="icon-button"
        type="button"
        aria-label={`Theme: ${theme.value}`}
        title={`Theme: ${theme.value} (t)`}
        onClick={nextTheme}
      >
        <ThemeIcon />
      </button>
    </header>
  );
}

/** The name of the service, if it has one. */
function serviceName(): string {
  const name = session.value?.service ?? "";
  return name === "longrunning" ? "" : name;
}

/** Whether the page is live; a click pauses and resumes it. */
function LiveBadge(): JSX.Element {
  const lost = lostSince.value;
  if (lost !== undefined) {
    return (
      <span class="live lost">
        <i />
        Unreachable since {timeText(lost, now.value, zone.value)}
      </span>
    );
  }
  const stopped = paused.value;
  return (
    <button
      class={`live ${stopped ? "paused" : ""}`}
      type="button"
      title={stopped ? "Resume (p)" : "Pause (p)"}
      onClick={togglePause}
    >
      <i />
      {stopped ? "Paused" : "Live"}
      <span class="vh">: {stopped ? "resume" : "pause"}</span>
    </button>
  );
}
