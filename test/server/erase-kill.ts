/**
 * [ERASE-KILL] Nothing of an erased person is left in any file (`npm run test:erase`, `--help` lists the flags).
 *
 * A word is planted in every place where a person can leave one: in each column that can hold text, as far as the table does not say
 * why it cannot (erase/table.ts). While some of it still waits to be delivered, the person is erased, and the server is killed after
 * each change that the erasure makes, once in each of its steps. Then it is stopped, and every byte that it keeps is searched.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { readArguments } from "../../scripts/arguments.ts";
import { DevServer } from "../../scripts/serve.ts";
import { PushControl } from "../push/control.ts";
import { startPushStandIns } from "../push/start.ts";
import { columnsOf, columnsWith } from "./erase/columns.ts";
import { changeDirectory, dropOrphans, endLogs, filesWith } from "./erase/files.ts";
import { Gate } from "./erase/gate.ts";
import { plantLate } from "./erase/late.ts";
import { plant, SCENE_SETTINGS, type Scene, type Words } from "./erase/plant.ts";
import { misplanted, undecided } from "./erase/table.ts";

const MODES = ["erase", "anonymise"] as const;
type Mode = (typeof MODES)[number];

const USAGE = `
Usage: npm run test:erase -- [flags]

Erases a person while the server is killed after each change, then searches every file for what they have left.

  --only <mode>   erase, or anonymise; both
  --no-kills      lets the erasure run through
`;

const flags = readArguments({
  usage: USAGE,
  options: { only: { type: "string" }, "no-kills": { type: "boolean", default: false } },
}).values;

/** Where the cron trigger is fired by hand. */
const CRON = "/cdn-cgi/local/scheduled";
/** So long an erasure may take without a kill, in milliseconds. */
const STEP_TIMEOUT_MS = 120_000;
/** So long the job may go on after its request was answered. */
const BEGIN_MS = 10_000;

/** Makes everything look interrupted a while ago, and the second round due. While no server runs. @returns the job, if there is one. */
function letTimePass(server: DevServer): { job_id: string; status: string } | undefined {
  const [job] = changeDirectory(
    server.state,
    "UPDATE jobs SET updated_at = updated_at - 100000 WHERE status = 'running'",
    "UPDATE users SET erased_at = erased_at - 100000 WHERE erased_at IS NOT NULL",
    "SELECT job_id, status FROM jobs WHERE kind = 'erase_user'",
  );
  return job && { job_id: String(job.job_id), status: String(job.status) };
}

/** Erases, and kills the server wherever the gate holds. */
async function erase(server: DevServer, scene: Scene, messages: Mode, gate: Gate): Promise<void> {
  const { api, ada } = scene;
  const start = async () =>
    await api.ask(scene.server, "POST", `/server/users/${ada.user_id}/erase`, { messages });
  const fire = async () => await (await fetch(server.url + CRON)).text();
  for (let job = letTimePass(server); ; ) {
    const held = gate.held();
    const work = job ? fire() : start().then(() => sleep(BEGIN_MS));
    const ended = work.then(
      () => undefined,
      () => undefined,
    );
    const place = await Promise.race([held, ended, sleep(STEP_TIMEOUT_MS, "late")]);
    if (place === "late") throw new Error(`nothing went on:\n${server.log()}`);
    await (place === undefined ? server.stop() : server.killAll());
    gate.wasKilled();
    job = letTimePass(server);
    await server.start();
    if (job && job.status !== "running") return await report(scene, job.job_id, messages);
  }
}

async function report({ api, server }: Scene, job_id: string, messages: Mode): Promise<void> {
  const job = await api.ask(server, "GET", `/server/jobs/${job_id}`);
  if (job.status !== "done") throw new Error(`the job has ended: ${JSON.stringify(job)}`);
  const { totals, conversations } = job.certificate;
  const kept = conversations.filter((one: { is_rewritten: boolean }) => !one.is_rewritten).length;
  console.log(`[ERASE-KILL] ${messages}: ${JSON.stringify(totals)}, ${kept} not rewritten`);
}

/** What is wrong afterwards. */
async function violations(server: DevServer, scene: Scene): Promise<string[]> {
  const { api, words, bob, group, others } = scene;
  const authorization = `Bearer ${scene.server.token}`;
  const metrics = await (await fetch(`${server.url}/metrics`, { headers: { authorization } })).text();
  if (!metrics.includes("# EOF")) throw new Error(`no metrics: ${metrics}`);
  const page = await api.ask(bob, "GET", `/conversations/${group}/messages?limit=100`);
  const left = new Set(page.messages.map((one: { message_id: string }) => one.message_id));
  const lost = others.filter((id) => !left.has(id)).map((id) => `${id} of others is gone`);
  // So long until the objects are put away, and their files are whole.
  await sleep(12_000);
  await server.stop();
  endLogs(server.state);
  dropOrphans(server.state);
  const objects = filesWith(server.state, words.name).filter((file) => !file.includes("/d1/"));
  // D1 has no way to overwrite freed space: docs/security.md.
  changeDirectory(server.state, "VACUUM");
  endLogs(server.state);
  const directory = filesWith(server.state, words.name).filter((file) => file.includes("/d1/"));
  const logged = server
    .lines()
    .filter((line) => line.startsWith("{") && line.includes(words.name))
    .map((line) => `the log: ${line}`);
  const counted = metrics.includes(words.name) ? ["/metrics names them"] : [];
  return [...lost, ...objects, ...directory, ...logged, ...counted];
}

async function run(messages: Mode): Promise<string[]> {
  const standIns = await startPushStandIns();
  const gate = await Gate.start();
  gate.isOpen = flags["no-kills"];
  const { FCM_SERVICE_ACCOUNT: _, ...settings } = standIns.settings;
  // A line of `.dev.vars` has no room for the lines of a key.
  const lines = Object.entries(settings).map(([name, value]) => [
    name,
    value.trimEnd().replaceAll("\n", "\\n"),
  ]);
  const vars = { RATE_LIMIT_MODE: "off", ERASE_GATE: gate.url, ...SCENE_SETTINGS };
  const server = await DevServer.create(
    { ...vars, ...(Object.fromEntries(lines) as Record<string, string>) },
    "test/server/erase/entry.ts",
  );
  try {
    const [name, other] = [`q${Date.now().toString(36)}z`, `t${Date.now().toString(36)}x`];
    const words: Words = { name, text: messages === "erase" ? name : other };
    const scene = await plant(server.url, server.secret, words, new PushControl(standIns.control));
    await plantLate(server, scene);
    const planted = columnsWith(server.state, Object.values(words));
    await server.start();
    const ban = { reason: `${name} must go` };
    await scene.api.ask(scene.server, "PUT", `/server/moderation/bans/${scene.ada.user_id}`, ban);
    await server.killAll();
    const found = new Set([...planted, ...columnsWith(server.state, Object.values(words))]);
    const table = [...undecided(columnsOf(server.state)), ...misplanted(found)];
    console.log(`[ERASE-KILL] ${messages}: the word stands in ${found.size} columns`);
    await server.start();
    gate.onHeld = (place) => console.log(`[ERASE-KILL] ${messages}: killed after ${place}`);
    await erase(server, scene, messages, gate);
    return [...table, ...(await violations(server, scene))];
  } finally {
    await server.stop();
    server.dispose();
    await gate.stop();
    await standIns.stop();
  }
}

let failed = false;
const modes = MODES.filter((mode) => (flags.only ?? mode) === mode);
// Both at once: each waits most of the time.
for (const { messages, wrong } of await Promise.all(
  modes.map(async (messages) => ({ messages, wrong: await run(messages) })),
)) {
  for (const line of wrong) console.log(`[ERASE-KILL] ${messages}: ${line}`);
  console.log(
    `[ERASE-KILL] ${messages}: ${wrong.length === 0 ? "nothing is left" : `${wrong.length} places`}`,
  );
  failed ||= wrong.length > 0;
}
process.exitCode = failed ? 1 : 0;
