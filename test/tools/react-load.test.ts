// @vitest-environment happy-dom
/** The hooks under load: what stays in memory. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { useConversations, useMessages } from "@rocket-chat-api/react";
import { act } from "react";
import { expect, it } from "vitest";
import { BOB } from "../unit/client-kit.ts";
import { connected, created, fakeClient, hook, room, saidIn, typingIn } from "../unit/react-kit.ts";

/** What may stay of 8,000 messages, in bytes: 250 of each. One that is kept has more than 1,000. */
const MAX_GROWTH = 2_000_000;
const KEEP = 200;

it("[REACT-15] after 10,000 messages in a room that is shown, no more than some hundred are kept", async ({
  task,
}) => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const made = fakeClient({}, KEEP);
  const socket = await connected(made);
  await act(async () => socket.say(created(room(0), "a room")));
  let renders = 0;
  const view = await hook(made.client, () => {
    renders += 1;
    const { messages } = useMessages(room(0));
    useConversations();
    return messages.length;
  });
  // The probe keeps each value; numbers weigh nothing.
  let seq = 1;
  const talk = async (until: number) => {
    while (seq < until) {
      await act(async () => {
        for (let count = 0; count < 20; count++) {
          seq += 1;
          socket.say(typingIn(room(0), BOB), saidIn(room(0), seq));
        }
      });
    }
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = await talk(2_001);
  const after = await talk(10_001);
  task.meta.figures = `react: ${Math.round((after - before) / 1000)} kB more after 8,000 messages, ${renders} renders`;
  expect(made.client.conversations.get(room(0))?.seq).toBe(10_001);
  expect(view.value).toBeLessThanOrEqual(2 * KEEP);
  // Every batch is shown: 500 batches.
  expect(renders).toBeGreaterThan(499);
  expect(after - before).toBeLessThan(MAX_GROWTH);
});
