import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Teller } from "../core/teller.ts";
import { openToldBy } from "./open.ts";
import type { OpenOptions } from "./options.ts";

const NO_TENANTS =
  'there are quotas of tenants, and no tenants; define them, such as tenants: ["projects/*"]';
const OF_TENANTS = [{ of: "tenant", unfinished: 5 }] as const;

/** The hints that a program gets when it opens operations. */
async function hintsFor(options: Partial<OpenOptions>): Promise<readonly string[]> {
  const teller = new Teller();
  const told: string[] = [];
  teller.watch(
    (_, fields) => told.push((fields as { readonly message: string }).message),
    ["access.ineffective"],
  );
  const operations = await openToldBy(teller, { methods: [], store: "sqlite::memory:", ...options });
  await operations.reloadAccess();
  await operations.stop();
  return told;
}

const hinted: [title: string, options: Partial<OpenOptions>, hints: readonly string[]][] = [
  ["quotas of tenants without tenants", { quotas: OF_TENANTS }, [NO_TENANTS]],
  ["an empty list of tenants", { quotas: OF_TENANTS, access: { tenants: [] } }, [NO_TENANTS]],
  ["quotas of tenants with tenants", { quotas: OF_TENANTS, access: { tenants: ["projects/*"] } }, []],
  [
    "quotas of tenants that a function may name",
    { quotas: OF_TENANTS, access: { authenticate: () => ({ principal: "user:ada", tenant: "t" }) } },
    [],
  ],
  [
    "limits that an earlier rule has",
    {
      quotas: [
        { of: "principal", only: ["user:ada"], read: "9/m" },
        { of: "principal", read: "600/m" },
        { of: "principal", read: "60/m", write: "1/s" },
        { of: "principal", only: ["user:eve"], write: "2/s" },
      ],
    },
    [
      "quotas[2].read never applies, because quotas[1] comes first and has it for the same callers, and 1 more",
    ],
  ],
  ["no quotas", { access: { authorize: () => true } }, []],
  ["a process without callers", { callers: false, quotas: OF_TENANTS }, []],
];

for (const [title, options, hints] of hinted)
  test(`a program gets a hint for parts without effect: ${title}`, async () => {
    assert.deepEqual(await hintsFor(options), hints);
  });

test("the rules of a file get the same hints once, and one for quotas that the program replaces", async () => {
  const folder = mkdtempSync(join(tmpdir(), "longrunning-hints-"));
  const rules = join(folder, "access.yaml");
  writeFileSync(rules, "grants: []\nquotas: [{ of: tenant, unfinished: 5 }]\n");
  const noGrants = "there are no grants: every call is refused";
  assert.deepEqual(await hintsFor({ access: { rules } }), [noGrants, NO_TENANTS]);
  assert.deepEqual(await hintsFor({ access: { rules }, quotas: [{ of: "principal", read: "1/s" }] }), [
    noGrants,
    "the quotas of the rules do not apply, because the program gives quotas",
  ]);
  rmSync(folder, { recursive: true });
});
