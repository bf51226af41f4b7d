import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { SKIP, startBrowser, watchedPage } from "./support/browser.ts";
import { startProxy } from "./support/proxy.ts";
import { type Service, startService } from "./support/service.ts";

/** Actions of operators on a real server. */

const namesOf = (page: Page): Promise<string[]> =>
  page
    .locator("a.row-link")
    .evaluateAll((links) => links.map((link) => (link as HTMLElement).dataset["name"] ?? ""));

suite("operators", { skip: SKIP }, () => {
  let browser: Browser;
  let service: Service;
  let admin: string;
  before(async () => {
    browser = await startBrowser();
    service = await startService();
    admin = `${service.url()}/admin/`;
  });
  after(async () => {
    await browser.close();
    await service[Symbol.asyncDispose]();
  });

  test("an operation that ends changes in its place", async () => {
    const name = await service.start("createArchive", { directory: "/seen" });
    await service.until(name, ({ state, progressPercent }) => state === "RUNNING" && progressPercent === 62);
    const { page, context } = await watchedPage(browser);
    await page.goto(`${admin}#/operations?view=running`);
    const row = page.locator("tbody tr", { has: page.locator(`[data-name="${name}"]`) });
    await row.getByText("62 %").waitFor();
    await service.release("/seen");
    await service.done(name);
    const from = Date.now();
    await row.getByText("Succeeded").waitFor();
    assert.ok(Date.now() - from <= 3_000, `it was seen after ${Date.now() - from} ms`);
    assert.match((await row.getAttribute("class")) ?? "", /gone/, "it does not match the view any more");
    await context.close();
  });

  test("newer operations are counted, and rows stay in their places until the operator asks for them", async () => {
    const parent = "projects/newer";
    for (let count = 0; count < 3; count++) await service.start("exportReport", { report: "a" }, parent);
    const { page, context } = await watchedPage(browser);
    await page.goto(`${admin}#/operations?collection=${encodeURIComponent(parent)}`);
    const first = page.locator("tbody tr").first();
    await first.waitFor();
    const shown = { names: await namesOf(page), box: await first.boundingBox() };
    const names: string[] = [];
    for (let count = 0; count < 12; count++)
      names.push(await service.start("exportReport", { report: "b" }, parent));
    await page.getByRole("button", { name: "12 newer operations match. Show them" }).waitFor();
    assert.deepEqual(await namesOf(page), shown.names);
    assert.deepEqual(await first.boundingBox(), shown.box);
    await page.getByRole("button", { name: /Show them/ }).click();
    await page.locator(`[data-name="${names.at(-1)}"]`).waitFor();
    assert.deepEqual(await namesOf(page), [...names.toReversed(), ...shown.names]);
    await context.close();
  });

  test("a failed operation is found, understood, started again and deleted with the keyboard alone", async () => {
    const parent = "projects/keys";
    const name = await service.start("exportReport", { report: "broken" }, parent);
    for (let count = 0; count < 3; count++) await service.start("exportReport", { report: "fine" }, parent);
    await service.done(name);
    const { page, context, problems } = await watchedPage(browser);
    await page.goto(admin);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("o");
    await page.getByRole("heading", { name: "Operations", exact: true }).waitFor();
    await page.locator("tbody tr").first().waitFor();
    await page.keyboard.press("f");
    await page.keyboard.type(`metadata.state = FAILED AND name:"${parent}"`);
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelectorAll("a.row-link").length === 1);
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.getByText("Only operators see the following details; callers never do.").waitFor();
    await page
      .locator(".exception")
      .getByText("TypeError: Cannot read properties of undefined (reading 'total')")
      .waitFor();
    await page.keyboard.press("s");
    const request = page.getByRole("textbox", { name: "Request" });
    await request.waitFor();
    assert.equal(await request.evaluate((field) => field === document.activeElement), true);
    await page.keyboard.press("Control+A");
    await page.keyboard.type('{"report": "mended"}');
    await page.keyboard.press("Tab");
    for (let tabs = 0; tabs < 4; tabs++) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.locator("h1", { hasText: "exportReport" }).waitFor();
    await page.getByText("Started again from").waitFor();
    await page.locator(".op-head").getByText("Succeeded").waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("o");
    await page.getByRole("heading", { name: "Operations", exact: true }).waitFor();
    await page.keyboard.press("f");
    await page.keyboard.type(`name:"${parent}"`);
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelectorAll("a.row-link").length === 5);
    await page.keyboard.press("Escape");
    for (const key of ["j", "x", "j", "j", "X"]) await page.keyboard.press(key);
    await page.getByText("3 selected").waitFor();
    await page.getByRole("button", { name: "Delete" }).focus();
    await page.keyboard.press("Enter");
    const keep = page.getByRole("button", { name: "Keep" });
    await keep.waitFor();
    assert.equal(await keep.evaluate((button) => button === document.activeElement), true);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("3 deleted.", { exact: true }).first().waitFor();
    await page.waitForFunction(
      () => document.querySelectorAll("tbody tr:not(.gone) a.row-link").length === 2,
    );
    assert.deepEqual(problems, []);
    await context.close();
  });

  test("the request of a new start is validated during editing, and starts once however often the button is pressed", async () => {
    const parent = "projects/again";
    const old = await service.start("exportReport", { report: "relay" }, parent);
    await service.done(old);
    const { page, context } = await watchedPage(browser);
    await page.goto(`${admin}#/operations/${old}`);
    await page.getByRole("button", { name: "Start again…" }).click();
    const request = page.getByRole("textbox", { name: "Request" });
    await request.fill('{"report": 7}');
    await page.getByText("expected string, received number").waitFor();
    await request.fill('{"report": "twice"');
    await page.getByText(/JSON/).last().waitFor();
    await request.fill('{"report": "twice"}');
    await page.waitForFunction(
      () => document.querySelector("textarea")?.getAttribute("aria-invalid") === "false",
    );
    await page.getByRole("button", { name: "Start again", exact: true }).dblclick();
    await page.getByText("Started again from").waitFor();
    await page.getByRole("link", { name: `…${old.slice(-8)}` }).waitFor();
    const address = `${service.url()}/admin/v1/operations?collection=${encodeURIComponent(parent)}`;
    const { operations } = (await (await fetch(address)).json()) as { operations: readonly unknown[] };
    assert.equal(operations.length, 2);
    await context.close();
  });

  test("a name, an id, or the end of an id leads to its operation", async () => {
    const name = await service.start("exportReport", { report: "found" }, "projects/jump");
    await service.done(name);
    const { page, context } = await watchedPage(browser);
    await page.goto(admin);
    const id = name.slice(name.lastIndexOf("/") + 1);
    for (const text of [name, id, id.slice(-12), `…${id.slice(-8)}`]) {
      await page.goto("about:blank");
      await page.goto(`${admin}#/workers`);
      await page.getByRole("heading", { name: "Workers" }).waitFor();
      await page.keyboard.press("/");
      await page.keyboard.type(text);
      await page.keyboard.press("Enter");
      await page.locator(".op-head code", { hasText: name }).waitFor();
    }
    await page.keyboard.press("/");
    await page.keyboard.type("nowhere");
    await page.keyboard.press("Enter");
    await page.getByText("No operation matches.").waitFor();
    await context.close();
  });

  test("seven tabs are open at once, and each of them reads", async () => {
    const context = await browser.newContext();
    const pages = await Promise.all(Array.from({ length: 7 }, () => context.newPage()));
    await Promise.all(pages.map((page) => page.goto(`${admin}#/operations`)));
    await Promise.all(pages.map((page) => page.locator("tbody tr").first().waitFor()));
    const again = pages.map((page) =>
      page.waitForResponse((response) => response.url().includes("/admin/v1/operations?")),
    );
    await Promise.all(again);
    await context.close();
  });

  test("matching operations are counted, and the action affects these; operations that start later are not affected", async () => {
    const names: string[] = [];
    for (let count = 0; count < 4; count++) names.push(await service.start("resizeDisk", { disk: "bulk" }));
    const { page, context, problems } = await watchedPage(browser);
    await page.goto(`${admin}#/operations?view=notdone&method=resizeDisk`);
    await page.locator(`[data-name="${names[0]}"]`).waitFor();
    await page
      .getByRole("checkbox", { name: /^Select resizeDisk/ })
      .first()
      .check();
    await page.getByRole("button", { name: "Select all that match" }).click();
    await page.getByRole("button", { name: "Select all 4 that match" }).click();
    await page.getByRole("group", { name: "Selection" }).getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("dialog").getByText("done = false").waitFor();
    const later = await service.start("resizeDisk", { disk: "later" });
    await page.getByRole("button", { name: "Cancel them" }).click();
    await page.getByRole("link", { name: "Show it" }).click();
    await page.locator("h1", { hasText: "longrunning.bulk" }).waitFor();
    await page.locator(".op-head").getByText("Succeeded").waitFor();
    for (const name of names) await service.until(name, ({ state }) => state === "CANCELLED");
    await service.until(later, ({ state }) => state === "RUNNING");
    assert.deepEqual(problems, []);
    await context.close();
  });

  test("a blocking key leads to the operation that holds it, and when that ends the next begins", async () => {
    const names: string[] = [];
    for (let count = 0; count < 3; count++) names.push(await service.start("resizeDisk", { disk: "held" }));
    const [holder = "", next = ""] = names;
    await service.until(holder, ({ state }) => state === "RUNNING");
    const { page, context, problems } = await watchedPage(browser);
    await page.goto(`${admin}#/methods/resizeDisk`);
    await page.getByRole("link", { name: "held", exact: true }).click();
    await page.waitForFunction(() => document.querySelectorAll("a.row-link").length === 3);
    assert.deepEqual(await namesOf(page), names);
    await page.locator("tbody tr").first().getByText("Running").waitFor();
    await page.locator(`[data-name="${holder}"]`).click();
    await page.getByRole("button", { name: "Cancel" }).click();
    await service.until(next, ({ state }) => state === "RUNNING");
    await page.goBack();
    await page.getByRole("button", { name: "Key held: show any" }).click();
    await page.waitForFunction(() => !location.hash.includes("key="));
    await service.release("held");
    assert.deepEqual(problems, []);
    await context.close();
  });

  for (const prefix of ["", "/a/b/c"]) {
    test(`it works behind a proxy at "${prefix}/": it loads, updates, acts, and stays after a reload`, async () => {
      await using proxy = await startProxy(service.url, prefix);
      const name = await service.start("createArchive", { directory: `/proxy${prefix}` });
      await service.until(name, ({ state }) => state === "RUNNING");
      const { page, context, problems } = await watchedPage(browser);
      await page.goto(`${proxy.url}admin`);
      await page.getByRole("link", { name: "Operations", exact: true }).click();
      await page.getByRole("navigation", { name: "Views" }).getByText("Running").click();
      await page.locator(`[data-name="${name}"]`).click();
      await page.getByRole("button", { name: "Cancel" }).click();
      await page.locator(".op-head").getByText("Cancelled").waitFor();
      await page.reload();
      await page.locator(".op-head").getByText("Cancelled").waitFor();
      assert.equal(new URL(page.url()).pathname, `${prefix}/admin/`);
      assert.ok(proxy.seen.includes(`/admin/v1/${name}:cancel`));
      assert.deepEqual(problems, []);
      await context.close();
    });
  }
});

suite("a server that becomes unreachable", { skip: SKIP }, () => {
  test("is reported, the last data stays, and is read again when the server is back", async () => {
    await using service = await startService();
    await using proxy = await startProxy(service.url, "");
    const browser = await startBrowser();
    try {
      const name = await service.start("exportReport", { report: "kept" });
      await service.done(name);
      const { page } = await watchedPage(browser);
      await page.goto(`${proxy.url}admin/#/operations`);
      const row = page.locator(`[data-name="${name}"]`);
      await row.waitFor();
      await service.kill();
      await page.getByText(/^Unreachable since \d\d:\d\d:\d\d$/).waitFor();
      assert.ok(await row.isVisible());
      await service.startAgain();
      await page.getByRole("button", { name: /^Live/ }).waitFor();
      assert.ok(await row.isVisible());
    } finally {
      await browser.close();
    }
  });
});
