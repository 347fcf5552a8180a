/** `npm run screenshots`: the pictures of the chat page in docs/screenshots, from a server and a browser of its own. */
import { mkdirSync } from "node:fs";
import { Chat } from "../test/browser/chat/kit.ts";
import { PICTURES } from "../test/browser/chat/pictures.ts";
import { readArguments, refuseArguments } from "./arguments.ts";
import { ROOT } from "./tools.ts";

/** How long the page rests before its picture is taken, in milliseconds: until what comes late is there. */
const REST_MS = 600;

const { positionals } = readArguments({
  usage: `
Usage: npm run screenshots -- [name]...

Makes the pictures of docs/screenshots: all of them, or those that are named. test/browser/chat/pictures.ts says what each shows.

Names: ${PICTURES.map(({ name }) => name).join(", ")}
`,
  words: PICTURES.length,
});
const unknown = positionals.find((name) => !PICTURES.some((picture) => picture.name === name));
if (unknown !== undefined) refuseArguments(`there is no picture '${unknown}'`);

mkdirSync(`${ROOT}/docs/screenshots`, { recursive: true });
const chat = await Chat.open({ MESSAGE_REQUESTS: "on" });
try {
  for (const { name, look, who = "alice", show } of PICTURES) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    const guest = await chat.guest(who, look);
    await show(guest, chat);
    await guest.page.waitForTimeout(REST_MS);
    await guest.keepsPicture(name);
    await chat.clear();
    console.log(`docs/screenshots/${name}.png`);
  }
} finally {
  await chat.close();
}
