import assert from "node:assert/strict";
import { after, before, beforeEach, suite, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { Receiver } from "../../src/outbound/receiver.suite.ts";
import { SKIP, sessionShown, startBrowser, watchedPage } from "./support/browser.ts";
import { sampleOf } from "./support/fixture-data.ts";
import { type Fixture, refusal, startFixture } from "./support/fixture-server.ts";
import { type Service, startService } from "./support/service.ts";

const FLAGS = ["--webhooks", "--webhook-allow", "127.0.0.0/8"];

/** Creates an endpoint as a caller does. @returns its name */
async function makeEndpoint(service: Service, url: string, id: string): Promise<string> {
  const address = `${service.url()}/v1/projects/acme/webhookEndpoints?webhookEndpointId=${id}`;
  const headers = { "content-type": "application/json" };
  const made = await fetch(address, { method: "POST", headers, body: JSON.stringify({ url }) });
  assert.equal(made.status, 200, await made.clone().text());
  return ((await made.json()) as { name: string }).name;
}

const isFocused = (page: Page, name: string): Promise<boolean> =>
  page.getByRole("button", { name, exact: true }).evaluate((button) => button === document.activeElement);

suite("webhooks of a real server", { skip: SKIP }, () => {
  let browser: Browser;
  let receiver: Receiver;
  before(async () => {
    browser = await startBrowser();
    receiver = await Receiver.open();
  });
  after(async () => {
    await browser.close();
    await receiver[Symbol.asyncDispose]();
  });

  test("an endpoint is found, pinged, sent an event again, disabled and enabled with the keyboard alone", async () => {
    await using service = await startService({ flags: FLAGS });
    const name = await makeEndpoint(service, `${receiver.url}/hook`, "billing");
    const { page, context, problems } = await watchedPage(browser);
    await page.goto(`${service.url()}/admin/`);
    await page.getByRole("link", { name: "Webhooks", exact: true }).waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("h");
    await page.getByRole("heading", { level: 1, name: "Webhooks" }).waitFor();
    const link = page.getByRole("link", { name });
    await link.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name }).waitFor();
    await page.getByText("Nothing was sent in the last seven days.").waitFor();
    await page.getByRole("button", { name: "Ping" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("A ping is on its way.").first().waitFor();
    await page.getByText("HTTP 204").waitFor();
    await page.getByRole("button", { name: /^Redeliver/ }).focus();
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelectorAll(".deliveries .succeeded").length === 2);
    const [first, second] = await receiver.until(2);
    assert.equal(second?.headers["webhook-id"], first?.headers["webhook-id"], "it is the same event");
    await page.getByRole("button", { name: "Disable…" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    assert.ok(await isFocused(page, "Not now"));
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("An operator disabled it.").waitFor();
    assert.equal(await page.getByRole("button", { name: /^(?:Ping|Redeliver)/ }).count(), 0);
    await page.getByRole("button", { name: "Enable" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Ping" }).waitFor();
    await page.getByText("enabled", { exact: true }).waitFor();
    await page
      .getByRole("button", { name: /^Redeliver/ })
      .first()
      .waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });

  test("a new secret is shown once, and on no other page", async () => {
    await using service = await startService({ flags: FLAGS });
    const name = await makeEndpoint(service, `${receiver.url}/hook`, "rotated");
    const { page, context } = await watchedPage(browser);
    await page.goto(`${service.url()}/admin/#/webhooks/${name}`);
    await page.getByRole("button", { name: "Rotate secret…" }).click();
    assert.ok(await isFocused(page, "Not now"));
    await page.getByRole("button", { name: "Make it" }).click();
    const dialog = page.getByRole("dialog", { name: "The new secret" });
    await dialog.getByText(/^whsec_/).waitFor();
    await dialog.getByRole("button", { name: "Close" }).click();
    for (const route of [`webhooks/${name}`, "webhooks"]) {
      await page.goto(`${service.url()}/admin/#/${route}`);
      await page.locator("main table, main .empty").first().waitFor();
      assert.doesNotMatch(await page.content(), /whsec_/);
    }
    await context.close();
  });

  test("for a key pair, the new public key is shown, and no secret", async () => {
    await using service = await startService({ flags: FLAGS });
    const address = `${service.url()}/v1/projects/acme/webhookEndpoints?webhookEndpointId=signed`;
    const body = JSON.stringify({ url: `${receiver.url}/hook`, signature: "V1A" });
    await fetch(address, { method: "POST", headers: { "content-type": "application/json" }, body });
    const { page, context } = await watchedPage(browser);
    await page.goto(`${service.url()}/admin/#/webhooks/projects/acme/webhookEndpoints/signed`);
    await page.getByText(/^whpk_/).waitFor();
    await page.getByRole("button", { name: "Rotate secret…" }).click();
    await page.getByText(/needs the new public key within 24 hours/).waitFor();
    await page.getByRole("button", { name: "Make it" }).click();
    const dialog = page.getByRole("dialog", { name: "The new public key" });
    await dialog.getByText(/^whpk_/).waitFor();
    assert.doesNotMatch(await page.content(), /whsk_|whsec_/);
    await context.close();
  });

  test("an operator with read access has no buttons, and the server refuses the calls", async () => {
    await using service = await startService({ flags: [...FLAGS, "--admin", "read"] });
    const name = await makeEndpoint(service, `${receiver.url}/hook`, "seen");
    await service.done(await service.start("exportReport", { report: "fine" }));
    const { page, context } = await watchedPage(browser);
    await page.goto(`${service.url()}/admin/#/webhooks/${name}`);
    await page.getByText("HTTP 204").waitFor();
    await sessionShown(page);
    assert.equal(await page.locator("main .acts button, main table button").count(), 0);
    for (const verb of ["ping", "enable", "disable", "rotateSecret"]) {
      const refused = await fetch(`${service.url()}/admin/v1/${name}:${verb}`, { method: "POST" });
      assert.equal(refused.status, 403, verb);
    }
    await context.close();
  });
});

suite("states of webhooks", { skip: SKIP }, () => {
  const billing = "projects/acme/webhookEndpoints/billing";
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
  });
  after(async () => {
    await browser.close();
    await fixture[Symbol.asyncDispose]();
  });

  async function onPage(route: string, look: (page: Page) => Promise<void>, width = 1_280): Promise<void> {
    const { page, context, problems } = await watchedPage(browser, { viewport: { width, height: 800 } });
    await page.goto(fixture.url + route);
    await look(page);
    assert.deepEqual(problems, []);
    await context.close();
  }

  async function buttons(name: string): Promise<readonly string[]> {
    let found: readonly string[] = [];
    await onPage(`#/webhooks/${name}`, async (page) => {
      await page.getByText("Set by").waitFor();
      await sessionShown(page);
      found = await page.locator(".acts button").allInnerTexts();
    });
    return found;
  }

  test("a server without webhooks has no link to them, and says so on the page", async () => {
    delete fixture.sample.session["webhooks"];
    fixture.sample.webhooks = {};
    await onPage("#/webhooks", async (page) => {
      await page.getByText("This server has no webhooks.").waitFor();
      await sessionShown(page);
      assert.equal(await page.getByRole("link", { name: "Webhooks", exact: true }).count(), 0);
    });
  });

  test("an operator of one collection has no link to them", async () => {
    fixture.sample.session["collection"] = "projects/acme/-";
    await onPage("#/workers", async (page) => {
      await page.locator("main table").waitFor();
      await sessionShown(page);
      assert.equal(await page.getByRole("link", { name: "Webhooks", exact: true }).count(), 0);
    });
  });

  test("on a narrow screen the link of the current page is visible", async () => {
    await onPage(
      "#/webhooks",
      async (page) => {
        const link = page.getByRole("link", { name: "Webhooks", exact: true });
        await link.waitFor();
        await page.locator("main table").waitFor();
        const box = await link.boundingBox();
        assert.ok(box !== null && box.x >= 0 && box.x + box.width <= 390, JSON.stringify(box));
      },
      390,
    );
  });

  test("endpoints show why they are disabled, since when they fail, and the results of their deliveries", async () => {
    await onPage("#/webhooks", async (page) => {
      const rows = page.locator("main tbody tr");
      await rows.first().waitFor();
      const texts = await rows.allInnerTexts();
      assert.match(texts[0] ?? "", /failing\s+succeeded, failed, cancelled\s+\d\d:\d\d\s+1,204\s+14\s+3/);
      assert.match(texts[1] ?? "", /disabled\s+Nothing was answered with success for five days\./);
      assert.match(texts[3] ?? "", /callbacks to hooks\.example\.com, \*\.example\.org/);
    });
  });

  test("states of endpoints and deliveries can be distinguished without colours", async () => {
    const { page, context, problems } = await watchedPage(browser, { forcedColors: "active" });
    await page.goto(`${fixture.url}#/webhooks`);
    const rows = page.locator("main tbody tr");
    await rows.first().waitFor();
    const words = (await rows.allInnerTexts()).map((text) => /failing|disabled|enabled/.exec(text)?.[0]);
    assert.deepEqual(new Set(words), new Set(["failing", "disabled", "enabled"]));
    await page.goto(`${fixture.url}#/webhooks/${billing}`);
    const states = page.locator(".deliveries .state");
    await states.first().waitFor();
    const shown = await states.evaluateAll((marks) =>
      marks.map((mark) => `${mark.textContent} ${mark.querySelector("svg")?.innerHTML}`),
    );
    const byWord = Map.groupBy(new Set(shown), (each) => each.split(" ")[0]);
    assert.ok(byWord.size > 1, "there are deliveries of several states");
    for (const [word, shapes] of byWord) assert.equal(shapes.length, 1, `${word} has one shape`);
    const shapes = [...new Set(shown)].map((each) => each.slice(each.indexOf(" ")));
    assert.equal(new Set(shapes).size, byWord.size, "each state has a shape of its own");
    const colours = await states.evaluateAll((marks) => marks.map((mark) => getComputedStyle(mark).color));
    assert.equal(new Set(colours).size, 1, "the colour of the system alone");
    assert.deepEqual(problems, []);
    await context.close();
  });

  test("the buttons depend on the operator's permissions, and on the kind of endpoint", async () => {
    assert.deepEqual(await buttons(billing), ["Rotate secret…", "Disable…", "Ping"]);
    assert.deepEqual(await buttons("webhookEndpoints/audit"), ["Ping"], "the settings fix it");
    assert.deepEqual(await buttons("webhookEndpoints/callbacks"), [], "it has no address of its own");
    fixture.sample.session["access"] = ["read", "webhooks"];
    assert.deepEqual(await buttons(billing), ["Disable…", "Ping"]);
    fixture.sample.session["access"] = ["read", "pause"];
    assert.deepEqual(await buttons(billing), []);
  });

  test("a refusal is shown in the server's words, and a missing endpoint is reported as such", async () => {
    fixture.instead = (path) =>
      path.endsWith(":ping") ? refusal(403, "PERMISSION_DENIED", "ADMIN_READ_ONLY", "Not you.") : undefined;
    await onPage(`#/webhooks/${billing}`, async (page) => {
      await page.getByRole("button", { name: "Ping" }).click();
      await page.getByText("Not you.").first().waitFor();
    });
    await onPage("#/webhooks/webhookEndpoints/none", async (page) => {
      await page.getByText("There is no such endpoint.").waitFor();
    });
  });

  test("texts that others wrote stay texts", async () => {
    const hostile = '</script><img src=x onerror="document.title=1">\u202e';
    const { state } = fixture.sample.webhookDetails[billing] as {
      state: Record<string, Record<string, string>>;
    };
    Object.assign(state["endpoint"] ?? {}, { url: hostile, disableReason: hostile, state: "DISABLED" });
    await onPage(`#/webhooks/${billing}`, async (page) => {
      await page.getByText(hostile).first().waitFor();
      assert.equal(await page.locator("main img").count(), 0);
    });
  });
});
