import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { describe, it } from "node:test";
import { indexPage } from "./index-page.ts";
import type { Page } from "./stop.ts";

const addresses = { operations: "v1/operations" };

async function answered(page: string | undefined, accept?: string): Promise<Page> {
  return indexPage({ name: "archive", addresses, page })({ headers: { accept } } as IncomingMessage, "");
}

describe("indexPage()", () => {
  it("lists the addresses for programs, and the page's if there is one", async () => {
    for (const accept of [
      undefined,
      "*/*",
      "application/json",
      "text/*",
      "text/html;q=0",
      "text/html ; q=0.000",
    ]) {
      const { status, body } = await answered("admin/", accept);
      assert.equal(status, 200, accept);
      assert.deepEqual(JSON.parse(String(body)), { name: "archive", ...addresses, dashboard: "admin/" });
    }
    const { body } = await answered(undefined, "*/*");
    assert.deepEqual(JSON.parse(String(body)), { name: "archive", ...addresses });
  });

  it("sends browsers to the page by a relative address, and otherwise lists the addresses", async () => {
    for (const accept of [
      "text/html,application/xhtml+xml,*/*;q=0.8",
      "application/json, TEXT/HTML;q=0.1",
      "text/html",
    ]) {
      const { status, headers } = await answered("admin/", accept);
      assert.deepEqual([status, headers["location"]], [302, "admin/"], accept);
      assert.equal((await answered(undefined, accept)).status, 200);
    }
  });
});
