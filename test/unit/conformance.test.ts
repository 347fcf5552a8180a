/** The conformance corpus (packages/client/conformance). */
import { readdirSync, readFileSync } from "node:fs";
import { FetchedMessage, MessagePage, ServerEvent } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { type Case, caseOf, corpus, eventTypes, frames } from "../conformance/corpus.ts";
import { SCENARIOS } from "../conformance/scenarios.ts";

const FOLDER = new URL("../../packages/client/conformance/", import.meta.url);
const read = (file: string) => readFileSync(new URL(file, FOLDER), "utf8");
const present = () => readdirSync(FOLDER).filter((file) => file.endsWith(".json"));

describe("the corpus", () => {
  it("[CORPUS-1] is what today's client makes: `npm run corpus` writes it again", () => {
    const made = corpus();
    expect(present().sort()).toEqual([...made.keys()].sort());
    for (const [file, text] of made) expect(read(file), file).toBe(text);
  });

  it("[CORPUS-2] has a case of every event that the protocol knows", () => {
    const cases = new Set(frames().map(({ type }) => type));
    expect(eventTypes().length).toBeGreaterThan(25);
    expect(eventTypes().filter((type) => !cases.has(type))).toEqual([]);
  });

  it("[CORPUS-3 R31] its frames are what the server sends, but for those of a later server", () => {
    const later = new Set(["message.translated", "poll.closed", "someone.waves"]);
    for (const frame of frames().filter(({ type }) => !later.has(type))) {
      const isOfALaterServer = JSON.stringify(frame).includes("field_of_a_later_server");
      if (!isOfALaterServer)
        expect(ServerEvent.safeParse(frame).error, JSON.stringify(frame)).toBeUndefined();
    }
    for (const input of SCENARIOS.flatMap(({ inputs }) => inputs)) {
      if ("page" in input) expect(MessagePage.safeParse(input.page).error).toBeUndefined();
      if ("fetched" in input) expect(FetchedMessage.safeParse(input.fetched).error).toBeUndefined();
    }
  });

  it("[CORPUS-4] a file can be followed by itself: the changes of its steps lead from its first state to its last", () => {
    for (const file of present()) {
      const { initial, steps, final } = JSON.parse(read(file)) as Case;
      const reached = { ...initial };
      for (const { changes } of steps) Object.assign(reached, changes);
      expect(reached, file).toEqual(final);
    }
  });

  it("[CORPUS-5] each outcome is in it, and each field of the state changes somewhere", () => {
    const steps = SCENARIOS.flatMap((one) => caseOf(one).steps);
    expect(new Set(steps.map(({ outcome }) => outcome))).toEqual(new Set(["applied", "ignored", "gap"]));
    const changed = new Set(steps.flatMap(({ changes }) => Object.keys(changes)));
    const fields = Object.keys(caseOf(SCENARIOS[0] ?? expect.unreachable()).initial);
    expect(fields.filter((field) => !changed.has(field))).toEqual(["conversation_id", "viewer_id"]);
  });
});
