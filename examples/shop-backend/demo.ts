/** `npm run shop`: plays an order through the shop, against the service of `npm run dev`. */

import { readArguments } from "../../scripts/arguments.ts";
import { ensureDevVars } from "../../scripts/dev-vars.ts";
import { isUp } from "../../scripts/serve.ts";
import { createShop } from "./shop.ts";

const USAGE = `
Usage: npm run shop -- [flags]

Places an order, lets both sides talk about it, and closes it, against the service of \`npm run dev\`.

  --url <url>         another service; http://localhost:8787
  --secret <secret>   its JWT_SECRET, if it is not the local one
`;

const { values } = readArguments({
  usage: USAGE,
  options: { url: { type: "string", default: "http://localhost:8787" }, secret: { type: "string" } },
});
const { url } = values;
if (!(await isUp(url))) {
  console.error(`shop: there is no service at ${url}: start it with npm run dev`);
  process.exit(1);
}
const shop = createShop({ url, secret: values.secret ?? ensureDevVars() });

async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
  const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const response = await shop.request(path, init);
  if (!response.ok)
    throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  return await response.json();
}

const number = Date.now();
const customer = { id: `customer-${number}`, name: "Cleo" };
const seller = { id: "seller-1", name: "Sam's Shop" };
await ask("POST", "/orders", { number, customer, seller });
// Placing it again is harmless.
await ask("POST", "/orders", { number, customer, seller });
await ask("POST", `/orders/${number}/messages`, { from: customer.id, text: "When will it arrive?" });
await ask("POST", `/orders/${number}/messages`, { from: seller.id, text: "Tomorrow" });
await ask("POST", `/orders/${number}/close`);
const refused = await ask("POST", `/orders/${number}/messages`, { from: customer.id, text: "Thanks" }).catch(
  () => "refused",
);
const read = (await ask("GET", `/orders/${number}/messages?as=${customer.id}`)) as {
  from: string;
  text: string;
}[];
for (const { from, text } of read) console.log(`${from}: ${text}`);
console.log(refused === "refused" ? "Nobody writes any more." : "It is still open!");
