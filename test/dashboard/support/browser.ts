import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { CHROMIUM } from "../../clients/installed-client.ts";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-proxy-server",
];

/**
 * The reason for skipping tests of the page, or false. `CI=true` promises a browser, so nothing is
 * skipped there.
 */
export const SKIP: string | false =
  CHROMIUM.command !== undefined || process.env["CI"] === "true"
    ? false
    : `Chromium is not installed. ${CHROMIUM.install}`;

export async function startBrowser(): Promise<Browser> {
  if (CHROMIUM.command === undefined) throw new Error(`Chromium is not installed. ${CHROMIUM.install}`);
  return await chromium.launch({ executablePath: CHROMIUM.command, args: FLAGS });
}

/** A page, and everything that it reported. */
export interface Watched {
  readonly page: Page;
  readonly context: BrowserContext;
  /**
   * Errors of the console and of scripts, and violations of the content security policy and of
   * Trusted Types.
   */
  readonly problems: string[];
  /** The requested addresses. */
  readonly requests: string[];
}

/** Opens a page in a context of its own. */
export async function watchedPage(
  browser: Browser,
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1_280, height: 900 }, ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => {
    // Chromium reports each call that the server refuses; tests check how the page shows the
    // refusal.
    if (message.text().startsWith("Failed to load resource")) return;
    if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => requests.push(request.url()));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) =>
      console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
    );
  });
  return { page, context, problems, requests };
}

/**
 * Resolves when the page shows the session. Only then does it know what the operator may do, so the
 * absence of a button or of a link means something.
 */
export async function sessionShown(page: Page): Promise<void> {
  await page
    .locator(".foot")
    .getByText(/^longrunning \d/)
    .waitFor();
}
