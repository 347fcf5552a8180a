/** Filters of the app in a run: words that nobody else says. */
import { env } from "cloudflare:workers";
import { messageIdAt } from "@rocket-chat-api/client";
import { api } from "../worker/kit.ts";
import { serverToken } from "../worker/server-kit.ts";
import type { Actor } from "./actor.ts";
import type { Ledger } from "./ledger.ts";

/** What filters do with a word. */
export const FOUL = ["mask", "reject", "flag"] as const;
type Foul = (typeof FOUL)[number];

const WORDS: Record<Foul, string> = { mask: "fuzzdarn", reject: "fuzzdamn", flag: "fuzzheck" };

let made: Promise<void> | undefined;

/** Makes the filters, once for all runs. */
export async function makeFilters(): Promise<void> {
  made ??= put();
  await made;
}

async function put(): Promise<void> {
  const backend = await serverToken("moderation");
  for (const action of FOUL) {
    const filter = { type: "words", action, entries: [WORDS[action]] };
    await api(backend, "PUT", `/server/moderation/filters/fuzz-${action}`, filter);
  }
}

/** A text with a word that a filter finds, and what must be made of it. */
export function foulText(kind: Foul, word: string): { said: string; shown: string } {
  const said = `${word} ${WORDS[kind]}`;
  return { said, shown: kind === "mask" ? `${word} ${"*".repeat(WORDS.mask.length)}` : said };
}

/** No device hears what is masked or rejected. */
export function checkFiltered({ who, heard }: Actor): string[] {
  const secret = [WORDS.mask, WORDS.reject];
  return heard
    .filter((event) => event.type !== "error" && secret.some((word) => JSON.stringify(event).includes(word)))
    .map((event) => `${who.username} heard what a filter keeps back, in ${event.type}`);
}

/** What was flagged is in the queue. */
export async function checkFlagged(ledger: Ledger): Promise<string[]> {
  const wrong: string[] = [];
  for (const word of ledger.flagged) {
    const sent = ledger.words.get(word);
    if (!sent?.message) continue;
    const id = messageIdAt(sent.conversation_id, sent.message.seq);
    const found = "SELECT 1 FROM moderation_items WHERE target_type = 'message' AND target_id = ?";
    if (!(await env.DB.prepare(found).bind(id).first()))
      wrong.push(`${word} was flagged, and is not in the queue`);
  }
  return wrong;
}
