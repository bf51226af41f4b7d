import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, suite, test } from "node:test";
import type { Browser } from "playwright-core";
import { type OpenedOperations, openOperations } from "../../src/index.ts";
import { SKIP, sessionShown, startBrowser, watchedPage } from "./support/browser.ts";
import { createArchive, exportReport, release } from "./support/demo-methods.ts";

/**
 * A user's program with operators' pages of its own, which shows our page below one of its paths.
 */
const PATH = "/tools/ops/";
/** The program identifies its operators by a cookie. */
const accessOf = ({ headers }: IncomingMessage): "full" | "read" | undefined =>
  /\bmay=(full|read)\b/.exec(headers.cookie ?? "")?.[1] as "full" | "read" | undefined;

async function startProgram() {
  const operations = await openOperations({
    methods: [exportReport, createArchive, release],
    store: "sqlite::memory:",
  });
  const admin = operations.adminListener({ path: PATH, access: accessOf });
  const server = createServer((request, response) => {
    if (request.url?.startsWith(PATH.slice(0, -1)) === true) admin(request, response);
    else response.setHeader("content-type", "text/plain").end("The program itself.");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { operations, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function running(operations: OpenedOperations, directory: string): Promise<string> {
  const { name } = await operations.start(createArchive, { directory });
  // A read of SQLite in memory takes no turn of the event loop, so the worker needs one.
  while ((await operations.get(name)).state !== "RUNNING")
    await new Promise((resolve) => void setImmediate(resolve));
  return name;
}

suite("the page in a program's own server", { skip: SKIP }, () => {
  let browser: Browser;
  let program: Awaited<ReturnType<typeof startProgram>>;
  before(async () => {
    browser = await startBrowser();
    program = await startProgram();
  });
  after(async () => {
    await browser.close();
    program.server.closeAllConnections();
    program.server.close();
    await program.operations.stop({ drain: "0s" });
  });

  /** A page for an operator with some permissions from the program. */
  async function operatorsPage(may: string) {
    const watched = await watchedPage(browser);
    await watched.context.addCookies([{ name: "may", value: may, url: program.url }]);
    return watched;
  }

  test("an operator with full access finds a failed operation, and acts, below the program's path", async () => {
    const { operations, url } = program;
    const failed = await operations.start(exportReport, { report: "broken" }, { parent: "projects/a" });
    while (!(await operations.wait(failed.name)).done);
    const name = await running(operations, "/mounted");
    const { page, context, problems, requests } = await operatorsPage("full");
    await page.goto(`${url}/tools/ops`);
    await page.getByRole("link", { name: "Operations", exact: true }).click();
    await page.locator(`[data-name="${failed.name}"]`).click();
    await page.locator(".exception").getByText("TypeError: Cannot read properties").waitFor();
    await page.goBack();
    await page.locator(`[data-name="${name}"]`).click();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.locator(".op-head").getByText("Cancelled").waitFor();
    await page.reload();
    await page.locator(".op-head").getByText("Cancelled").waitFor();
    const paths = requests.filter((each) => each.startsWith("http")).map((each) => new URL(each).pathname);
    assert.deepEqual(
      paths.filter((path) => !path.startsWith(PATH.slice(0, -1))),
      [],
    );
    assert.deepEqual(problems, []);
    assert.equal(await (await fetch(`${url}/other`)).text(), "The program itself.");
    await context.close();
  });

  test("an operator with read access finds no button, and every other call is refused", async () => {
    const { operations, url } = program;
    const name = await running(operations, "/looked-at");
    const { page, context, problems } = await operatorsPage("read");
    await page.goto(`${url}${PATH}#/operations/${name}`);
    await page.locator(".op-head").getByText("Running").waitFor();
    await sessionShown(page);
    assert.equal(await page.getByRole("button", { name: /^(?:Cancel|Delete|Start)/ }).count(), 0);
    const refused = await page.evaluate(async (address) => {
      const answer = await fetch(address, { method: "POST" });
      return [answer.status, await answer.text()] as const;
    }, `v1/${name}:cancel`);
    assert.equal(refused[0], 403);
    assert.match(refused[1], /ADMIN_READ_ONLY/);
    assert.equal((await operations.get(name)).state, "RUNNING");
    assert.deepEqual(problems, []);
    await operations.start(release, { word: "/looked-at" });
    await context.close();
  });

  test("an unknown operator is told so, and reads nothing", async () => {
    const { page, context } = await operatorsPage("nothing");
    await page.goto(program.url + PATH);
    await page.getByText("The caller of this request is no operator of this service.").first().waitFor();
    assert.equal(await page.locator("main table").count(), 0);
    await context.close();
  });
});
