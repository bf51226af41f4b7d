import type { JSX } from "preact";
import { announcement, close, notices } from "../state/notices.ts";
import { CloseIcon } from "./icons.tsx";

/** The results of actions, at the edge of the window, and the announcements for screen readers. */
export function NoticeList(): JSX.Element {
  return (
    <>
      <p class="vh" role="status">
        {announcement.value}
      </p>
      <div class="notices">
        {notices.value.map((notice) => (
          <div key={notice.id} class={`notice ${notice.tone}`}>
            <span class="text">{notice.text}</span>
            {notice.href !== undefined && <a href={notice.href}>{notice.linkText}</a>}
            <button class="icon-button" type="button" aria-label="Close" onClick={() => close(notice.id)}>
              <CloseIcon />
            </button>
          </div>
        ))}
      </div>
    </>
  );
}
