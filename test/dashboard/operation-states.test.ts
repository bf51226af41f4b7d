import assert from "node:assert/strict";
import { after, before, beforeEach, suite, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { SKIP, startBrowser, watchedPage } from "./support/browser.ts";
import { type Json, sampleOf } from "./support/fixture-data.ts";
import { nameOf } from "./support/fixture-operations.ts";
import { type Fixture, refusal, startFixture } from "./support/fixture-server.ts";

/** States of an operation that real operations rarely have. */
suite("states of an operation", { skip: SKIP }, () => {
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

  test("an operation that is running again, or was cancelled, shows the exception of its failed attempt", async () => {
    const { error, exception, attempts = [] } = fixture.sample.records[failed] ?? {};
    const [first] = attempts as Json[];
    const running = nameOf("acme/locations/eu", "80119a31c001");
    const retried = "1 of 3 attempts failed; it is tried again until all of them have.";
    const known = fixture.sample.records[running] ?? {};
    fixture.sample.records[running] = { ...known, exception, retried, attempts: [first ?? {}] } as Json;
    await onPage(`#/operations/${running}`, async (page) => {
      await page.getByRole("heading", { name: "Why attempt 1 failed" }).waitFor();
      await page.getByText(retried).waitFor();
      await page.locator(".exception").getByText("SmtpError: connect ETIMEDOUT").waitFor();
    });
    const row = { ...(known["row"] as Json), state: "CANCELLED" };
    fixture.sample.records[running] = { ...fixture.sample.records[running], row, error } as Json;
    await onPage(`#/operations/${running}`, async (page) => {
      await page.getByRole("heading", { name: "Why it was cancelled" }).waitFor();
      assert.equal(await page.locator(".exception").count(), 1);
      await page.getByRole("region", { name: "Why attempt 1 failed" }).locator(".exception").waitFor();
    });
  });

  test("an unknown operation, and an expired one", async () => {
    await onPage("#/operations/projects/p/operations/none", async (page) => {
      await page.getByText("There is no such operation.").waitFor();
    });
    fixture.instead = (path) =>
      path.endsWith("/gone") ? refusal(404, "NOT_FOUND", "OPERATION_EXPIRED", "It has expired.") : undefined;
    await onPage("#/operations/projects/p/operations/gone", async (page) => {
      await page.getByText("This operation has expired.").waitFor();
    });
  });

  test("attempts that were not recorded", async () => {
    fixture.sample.records[failed] = {
      ...fixture.sample.records[failed],
      attemptsRecordedFrom: 3,
      attempts: [],
    };
    await onPage(`#/operations/${failed}`, async (page) => {
      await page.getByText("Attempts 1 to 2 were not recorded.").waitFor();
    });
  });

  test("a large payload is loaded on demand", async () => {
    const { requestJson, ...rest } = fixture.sample.records[failed] ?? {};
    fixture.sample.records[failed] = { ...rest, requestBytes: 400_000 };
    fixture.instead = (path, query) =>
      path === failed && query.get("payload") === "request" ? { body: { ...rest, requestJson } } : undefined;
    await onPage(`#/operations/${failed}`, async (page) => {
      await page.getByText("It has 390.6 KiB.").waitFor();
      await page.getByRole("button", { name: "Load it" }).click();
      await page.locator("pre.code").getByText('"monthly-revenue"').waitFor();
    });
  });
});
