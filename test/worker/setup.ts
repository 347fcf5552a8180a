import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect } from "vitest";
import { strayEvents } from "./contract.ts";
import { openCursors } from "./open-cursors.ts";

await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);

afterEach(() => {
  expect(strayEvents.splice(0), "events that are not as the protocol has them").toEqual([]);
  expect(openCursors.splice(0), "queries whose rows were not read to the end in their turn").toEqual([]);
});
