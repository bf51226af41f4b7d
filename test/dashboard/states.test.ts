import assert from "node:assert/strict";
import { after, before, beforeEach, suite, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { SKIP, sessionShown, startBrowser, watchedPage } from "./support/browser.ts";
import { type At, sampleOf } from "./support/fixture-data.ts";
import { nameOf } from "./support/fixture-operations.ts";
import { type Fixture, refusal, startFixture } from "./support/fixture-server.ts";

const at: At = (ago) => new Date(Date.now() - ago).toISOString();

/** States that a real server rarely has: empty, slow, refusing, without statistics. */
suite("states", { skip: SKIP }, () => {
  let browser: Browser;
  let fixture: Fixture;
  const failed = nameOf("acme/locations/eu", "7de19a31c032");
  before(async () => {
    browser = await startBrowser();
    fixture = await startFixture();
  });
  beforeEach(() => {
    fixture.sample = sampleOf(Date.now());
    fixture.instead = () => undefined;
    fixture.reads.length = 0;
    fixture.changes.length = 0;
  });
  after(async () => {
    await browser.close();
    await fixture[Symbol.asyncDispose]();
  });

  async function onPage(route: string, look: (page: Page) => Promise<void>): Promise<void> {
    const { page, context, problems } = await watchedPage(browser);
    await page.goto(fixture.url + route);
    await look(page);
    assert.deepEqual(problems, []);
    await context.close();
  }

  test("nothing has happened yet: tiles at 0, and how to begin", async () => {
    const methods = [{ method: "createArchive", declared: true, workers: 1 }];
    fixture.sample.summary = {
      asOf: at(0),
      countedSince: at(60_000),
      methods,
      bucket: "60s",
      workers: 1,
      slots: 8,
    };
    await onPage("#/", async (page) => {
      await page.getByText("No operation yet.").waitFor();
      assert.deepEqual(await page.locator(".tiles b").allTextContents(), ["0", "0", "0", "0", "0"]);
      await page.getByText("longrunning start createArchive --json '{}'").waitFor();
      await page.getByRole("button", { name: "Start one" }).click();
      await page.getByRole("dialog").getByRole("textbox", { name: "Request" }).waitFor();
    });
  });

  test("nothing needs attention", async () => {
    fixture.sample.summary["attention"] = [];
    await onPage("#/", async (page) => await page.getByText("Nothing needs attention.").waitFor());
  });

  test("a link from the server that is not an address of the page is not followed", async () => {
    fixture.sample.summary["attention"] = [
      { rule: "late", method: "m", sentence: "is late", linkText: "Show", link: "javascript:alert(1)" },
    ];
    await onPage("#/", async (page) => {
      await page.getByText("is late").waitFor();
      assert.equal(await page.locator(".attention a").count(), 0);
    });
  });

  test("statistics for a shorter time than the range; statistics that are out of date", async () => {
    fixture.sample.summary["countedSince"] = at(600_000);
    fixture.sample.summary["stale"] = true;
    await onPage("#/", async (page) => {
      await page.getByText(/^Counted since/).waitFor();
      await page.getByText("counts are old").waitFor();
    });
  });

  test("no statistics: no charts, and the reason", async () => {
    fixture.sample.session["statistics"] = false;
    await onPage("#/", async (page) => {
      await page.getByText(/keeps no statistics/).waitFor();
      assert.equal(await page.getByText("Finished per minute").count(), 0);
    });
    fixture.sample.failures = { asOf: at(0) };
    await onPage("#/failures", async (page) => await page.getByText("Failures are not counted.").waitFor());
  });

  test("lists: none at all, none that matches, none among the operations that were examined", async () => {
    fixture.sample.rows = [];
    await onPage("#/operations", async (page) => await page.getByText("No operation yet.").waitFor());
    await onPage("#/operations?view=failed", async (page) => {
      await page.getByText("No operation matches.").waitFor();
      await page.getByRole("link", { name: "Show all operations" }).waitFor();
    });
  });

  test("older operations are searched on demand, ten pages at most, and the search can be stopped", async () => {
    const pages = { asked: 0, last: 4 };
    const rows = fixture.sample.rows;
    fixture.instead = (path, query) => {
      if (path !== "operations") return undefined;
      const page = Number(query.get("pageToken") ?? 0);
      pages.asked = Math.max(pages.asked, page);
      const body = {
        lookedAt: 10_000,
        lookedBackTo: at(page * 3_600_000),
        asOf: at(0),
        nextPageToken: `${page + 1}`,
      };
      return { body: page === pages.last ? { ...body, operations: rows } : body };
    };
    await onPage("#/operations?view=failed", async (page) => {
      await page.getByText("None among these 10,000 operations.").waitFor();
      await page.getByRole("button", { name: "Look further back" }).click();
      await page.locator("tbody tr").first().waitFor();
      await page.getByText(/Looked at 1\d0,000 operations/).waitFor();
      assert.equal(pages.asked, 10);
    });
    pages.last = 99;
    pages.asked = 0;
    fixture.instead = (path, query) => {
      if (path !== "operations") return undefined;
      pages.asked = Number(query.get("pageToken") ?? 0);
      return pages.asked === 3
        ? { hold: true }
        : { body: { lookedAt: 10_000, asOf: at(0), nextPageToken: `${pages.asked + 1}` } };
    };
    await onPage("#/operations?view=failed", async (page) => {
      await page.getByRole("button", { name: "Look further back" }).click();
      await page.getByRole("button", { name: "Stop looking" }).click();
      await page.getByRole("button", { name: "Look further back" }).waitFor();
      assert.ok(pages.asked <= 3);
    });
  });

  test("missing methods, workers and failures", async () => {
    fixture.sample.methods = { asOf: at(0) };
    await onPage("#/methods", async (page) => await page.getByText("No method is declared.").waitFor());
    fixture.sample.workers = { asOf: at(0) };
    await onPage("#/workers", async (page) => {
      await page.getByText("No worker is running. 80 operations wait.").waitFor();
    });
    fixture.sample.failures = { asOf: at(0) };
    await onPage("#/failures", async (page) => await page.getByText("Nothing failed.").waitFor());
    await onPage(
      "#/methods/nothing",
      async (page) => await page.getByText("There is no such method.").waitFor(),
    );
    await onPage("#/nowhere", async (page) => await page.getByText("There is no such page").waitFor());
  });

  test("a thousand methods: fifty at first, more on demand, and one by its name", async () => {
    const [method = {}] = (fixture.sample.methods["methods"] ?? []) as Record<string, string>[];
    const methods = Array.from({ length: 1_000 }, (_, index) => ({ ...method, method: `method${index}` }));
    fixture.sample.methods = { methods, asOf: at(0) };
    await onPage("#/methods", async (page) => {
      await page.getByRole("heading", { name: "1,000 methods" }).waitFor();
      assert.equal(await page.locator("tbody tr").count(), 50);
      await page.getByRole("button", { name: "Show 50 more" }).click();
      await page.getByText("100 of 1,000").waitFor();
      assert.equal(await page.locator("tbody tr").count(), 100);
      await page.getByRole("textbox", { name: "Name" }).fill("HOD99");
      await page.getByRole("heading", { name: "11 methods" }).waitFor();
      await page.reload();
      await page.getByRole("heading", { name: "11 methods" }).waitFor();
      assert.equal(await page.locator("tbody tr").count(), 11);
    });
  });

  test("a silent worker shows what will happen to its attempts", async () => {
    await onPage("#/workers", async (page) => {
      await page.getByText(/^silent 4\d s, its 3 leases end within 1\d s$/).waitFor();
      await page.getByText("differs").waitFor();
    });
  });

  test("a vanished worker is shown, but no longer counted", async () => {
    await onPage("#/workers", async (page) => {
      await page.getByRole("heading", { name: "5 processes" }).waitFor();
      await page.getByText("61 of 128 slots busy").waitFor();
      const row = page.locator("tbody tr", { hasText: "app-5-66-9c2e" });
      await row.getByText(/^vanished \d\d:\d\d, with 2 attempts$/).waitFor();
    });
  });

  test("before the first answer the page says that it is loading; a refusal is shown in the server's words", async () => {
    fixture.instead = (path) => (path === "summary" ? { hold: true } : undefined);
    await onPage("#/", async (page) => await page.getByText("Reading…").waitFor());
    let refused = true;
    fixture.instead = (path) =>
      path === "workers" && refused
        ? refusal(
            403,
            "PERMISSION_DENIED",
            "HOST_REFUSED",
            "The request is for a host that this server does not know.",
          )
        : undefined;
    await onPage("#/workers", async (page) => {
      await page.getByText("The request is for a host that this server does not know.").waitFor();
      await page.getByText("HOST_REFUSED").waitFor();
      refused = false;
      await page.getByRole("button", { name: "Try again" }).click();
      await page.getByText("5 processes").waitFor();
    });
  });

  test("old content stays, dimmed, while another range is read", async () => {
    await onPage("#/", async (page) => {
      await page.getByText("Finished per minute").waitFor();
      fixture.instead = (path, query) =>
        path === "summary" && query.get("range") === "7d" ? { hold: true } : undefined;
      await page.getByRole("link", { name: "7 days" }).click();
      await page.locator(".stack.old").waitFor();
      assert.ok(await page.getByText("Finished per minute").isVisible());
    });
  });

  test("an operator with read access finds no button", async () => {
    fixture.sample.session["access"] = ["read"];
    for (const route of ["#/", "#/operations", `#/operations/${failed}`, "#/methods/resizeDisk"]) {
      await onPage(route, async (page) => {
        await page.locator("main table").first().waitFor();
        await sessionShown(page);
        const buttons = page.getByRole("button", {
          name: /^(?:Start|Cancel|Delete|Pause…|Resume)/,
        });
        assert.deepEqual(await buttons.allTextContents(), []);
        assert.equal(await page.getByRole("checkbox", { name: /Select/ }).count(), 0);
      });
    }
  });

  test("a server that requires a token asks once, and the tab keeps it", async () => {
    const wanted = refusal(401, "UNAUTHENTICATED", "ADMIN_UNAUTHENTICATED", "A token is needed.");
    fixture.instead = (_path, _query, { headers }) =>
      headers.authorization === "Bearer s3cret" ? undefined : wanted;
    await onPage("#/", async (page) => {
      await page.locator("input[type=password]").fill("s3cret");
      await page.getByRole("button", { name: "Go on" }).click();
      await page.getByText("Finished per minute").waitFor();
      await page.reload();
      await page.getByText("Finished per minute").waitFor();
    });
  });

  test("pausing a method explains what it does, and resuming ends the pause", async () => {
    await onPage("#/methods/exportReport", async (page) => {
      await page.getByRole("button", { name: "Pause…" }).click();
      const dialog = page.getByRole("dialog");
      await dialog
        .getByText(
          "No process begins new attempts. 24 running attempts continue. Callers can still start operations.",
        )
        .waitFor();
      await dialog.getByRole("button", { name: "Pause", exact: true }).click();
      await page.getByText("exportReport is paused.").first().waitFor();
    });
    await onPage("#/methods/restoreArchive", async (page) => {
      await page.getByRole("button", { name: "Resume" }).click();
      await page.getByText("restoreArchive is resumed.").first().waitFor();
    });
    assert.deepEqual(
      fixture.changes.map(({ path }) => path),
      ["methods/exportReport:pause", "methods/restoreArchive:resume"],
    );
  });
});
