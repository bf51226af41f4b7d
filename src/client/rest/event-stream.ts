/** A server-sent event. */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/**
 * Parses server-sent events from text as it arrives. It ignores ids, which our events contain in
 * their data, and retry times, because the client has its own.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html, section 9.2.6
 */
export class EventReader {
  #rest = "";
  #event = "";
  #data: string[] = [];

  /** The events that are complete with this text. */
  *read(text: string): Generator<ServerEvent> {
    this.#rest += text;
    for (;;) {
      const end = /\r\n|\n|\r(?=[^])/.exec(this.#rest);
      if (end === null) return;
      const line = this.#rest.slice(0, end.index);
      this.#rest = this.#rest.slice(end.index + end[0].length);
      if (line === "") yield* this.#dispatch();
      else this.#take(line);
    }
  }

  *#dispatch(): Generator<ServerEvent> {
    const [event, data] = [this.#event, this.#data];
    this.#event = "";
    this.#data = [];
    if (data.length > 0) yield { event: event === "" ? "message" : event, data: data.join("\n") };
  }

  #take(line: string): void {
    const [, field = line, value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (field === "event") this.#event = value;
    if (field === "data") this.#data.push(value);
  }
}
