/**
 * [ERASE-KILL] Nothing of an erased person is left in any file (`npm run test:erase`, `--help` lists the flags).
 *
 * A word is planted in every place where a person can leave one. The person is erased, while the server is killed again and again, at
 * each step. Then it is stopped, and every byte that it keeps is searched for the word. What D1 keeps in freed space a `VACUUM`
 * takes away, which D1 itself does not offer; objects write their storage anew by themselves.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { readArguments, wholeNumbers } from "../../scripts/arguments.ts";
import { DevServer } from "../../scripts/serve.ts";
import { changeDirectory, endLogs, filesWith } from "./erase-files.ts";
import { Asking, plant, type Scene } from "./erase-plant.ts";

const USAGE = `
Usage: npm run test:erase -- [flags]

Erases a person while the server is killed at each step, then searches every file for what they have left.

  --kills <number>   how often the server is killed in each round; 12
  --step <number>    milliseconds that the server lives longer before each next kill; 40
`;

const flags = readArguments({
  usage: USAGE,
  options: { kills: { type: "string", default: "12" }, step: { type: "string", default: "40" } },
}).values;
const { kills, step } = wholeNumbers(flags);

/** Where the cron trigger is fired by hand. */
const CRON = "/cdn-cgi/local/scheduled";
const DONE_TIMEOUT_MS = 90_000;

/** Makes everything look interrupted a while ago, and the second round due. */
function letTimePass(server: DevServer): string {
  const [job] = changeDirectory(
    server.state,
    "UPDATE jobs SET updated_at = updated_at - 100000 WHERE status = 'running'",
    "UPDATE users SET erased_at = erased_at - 100000 WHERE erased_at IS NOT NULL",
    "SELECT status, cursor FROM jobs WHERE kind = 'erase_user'",
  );
  if (!job) return "not begun";
  const { round = 0, step: at = "begin" } = JSON.parse(String(job.cursor ?? "{}")) as Record<string, unknown>;
  return job.status === "running" ? `round ${round}, ${at}` : String(job.status);
}

/** Kills the server at a moment of an erasure. @returns how far it had come. */
async function killIn(server: DevServer, ms: number, begin: () => Promise<unknown>): Promise<string> {
  const begun = begin().catch(() => undefined);
  await sleep(ms);
  await server.killAll();
  await begun;
  const place = letTimePass(server);
  await server.start();
  return place;
}

async function erase(server: DevServer, scene: Scene, messages: "erase" | "anonymise"): Promise<void> {
  const api = new Asking(server.url);
  const fire = async () => await (await fetch(server.url + CRON)).text();
  const start = async () =>
    await api.ask(scene.server, "POST", `/server/users/${scene.ada.user_id}/erase`, { messages });
  const places = new Map<string, number>();
  for (let i = 0; i < kills; i++) {
    const place = await killIn(server, 20 + i * step, i === 0 ? start : fire);
    places.set(place, (places.get(place) ?? 0) + 1);
  }
  console.log(
    `[ERASE-KILL] ${messages}: killed at ${[...places].map(([at, n]) => `${at} (${n})`).join("; ")}`,
  );
  const { job_id } = await start();
  for (const end = Date.now() + DONE_TIMEOUT_MS; Date.now() < end; ) {
    const job = await api.ask(scene.server, "GET", `/server/jobs/${job_id}`);
    if (job.status === "done") {
      const { totals, conversations } = job.certificate;
      const kept = conversations.filter((one: { is_rewritten: boolean }) => !one.is_rewritten).length;
      console.log(`[ERASE-KILL] ${messages}: ${JSON.stringify(totals)}, ${kept} not rewritten`);
      return;
    }
    await server.stop();
    letTimePass(server);
    await server.start();
    await fire();
  }
  throw new Error("the erasure was not done in time");
}

/** What is wrong afterwards. */
async function violations(server: DevServer, scene: Scene, words: readonly string[]): Promise<string[]> {
  const api = new Asking(server.url);
  const page = await api.ask(scene.bob, "GET", `/conversations/${scene.group}/messages?limit=100`);
  const left = new Set(page.messages.map((one: { message_id: string }) => one.message_id));
  const lost = scene.others.filter((id) => !left.has(id)).map((id) => `${id} of others is gone`);
  // So long until the objects are put away, and their files are whole.
  await sleep(12_000);
  await server.stop();
  endLogs(server.state);
  const objects = words
    .flatMap((word) => filesWith(server.state, word))
    .filter((file) => !file.includes("/d1/"));
  changeDirectory(server.state, "VACUUM");
  endLogs(server.state);
  const rest = words.flatMap((word) => filesWith(server.state, word)).filter((file) => file.includes("/d1/"));
  return [...lost, ...objects, ...rest];
}

async function run(messages: "erase" | "anonymise"): Promise<string[]> {
  const server = await DevServer.create({ RATE_LIMIT_MODE: "off" });
  try {
    const [word, other] = [`q${Date.now().toString(36)}z`, `t${Date.now().toString(36)}x`];
    const textWord = messages === "erase" ? word : other;
    const scene = await plant(server.url, server.secret, word, textWord);
    await sleep(3_000);
    const before = filesWith(server.state, word).length;
    if (before < 3) throw new Error("the word was not planted");
    console.log(`[ERASE-KILL] ${messages}: the word stands in ${before} files`);
    // A filter that names the person is the app's own.
    await new Asking(server.url).ask(scene.server, "DELETE", "/server/moderation/filters/names");
    await erase(server, scene, messages);
    return await violations(server, scene, [word]);
  } finally {
    await server.stop();
    server.dispose();
  }
}

let failed = false;
for (const messages of ["erase", "anonymise"] as const) {
  const wrong = await run(messages);
  for (const line of wrong) console.log(`[ERASE-KILL] ${messages}: ${line}`);
  console.log(
    `[ERASE-KILL] ${messages}: ${wrong.length === 0 ? "nothing is left" : `${wrong.length} places`}`,
  );
  failed ||= wrong.length > 0;
}
process.exitCode = failed ? 1 : 0;
