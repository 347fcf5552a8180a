/** `npm run rebuild`: gives a directory (D1) that was lost or put back its data, from the conversations and hubs (docs/backup.md). */
import { setTimeout as sleep } from "node:timers/promises";
import { MAX_REBUILT } from "@rocket-chat-api/protocol/facts";
import { ApiError, type ChatServer, ConnectionLost } from "@rocket-chat-api/server";
import { readArguments, refuseArguments, wholeNumber } from "./arguments.ts";
import { environmentOf } from "./d1.ts";
import type { Environment } from "./deploy/environment.ts";
import { CREDENTIALS, isLocal, operatorOf, platformOf, serviceUrl, workerName } from "./operator.ts";
import { objectIds, type Platform } from "./platform.ts";
import { ProgressFile, REBUILD_PROGRESS } from "./progress.ts";

const USAGE = `
Usage: npm run rebuild -- --all [--env <name>] [--url <url>] [--parallel <n>] [--keep-epoch] [--restart]
       npm run rebuild -- --conversation <id> [--env <name>] [--url <url>]
       npm run rebuild -- --user <id> [--env <name>] [--url <url>]

Gives the directory (D1) back what it has lost, from the conversations and the users' hubs. It is safe while people write, and
may be killed: the same command goes on where it was. Restore a backup first if you have one: see docs/backup.md.

  --all                  all conversations, then all users
  --conversation <id>    one conversation
  --user <id>            one user: bans, blocks, devices, muted conversations
  --env <name>           the deployment, as npm run setup has made it; without it, the local one of \`npm run dev\`
  --url <url>            where the service is, if not at the domain of the deployment
  --parallel <n>         requests at a time (default 2), of ${MAX_REBUILT / 2} objects each
  --keep-epoch           clients are not asked to fetch everything again: nothing was lost, the rows are only written again
  --progress <file>      where it keeps how far it has come (default ${REBUILD_PROGRESS})
  --restart              from the beginning, whatever that file says: if the directory was lost or put back since. A file of more
                         than a day ago counts no longer
${CREDENTIALS}`;

type Kind = "conversations" | "users";
const KINDS: readonly Kind[] = ["conversations", "users"];
const CLASSES = { conversations: "Conversation", users: "UserHub" } as const;
/** Objects in one request. */
const BATCH = MAX_REBUILT / 2;
/** How often one batch is tried while the service cannot be reached or says that it is busy. */
const ATTEMPTS = 20;
/** Milliseconds before what is pending is asked for again, and how often that is: an hour. Then it counts as not reached. */
const LOOK_MS = 500;
const LOOKS = 7_200;
/** An interrupted run is gone on with for so long, in milliseconds: later the directory is likely to be another. */
const PROGRESS_MS = 24 * 3_600_000;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** How far a run over everything is. */
interface Progress {
  url: string;
  /** When it began, in milliseconds. */
  begun_at: number;
  is_renewed: boolean;
  /** Of each kind: the last id up to which all are done, in the order of ids. */
  after: Record<Kind, string>;
  /** Those that could not be reached. The next run tries them again. */
  failed: Record<Kind, string[]>;
}

/** Asks until there is an answer. Interruptions of the service are waited for, a minute at most each time. */
async function answered<T>(request: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await request();
    } catch (error) {
      const isPassing =
        error instanceof ConnectionLost ||
        (error instanceof ApiError && (error.status === 429 || error.status >= 500));
      if (!isPassing || attempt === ATTEMPTS) throw error;
      await sleep(Math.min(60_000, 500 * 2 ** attempt));
    }
  }
}

/**
 * Lets some objects give back what they know. One that never ends keeps none of the next ones back.
 * @param waits how often, and after how many milliseconds, what is pending is asked for again.
 * @returns those that could not be reached.
 */
export async function rebuildSome(
  chat: Pick<ChatServer, "rebuildDirectory">,
  kind: Kind,
  objects: readonly string[],
  waits: { looks: number; look_ms: number } = { looks: LOOKS, look_ms: LOOK_MS },
): Promise<string[]> {
  const failed: string[] = [];
  let waiting = [...objects];
  for (let look = 0; waiting.length > 0; look++) {
    if (look > waits.looks) return [...failed, ...waiting];
    if (look > 0) await sleep(waits.look_ms);
    const asked = { kind, objects: waiting, is_begun: look > 0 };
    const answer = await answered(() => chat.rebuildDirectory(asked));
    failed.push(...answer.failed);
    waiting = answer.pending;
  }
  return failed;
}

/** Goes through the objects of one kind. Each batch that is done is noted, as far as all before it are. */
async function rebuildKind(
  chat: ChatServer,
  kind: Kind,
  ids: readonly string[],
  parallel: number,
  noted: (batch: readonly string[], failed: readonly string[]) => void,
): Promise<void> {
  const running: { batch: readonly string[]; work: Promise<string[]> }[] = [];
  let done = 0;
  const settle = async () => {
    const first = running.shift();
    if (!first) return;
    const failed = await first.work;
    done = Math.min(ids.length, done + BATCH);
    noted(first.batch, failed);
    console.log(
      `${kind}: ${done} of ${ids.length}${failed.length > 0 ? `, ${failed.length} not reached` : ""}`,
    );
  };
  for (let i = 0; i < ids.length; i += BATCH) {
    const batch = ids.slice(i, i + BATCH);
    const work = rebuildSome(chat, kind, batch);
    // It is awaited in its turn. Until then a failure must not count as unhandled.
    work.catch(() => undefined);
    running.push({ batch, work });
    if (running.length >= parallel) await settle();
  }
  while (running.length > 0) await settle();
}

async function rebuildAll(
  chat: ChatServer,
  url: URL,
  place: { platform: Platform; worker: string },
  flags: { parallel: number; keepsEpoch: boolean; restart: boolean; file: string },
): Promise<boolean> {
  const file = new ProgressFile<Progress>(flags.file);
  const fresh: Progress = {
    url: url.origin,
    begun_at: Date.now(),
    is_renewed: flags.keepsEpoch,
    after: { conversations: "", users: "" },
    failed: { conversations: [], users: [] },
  };
  const known = flags.restart ? undefined : file.read();
  const isOurs = known?.url === url.origin && known.begun_at > Date.now() - PROGRESS_MS;
  const progress = known && isOurs ? known : fresh;
  if (progress === known) {
    const begun = new Date(known.begun_at).toISOString();
    console.log(`Going on with what ${flags.file} says since ${begun}. --restart begins again.`);
  }
  if (!progress.is_renewed) {
    await answered(() => chat.renewDirectory());
    progress.is_renewed = true;
  }
  file.write(progress);
  for (const kind of KINDS) {
    const all = await objectIds(place.platform, CLASSES[kind], place.worker);
    const ids = [...progress.failed[kind], ...all.filter((id) => id > progress.after[kind])];
    await rebuildKind(chat, kind, ids, flags.parallel, (batch, failed) => {
      const last = batch.at(-1) ?? "";
      if (last > progress.after[kind]) progress.after[kind] = last;
      const others = progress.failed[kind].filter((id) => !batch.includes(id));
      progress.failed[kind] = [...others, ...failed];
      file.write(progress);
    });
  }
  const isWhole = KINDS.every((kind) => progress.failed[kind].length === 0);
  if (isWhole) file.remove();
  return isWhole;
}

/** Where a deployment is, or the local service. */
function addressOf(environment: Environment | undefined): string {
  if (!environment) return "http://localhost:8787";
  if (environment.domain !== null) return `https://${environment.domain}`;
  return refuseArguments(`${environment.worker} has no domain: say where it is with --url`);
}

async function main(): Promise<void> {
  const { values } = readArguments({
    usage: USAGE,
    options: {
      all: { type: "boolean", default: false },
      conversation: { type: "string" },
      user: { type: "string" },
      env: { type: "string" },
      url: { type: "string" },
      parallel: { type: "string", default: "2" },
      "keep-epoch": { type: "boolean", default: false },
      progress: { type: "string", default: REBUILD_PROGRESS },
      restart: { type: "boolean", default: false },
    },
  });
  const { all, conversation, user } = values;
  if ([all, conversation !== undefined, user !== undefined].filter(Boolean).length !== 1) {
    refuseArguments("Say what to rebuild: --all, --conversation or --user");
  }
  const one = conversation ?? user;
  if (one !== undefined && !UUID.test(one)) refuseArguments(`'${one}' is no id`);
  const parallel = wholeNumber("parallel", values.parallel);
  const environment = values.env === undefined ? undefined : environmentOf(values.env);
  const url = serviceUrl(values.url ?? addressOf(environment));
  if (all && !environment && !isLocal(url)) {
    refuseArguments("Say which deployment it is with --env: others of the account have objects of their own");
  }
  const chat = operatorOf(url);
  const flags = {
    parallel,
    keepsEpoch: values["keep-epoch"],
    restart: values.restart,
    file: values.progress,
  };
  const isWhole = one
    ? (await rebuildSome(chat, conversation ? "conversations" : "users", [one])).length === 0
    : await rebuildAll(
        chat,
        url,
        { platform: platformOf(url, environment?.account_id), worker: environment?.worker ?? workerName() },
        flags,
      );
  console.log(isWhole ? "Done." : "Some could not be reached: run it again.");
  if (!isWhole) process.exitCode = 1;
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  });
}
