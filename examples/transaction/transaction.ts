import postgres from "postgres";
import { z } from "zod";
// In a project of yours this is: from "longrunning".
import { defineMethod, openOperations } from "../../src/index.ts";

const { DATABASE_URL: url = "postgres://postgres@127.0.0.1:5432/postgres" } = process.env;
const sql = postgres(url, { onnotice: () => {} });
await sql`create table if not exists orders (id text primary key, article text not null)`;

const sendInvoice = defineMethod({
  name: "sendInvoice",
  request: z.object({ order: z.string() }),
  response: z.object({ text: z.string() }),
  async run({ order }) {
    // The row exists: the operation exists only if the transaction was committed.
    const [row] = await sql`select article from orders where id = ${order}`;
    return { text: `Invoice of order ${order}: ${row?.["article"]}` };
  },
});

const operations = await openOperations({ methods: [sendInvoice], store: url });

/** Stores an order and starts the operation that sends its invoice: both, or neither. */
function placeOrder(id: string, article: string) {
  return sql.begin(async (transaction) => {
    await transaction`insert into orders (id, article) values (${id}, ${article})`;
    const options = { transaction, requestId: `invoice-of-${id}` };
    const operation = await operations.start(sendInvoice, { order: id }, options);
    if (article === "") throw new Error("An order needs an article.");
    return operation;
  });
}

const id = crypto.randomUUID();
const operation = await placeOrder(id, "1 umbrella");
const { text } = await operations.result(operation);
console.log(text);

await placeOrder(crypto.randomUUID(), "").catch((error: Error) =>
  console.log(`Rolled back: ${error.message}`),
);

const { operations: stored } = await operations.list();
const [orders] = await sql`select count(*)::int as count from orders`;
console.log(`Orders: ${orders?.["count"]}, operations: ${stored.length}`);

await operations.stop();
await sql.end();
