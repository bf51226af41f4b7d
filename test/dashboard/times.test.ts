import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { Browser } from "playwright-core";
import { SKIP, startBrowser, watchedPage } from "./support/browser.ts";
import { sampleOf } from "./support/fixture-data.ts";
import { type Fixture, startFixture } from "./support/fixture-server.ts";

suite("times", { skip: SKIP }, () => {
  let browser: Browser;
  let fixture: Fixture;
  before(async () => {
    browser = await startBrowser();
    fixture = await startFixture();
  });
  after(async () => {
    await browser.close();
    await fixture[Symbol.asyncDispose]();
  });

  // In Berlin, clocks go from 03:00 back to 02:00 at 01:00 UTC, so the hours before and after have
  // different offsets.
  for (const [when, offset] of [
    ["2026-10-25T00:40:00Z", 2],
    ["2026-10-25T01:20:00Z", 1],
  ] as const) {
    test(`one switch changes every time of a page, at ${when}`, async () => {
      const now = Date.parse(when);
      fixture.sample = sampleOf(now);
      const { page, context } = await watchedPage(browser, { timezoneId: "Europe/Berlin" });
      await page.clock.setFixedTime(now);
      await page.goto(`${fixture.url}#/`);
      await page.getByText("Finished per minute").waitFor();
      const times = async (): Promise<string[]> => [
        ...(await page.locator("main time").allTextContents()).filter((text) => /\d:\d\d/.test(text)),
        ...(await page.locator(".plot svg > text").allTextContents()),
      ];
      await page.getByText(`Times are local (UTC+0${offset}:00)`).waitFor();
      const local = await times();
      await page.keyboard.press("u");
      await page.getByText("Times are in UTC").waitFor();
      const utc = await times();
      assert.equal(utc.length, local.length);
      assert.ok(local.length > 6);
      assert.deepEqual(
        local.filter((text, index) => text === utc[index]),
        [],
      );
      assert.equal(local.at(-1), new Date(now + offset * 3_600_000).toISOString().slice(11, 16));
      assert.equal(utc.at(-1), when.slice(11, 16));
      await page.reload();
      await page.getByText("Times are in UTC").waitFor();
      await context.close();
    });
  }

  test("the server's clock counts, not the browser's", async () => {
    fixture.sample = sampleOf(Date.now());
    const { page, context } = await watchedPage(browser);
    await page.clock.setFixedTime(Date.now() + 7 * 3_600_000);
    await page.goto(`${fixture.url}#/failures`);
    await page.getByText(/^(?:8|9|1\d) s ago$/).waitFor();
    await context.close();
  });

  test("states can be distinguished without colours", async () => {
    fixture.sample = sampleOf(Date.now());
    const { page, context } = await watchedPage(browser, { forcedColors: "active" });
    await page.goto(`${fixture.url}#/`);
    await page.getByText("Finished per minute").waitFor();
    const shapes = await page
      .locator(".tiles .state svg")
      .evaluateAll((marks) => marks.map((mark) => mark.innerHTML));
    assert.equal(new Set(shapes).size, 5);
    const words = await page.locator(".tiles .state").allTextContents();
    assert.deepEqual(words, ["Pending", "Running", "Succeeded", "Failed", "Cancelled"]);
    await context.close();
  });

  test("single-key shortcuts can be switched off, and stay off", async () => {
    const { page, context } = await watchedPage(browser);
    await page.goto(`${fixture.url}#/`);
    await page.getByText("Finished per minute").waitFor();
    await page.keyboard.press("?");
    await page.getByLabel("Enable single-key shortcuts").uncheck();
    await page.keyboard.press("Escape");
    await page.reload();
    await page.getByText("Finished per minute").waitFor();
    await page.keyboard.press("u");
    await page.keyboard.press("p");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    assert.equal(await page.getByText("Times are in UTC").count(), 0);
    assert.equal(await page.getByRole("button", { name: /^Paused/ }).count(), 0);
    await context.close();
  });
});
