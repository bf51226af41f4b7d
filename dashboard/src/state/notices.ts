import { signal } from "@preact/signals";

/** A short message for people: the result of an action. It disappears after some seconds. */
export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly tone: "good" | "bad";
  readonly href?: string | undefined;
  readonly linkText?: string | undefined;
}

const SHOWN_MS = 8_000;
const KEPT_MAX = 4;
let nextId = 1;

export const notices = signal<readonly Notice[]>([]);

/** The current announcement for screen readers. */
export const announcement = signal("");

export function announce(text: string): void {
  announcement.value = text;
}

/** Shows and announces a notice. Error notices stay until they are closed. */
export function tell(text: string, rest: Omit<Partial<Notice>, "id" | "text"> = {}): void {
  const notice: Notice = { id: nextId++, text, tone: "good", ...rest };
  notices.value = [...notices.value, notice].slice(-KEPT_MAX);
  announce(text);
  if (notice.tone === "good") setTimeout(() => close(notice.id), SHOWN_MS);
}

export function close(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}
