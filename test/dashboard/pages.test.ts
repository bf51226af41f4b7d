import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { SKIP, startBrowser, watchedPage } from "./support/browser.ts";
import { type Fixture, startFixture } from "./support/fixture-server.ts";
import { nameOf } from "./support/fixture-operations.ts";

/**
 * Every page in both themes and on both sizes of screen. The pictures are for people; git ignores
 * them.
 */
const PICTURES = fileURLToPath(new URL("screenshots/", import.meta.url));

const PAGES: Readonly<Record<string, string>> = {
  overview: "#/",
  operations: "#/operations",
  failed: "#/operations?view=failed",
  operation: `#/operations/${nameOf("acme/locations/eu", "7de19a31c032")}`,
  running: `#/operations/${nameOf("acme/locations/eu", "80119a31c001")}`,
  methods: "#/methods",
  method: "#/methods/resizeDisk",
  workers: "#/workers",
  failures: "#/failures?key=k1",
  webhooks: "#/webhooks",
  webhook: "#/webhooks/projects/acme/webhookEndpoints/billing",
};

/**
 * The findings of axe. Its script bypasses the page's content security policy, which would block
 * it.
 */
async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const injected = (globalThis as unknown as { axe: typeof axe }).axe;
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    return (await injected.run({ runOnly: tags })).violations;
  });
  return violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary ?? ""}`).join(" | ")}`,
  );
}

suite("pages", { skip: SKIP }, () => {
  let browser: Browser;
  let fixture: Fixture;
  before(async () => {
    mkdirSync(PICTURES, { recursive: true });
    browser = await startBrowser();
    fixture = await startFixture();
  });
  after(async () => {
    await browser.close();
    await fixture[Symbol.asyncDispose]();
  });

  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1_280, 390]) {
      for (const [name, route] of Object.entries(PAGES)) {
        test(`${name}, ${colorScheme}, ${width} pixels wide`, async () => {
          const { page, context, problems } = await watchedPage(browser, {
            colorScheme,
            viewport: { width, height: 900 },
            bypassCSP: true,
          });
          await page.goto(fixture.url + route);
          await page.locator("main table, main pre").first().waitFor();
          await page.screenshot({
            path: join(PICTURES, `${name}-${colorScheme}-${width}.png`),
            fullPage: true,
          });
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.equal(overflow, 0, "nothing reaches past the right edge");
          assert.deepEqual(await violationsOf(page), []);
          assert.deepEqual(problems, []);
          await context.close();
        });
      }
    }
  }

  test("the page's content security policy blocks nothing, and three requests load the page", async () => {
    const { page, context, problems, requests } = await watchedPage(browser);
    for (const route of Object.values(PAGES)) {
      requests.length = 0;
      await page.goto("about:blank");
      await page.goto(fixture.url + route);
      await page.locator("main table, main pre").first().waitFor();
      const own = requests.filter((address) => address.startsWith(fixture.url));
      const calls = requests.filter((address) => address.startsWith(`${fixture.url}v1/`));
      assert.equal(own.length - calls.length, 3, requests.join("\n"));
      const foreign = requests.filter(
        (address) => !/^(?:about:|data:)/.test(address) && !own.includes(address),
      );
      assert.deepEqual(foreign, []);
    }
    assert.deepEqual(problems, []);
    await context.close();
  });
});
