import { connectRedis } from "./redis-client.ts";

/**
 * Run by the test of @google-cloud/redis in a process of its own, which knows only the name of the
 * operation.
 */
const [url = "", transport = "", name = ""] = process.argv.slice(2);
const client = connectRedis(url, transport === "REST");
const operation = await client.checkCreateInstanceProgress(name);
const [instance] = await operation.promise();
process.stdout.write(JSON.stringify(instance));
await client.close();
