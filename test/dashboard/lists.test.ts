import assert from "node:assert/strict";
import { after, before, beforeEach, suite, test } from "node:test";
import type { Browser } from "playwright-core";
import { SKIP, startBrowser, watchedPage } from "./support/browser.ts";
import { sampleOf } from "./support/fixture-data.ts";
import { type Fixture, refusal, startFixture } from "./support/fixture-server.ts";

suite("lists", { skip: SKIP }, () => {
  let browser: Browser;
  let fixture: Fixture;
  before(async () => {
    browser = await startBrowser();
    fixture = await startFixture();
  });
  beforeEach(() => {
    fixture.sample = sampleOf(Date.now());
    fixture.instead = () => undefined;
    fixture.changes.length = 0;
    fixture.reads.length = 0;
  });
  after(async () => {
    await browser.close();
    await fixture[Symbol.asyncDispose]();
  });

  test("an invalid filter keeps the rows, and the character is marked", async () => {
    const message = "Invalid filter at character 11: expected one of the fields, found “b”.";
    fixture.instead = (path, query) =>
      path === "operations" && (query.get("filter") ?? "").includes("𝒷")
        ? refusal(400, "INVALID_ARGUMENT", "FILTER_INVALID", message)
        : undefined;
    const { page, context } = await watchedPage(browser);
    await page.goto(`${fixture.url}#/operations`);
    await page.locator("tbody tr").first().waitFor();
    await page.getByRole("combobox", { name: "Filter" }).fill("a = 𝒷 AND foo = 1");
    await page.keyboard.press("Enter");
    await page.getByText(message).waitFor();
    // The sixth character takes two code units in JavaScript; the server counts it as one.
    assert.equal(await page.locator(".mirror mark").textContent(), "f");
    assert.equal(await page.locator(".mirror").textContent(), "a = 𝒷 AND foo = 1");
    assert.ok((await page.locator("tbody tr").count()) > 0);
    assert.equal(await page.getByRole("combobox", { name: "Filter" }).getAttribute("aria-invalid"), "true");
    await context.close();
  });

  test("fields, states, codes and methods are completed with the keyboard", async () => {
    const { page, context } = await watchedPage(browser);
    await page.goto(`${fixture.url}#/operations`);
    await page.locator("tbody tr").first().waitFor();
    const field = page.getByRole("combobox", { name: "Filter" });
    await page.keyboard.press("f");
    await page.keyboard.type("sta");
    await page.getByRole("option", { name: "metadata.state" }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.keyboard.type(" = FA");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Tab");
    await page.keyboard.type(" AND metadata.verb = exp");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    assert.equal(await field.inputValue(), "metadata.state = FAILED AND metadata.verb = exportReport");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => location.hash.includes("exportReport"));
    await context.close();
  });

  test("the address contains the whole view: back, forward, reload and another browser show the same", async () => {
    const { page, context } = await watchedPage(browser);
    await page.goto(`${fixture.url}#/operations`);
    await page.getByRole("navigation", { name: "Views" }).getByText("Failed").click();
    await page.getByRole("combobox", { name: "Method" }).selectOption("exportReport");
    // The list has four rows before this choice too, so the test waits for the read of the new view.
    const read = page.waitForRequest((request) => /metadata\.endTime\+%3E\+%22/.test(request.url()));
    await page.getByRole("combobox", { name: "Ended" }).selectOption("1h");
    await read;
    await page.waitForFunction(() => document.querySelectorAll("a.row-link").length === 4);
    const address = page.url();
    await page.goBack();
    await page.waitForFunction(() => !location.hash.includes("ended"));
    await page.goForward();
    assert.equal(page.url(), address);
    await page.reload();
    await page.waitForFunction(() => document.querySelectorAll("a.row-link").length === 4);
    const other = await watchedPage(browser);
    await other.page.goto(address);
    await other.page.waitForFunction(() => document.querySelectorAll("a.row-link").length === 4);
    assert.equal(await other.page.getByRole("combobox", { name: "Ended" }).inputValue(), "1h");
    await other.context.close();
    await context.close();
  });

  test("a saved view survives a reload; without storage it lasts as long as the page", async () => {
    const { page, context, problems } = await watchedPage(browser);
    const save = async (name: string): Promise<void> => {
      await page.getByRole("button", { name: "Save view" }).click();
      await page.getByLabel("Name").fill(name);
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name }).waitFor();
    };
    await page.goto(`${fixture.url}#/operations?view=failed&method=sendInvoice`);
    await save("Invoices");
    await page.reload();
    const link = page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "Invoices" });
    await link.waitFor();
    await page.evaluate(() => {
      Storage.prototype.setItem = () => {
        throw new DOMException("Full", "QuotaExceededError");
      };
    });
    await page.goto(`${fixture.url}#/operations?view=failed&method=exportReport`);
    await save("Reports");
    await page.getByRole("button", { name: "Remove the view Reports" }).click();
    await link.click();
    await page.waitForFunction(() => document.querySelectorAll("a.row-link").length === 1);
    assert.deepEqual(problems, []);
    await context.close();
  });

  test("an action affects exactly the operations that were counted, in the words that were shown", async () => {
    const notAfter = new Date(Date.now() - 1_000).toISOString();
    const counted = {
      count: 1_466,
      complete: true,
      lookedAt: 1_466,
      notAfter,
      examples: fixture.sample.rows,
      done: 0,
    };
    fixture.instead = (path) => (path === "operations:count" ? { body: counted } : undefined);
    const { page, context } = await watchedPage(browser);
    await page.goto(`${fixture.url}#/operations?view=notdone&method=createArchive`);
    await page
      .getByRole("checkbox", { name: /^Select createArchive/ })
      .first()
      .check();
    await page.getByRole("button", { name: "Select all that match" }).click();
    await page.getByRole("button", { name: "Select all 1,466 that match" }).click();
    await page.getByText("All 1,466 selected").waitFor();
    await page.getByRole("group", { name: "Selection" }).getByRole("button", { name: "Cancel" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("done = false").waitFor();
    assert.ok(await dialog.getByText("1,466", { exact: true }).isVisible());
    const go = dialog.getByRole("button", { name: "Cancel them" });
    assert.ok(await go.isDisabled());
    await dialog.getByRole("textbox").fill("1466");
    await go.dblclick();
    await page.getByText("Started, as an operation of its own.").first().waitFor();
    assert.equal(fixture.changes.length, 1);
    const { requestId, ...body } = fixture.changes[0]?.body ?? {};
    assert.match(String(requestId), /^bulk\/[0-9a-f]{24}$/);
    assert.deepEqual(body, {
      action: "cancel",
      collection: "",
      method: "createArchive",
      filter: "done = false",
      notAfter,
      expected: 1_466,
    });
    await context.close();
  });

  test("an incomplete count says so, and a view that is evaluated in the page offers no action on a filter", async () => {
    fixture.instead = (path) =>
      path === "operations:count"
        ? { body: { count: 214, lookedAt: 10_000, notAfter: new Date().toISOString(), done: 214 } }
        : undefined;
    const { page, context } = await watchedPage(browser);
    await page.goto(`${fixture.url}#/operations?view=failed`);
    await page
      .getByRole("checkbox", { name: /^Select exportReport/ })
      .first()
      .check();
    await page.getByRole("button", { name: "Select all that match" }).click();
    await page.getByRole("button", { name: "Select all that match (at least 214)" }).click();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByText("at least 214").waitFor();
    await page.keyboard.press("Escape");
    await page.goto(`${fixture.url}#/operations?view=blocked`);
    await page.getByRole("checkbox", { name: /^Select resizeDisk/ }).check();
    assert.equal(await page.getByRole("button", { name: /Select all/ }).count(), 0);
    await context.close();
  });

  test("a hidden tab reads nothing, and reads as soon as it is visible again", async () => {
    const { page, context } = await watchedPage(browser);
    await page.clock.install();
    await page.goto(`${fixture.url}#/operations`);
    await page.locator("tbody tr").first().waitFor();
    const show = (state: string): Promise<void> =>
      page.evaluate((value) => {
        Object.defineProperty(document, "visibilityState", { value, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      }, state);
    await show("hidden");
    await page.clock.runFor(4_000);
    const read = fixture.reads.length;
    await page.clock.runFor(600_000);
    assert.equal(fixture.reads.length, read);
    const response = page.waitForResponse(/v1\/operations\?/);
    await show("visible");
    await response;
    await context.close();
  });
});
