/** What the short form saves, as docs/performance.md says it: `node bench/lean-bytes.ts` prints the tables. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { bytesOf, leanTables, textMessage } from "../../bench/lean-bytes.ts";

const DOCUMENT = readFileSync(resolve(import.meta.dirname, "../../docs/performance.md"), "utf8");

describe("the bytes of the short form", () => {
  it("[LEAN-11] a text of 100 characters has at most 330 bytes, where the full event has 750 to 900", () => {
    const { full, lean } = bytesOf(textMessage(100));
    expect(lean).toBeLessThanOrEqual(330);
    expect(full).toBeGreaterThan(750);
    expect(full).toBeLessThan(900);
  });

  it("[LEAN-11] an id of the client's own adds what it is long, and nothing else", () => {
    const client_message_id = "5b0ecb6e-6a3f-4e0b-9c39-8f1d2a6f9f10";
    const [plain, named] = [textMessage(100), textMessage(100, { client_message_id })].map(bytesOf);
    expect((named?.lean ?? 0) - (plain?.lean ?? 0)).toBe(
      `,"client_message_id":"${client_message_id}"`.length,
    );
  });

  it("[LEAN-11] the tables of docs/performance.md are these", () => {
    expect(DOCUMENT).toContain(leanTables());
  });
});
