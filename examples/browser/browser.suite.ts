import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { after, before, suite, test } from "node:test";
import { runInNewContext } from "node:vm";
import { EventSource } from "eventsource";
import { operations, server } from "./browser.ts";

/**
 * The script of the page runs with simple elements that record their contents, and with an
 * EventSource as in browsers.
 */

/** An element of the page; a test waits until it shows a text. */
class Element {
  disabled = false;
  value = 0;
  onclick: (() => unknown) | undefined;
  readonly #waiting = new Map<RegExp, () => void>();
  #text = "";

  get textContent(): string {
    return this.#text;
  }

  set textContent(text: string) {
    this.#text = text;
    for (const [pattern, resolve] of this.#waiting) if (pattern.test(text)) resolve();
  }

  shows(pattern: RegExp): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.set(pattern, resolve);
    this.textContent = this.#text;
    return promise;
  }
}

let url = "";

/** Opens the page as the server answers it. */
async function openPage(hash = "") {
  const html = await (await fetch(url)).text();
  assert.equal(html, readFileSync(new URL("index.html", import.meta.url), "utf8"));
  const [, script] = /<script type="module">([^]*)<\/script>/.exec(html) ?? assert.fail(html);
  const ids = ["start", "cancel", "progress", "status"] as const;
  const elements = Object.fromEntries(ids.map((id) => [id, new Element()])) as Record<
    (typeof ids)[number],
    Element
  >;
  const location = { hash };
  class PageEvents extends EventSource {
    constructor(path: string) {
      super(`${url}${path}`);
    }
  }
  runInNewContext(script ?? "", {
    document: { getElementById: (id: keyof typeof elements) => elements[id] },
    fetch: (path: string, options: RequestInit) => fetch(`${url}${path}`, options),
    EventSource: PageEvents,
    location,
  });
  return { ...elements, location };
}

/** Declares the tests of the page, for a file that runs the tests of all examples in one process. */
export function pageSuite(): void {
  suite("the page of examples/browser:", () => {
    before(async () => {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    after(async () => {
      server.close();
      await operations.stop();
    });

    test("starts an operation, shows its progress and cancels it", async () => {
      const { start, cancel, progress, status, location } = await openPage();
      const shown = status.shows(/^Page \d+ of 50$/);
      const ended = status.shows(/^The operation was cancelled\.$/);
      await start.onclick?.();
      await shown;
      assert.deepEqual([start.disabled, cancel.disabled], [true, false]);
      assert.ok(progress.value >= 2);
      assert.match(location.hash, /^operations\//);
      cancel.onclick?.();
      await ended;
      assert.deepEqual([start.disabled, cancel.disabled, location.hash], [false, true, ""]);
    });

    test("shows the operation in its address when it is reloaded", async () => {
      const body = JSON.stringify({ pages: 1 });
      const { name } = (await (await fetch(`${url}/v1:printPages`, { method: "POST", body })).json()) as {
        readonly name: string;
      };
      const { status, progress } = await openPage(`#${name}`);
      await status.shows(/^Printed\.$/);
      assert.equal(progress.value, 100);
      const later = await openPage(`#operations/01a22925-0000-7000-8000-000000000000`);
      await later.status.shows(/^The operation cannot be watched\.$/);
    });
  });
}
