import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { SKIP, startBrowser, watchedPage } from "./support/browser.ts";
import type { Json } from "./support/fixture-data.ts";
import { nameOf } from "./support/fixture-operations.ts";
import { type Fixture, startFixture } from "./support/fixture-server.ts";

const HOSTILE = `<img src=x onerror="document.title='caught'"></script><script>document.title='caught'</script> \u202Eltr\u2066 \u0000 \uD800 9223372036854775807`;
const name = nameOf("acme/locations/eu", "7de19a31c032");

/** The longest time for which the main thread was busy during an action, in milliseconds. */
async function longestTask(page: Page, act: () => Promise<void>): Promise<number> {
  await page.evaluate(() => {
    const seen = globalThis as unknown as { observer?: PerformanceObserver; tasks: number[] };
    const tasks: number[] = [];
    seen.observer?.disconnect();
    seen.tasks = tasks;
    const observer = new PerformanceObserver((list) =>
      tasks.push(...list.getEntries().map(({ duration }) => duration)),
    );
    observer.observe({ type: "longtask" });
    seen.observer = observer;
  });
  await act();
  return await page.evaluate(() => Math.max(0, ...(globalThis as unknown as { tasks: number[] }).tasks));
}

suite("texts that others wrote", { skip: SKIP }, () => {
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

  test("are shown as text everywhere, and copied exactly", async () => {
    const json = `{"int64":9223372036854775807,"html":"<img src=x onerror=alert(1)></script>","escapes":"\\u0000\\ud800\\u202e","1.0":1.0}`;
    const row = {
      ...fixture.sample.rows.find((each) => each.name === name),
      message: HOSTILE,
      target: HOSTILE,
    };
    fixture.sample.rows = [row];
    const record = fixture.sample.records[name];
    fixture.sample.records[name] = {
      ...record,
      row: { ...row, method: HOSTILE, key: HOSTILE, worker: HOSTILE } as Json,
      requestId: HOSTILE,
      exception: HOSTILE,
      retried: HOSTILE,
      principal: HOSTILE,
      requestJson: json,
      error: { code: 13, message: HOSTILE, details: [{ "@type": "x", reason: HOSTILE, domain: HOSTILE }] },
    };
    const { page, context, problems } = await watchedPage(browser);
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.goto(`${fixture.url}#/operations`);
    await page.locator("tbody tr").first().waitFor();
    assert.equal(await page.locator(".what .text").textContent(), `UNAVAILABLE: ${HOSTILE}`);
    await page.locator("a.row-link").click();
    await page.getByText("Why it failed").waitFor();
    assert.equal(await page.locator(".exception").textContent(), HOSTILE);
    assert.equal(await page.locator(".why b").textContent(), HOSTILE);
    await page.getByRole("button", { name: "Copy the text" }).click();
    await page.getByText("Copied", { exact: true }).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), json);
    const shown = (await page.locator("pre.code").textContent()) ?? "";
    assert.equal(shown.replace(/\n\s*/g, "").replaceAll('": ', '":'), json);
    assert.equal(await page.locator("img, main script").count(), 0);
    assert.notEqual(await page.title(), "caught");
    assert.deepEqual(problems, []);
    await context.close();
  });

  const MIB = 1_048_576;
  const LONGEST_MS = 200;
  const ROUNDS = 8;
  const LARGE: Readonly<Record<string, string>> = {
    "one text": JSON.stringify({ text: "x".repeat(MIB) }),
    "many small values": JSON.stringify(Array.from({ length: 60_000 }, (_, index) => ({ index }))),
    "one array of digits": `[${"1,".repeat(MIB / 2)}1]`,
  };
  for (const [what, json] of Object.entries(LARGE)) {
    test(`a mebibyte does not block the page: ${what}`, async () => {
      const record = fixture.sample.records[name];
      fixture.sample.records[name] = { ...record, requestJson: json };
      const { page, context } = await watchedPage(browser);
      await page.goto(`${fixture.url}#/workers`);
      await page.getByText("5 processes").waitFor();
      const round = async (): Promise<number> => {
        await page.evaluate((hash) => (location.hash = hash), "#/workers");
        await page.getByText("5 processes").waitFor();
        return await longestTask(page, async () => {
          await page.evaluate((hash) => (location.hash = hash), `#/operations/${name}`);
          await page.locator("pre.code .block").first().waitFor();
          await page.getByRole("tab", { name: "Metadata" }).click();
          await page.getByRole("tab", { name: "Request" }).click();
          await page.locator("pre.code .block").first().waitFor();
        });
      };
      // Other programs use the processor meanwhile, so the best of some rounds counts.
      let longest = Number.POSITIVE_INFINITY;
      for (let rounds = 0; rounds < ROUNDS && longest > LONGEST_MS; rounds++)
        longest = Math.min(longest, await round());
      assert.ok(longest <= LONGEST_MS, `the longest task took ${Math.round(longest)} ms`);
      await context.close();
    });
  }

  test("a text is found in a payload, and lines wrap on request", async () => {
    const record = fixture.sample.records[name];
    fixture.sample.records[name] = {
      ...record,
      requestJson: JSON.stringify({ a: "needle one", b: ["Needle two"] }),
    };
    const { page, context } = await watchedPage(browser);
    await page.goto(`${fixture.url}#/operations/${name}`);
    const find = page.getByRole("searchbox", { name: "Find in the text" });
    await find.fill("needle");
    await page.getByText("1 of 2").waitFor();
    await find.press("Enter");
    await page.getByText("2 of 2").waitFor();
    await page.getByLabel("Wrap").check();
    assert.equal(
      await page.locator("pre.code").evaluate((code) => getComputedStyle(code).whiteSpaceCollapse),
      "preserve",
    );
    await page.locator("pre.code.wrap").waitFor();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download" }).click();
    assert.equal((await download).suggestedFilename(), "9a31c032-request.json");
    await context.close();
  });
});
