/** What `GET /metrics` says, for tests. */
import { expect } from "vitest";
import { request } from "./kit.ts";
import { serverToken } from "./server-kit.ts";

/** All numbers by their series, as a scraper reads them. */
export async function scrape(): Promise<Map<string, number>> {
  const { token } = await serverToken("stats");
  const response = await request("/metrics", { headers: { authorization: `Bearer ${token}` } });
  expect(response.status).toBe(200);
  const lines = (await response.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(" ");
      return [line.slice("rocket_chat_".length, at), Number(line.slice(at + 1))];
    }),
  );
}

/** How much the series that begin so have grown. */
export async function growthOf(run: () => Promise<void>): Promise<(start: string) => number> {
  const before = await scrape();
  await run();
  const after = await scrape();
  const sum = (all: Map<string, number>, start: string) =>
    [...all].reduce((total, [series, value]) => (series.startsWith(start) ? total + value : total), 0);
  return (start) => sum(after, start) - sum(before, start);
}
