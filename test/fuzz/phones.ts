/** Phones of the people in a run, and what is known about them: who has each, and what must not be pushed any more. */
import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { PushControl } from "../push/control.ts";
import type { ReceivedPush } from "../push/wire.ts";
import { api, hubObject, request, sign } from "../worker/kit.ts";
import type { Somebody } from "./actor.ts";
import { realNow } from "./clock.ts";

/** How a request ended (see ledger.ts). */
type Ending = "done" | "refused" | "unknown";

export const control = new PushControl(env.PUSH_CONTROL);

/** A phone. Times are milliseconds since 1970 by the real clock, which the stand-ins have too. */
export interface Phone {
  provider: "apns" | "fcm";
  device_id: string;
  /** Its tokens, the newest last: apps get a new one now and then. */
  tokens: string[];
  /** Who has it; undefined if nobody has. */
  owner: Somebody | undefined;
  /** Since when that is known. Before that pushes for the owner before may come. */
  owned_at: number;
  /** Whether a request about it had no answer. */
  isVague: boolean;
  /** Messages since then are to be on its screen. */
  covered_from: number;
}

/** What somebody has set for a conversation or for all, and when that was known to count. */
export interface Mute {
  conversation_id: string;
  user_id: string;
  from: number;
  to: number;
}

export class PushLedger {
  readonly phones: Phone[] = [];
  /** Words that nobody may be shown any more: deleted, replaced or expired. */
  readonly dead = new Map<string, number>();
  /** `word user`: words that one person may be shown no more. */
  readonly hidden = new Map<string, number>();
  readonly reads: { conversation_id: string; user_id: string; seq: number; at: number }[] = [];
  readonly mutes: Mute[] = [];
  /** Who has blocked whom, and from when to when that was known to count. */
  readonly blocks: { blocker_id: string; blocked_id: string; from: number; to: number }[] = [];
  /** `conversation user`, or the user alone: where the level was not "all" at some time. */
  readonly fussy = new Set<string>();
  /** Users who have asked for nothing at some time: their conversations tell nothing then. */
  readonly off = new Set<string>();

  /** A word is gone. What counts is when that was known first. */
  buried(word: string): void {
    if (!this.dead.has(word)) this.dead.set(word, realNow());
  }

  /** @param is whether a conversation is muted now. */
  muted(conversation_id: string, user_id: string, is: boolean, ending: Ending, began: number): void {
    this.fussy.add(`${conversation_id} ${user_id}`);
    const open = this.mutes.find(
      (one) => one.user_id === user_id && one.conversation_id === conversation_id && one.to === Infinity,
    );
    if (open && (!is || ending !== "done")) open.to = began;
    if (is && ending === "done" && (!open || open.to !== Infinity)) {
      this.mutes.push({ conversation_id, user_id, from: realNow(), to: Infinity });
    }
  }
}

/** A token of APNs, hexadecimal; FCM takes any word. */
function newToken(): string {
  return crypto.randomUUID().replaceAll("-", "").repeat(2);
}

/** A request as somebody. */
export async function asking(who: Somebody, method: string, path: string, body?: object): Promise<Ending> {
  try {
    const token = await sign({ sub: who.user_id, username: who.username, display_name: who.username });
    const { status } = await request(`/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (status >= 500) return "unknown";
    return status < 300 ? "done" : "refused";
  } catch {
    return "unknown";
  }
}

/** The body of what somebody is answered. */
export async function answerTo(who: Somebody, path: string) {
  const token = await sign({ sub: who.user_id, username: who.username, display_name: who.username });
  return (await api({ ...who, token }, "GET", path)).body;
}

/** Registers a phone for somebody, with its newest token. Tells nobody else. */
export async function register(phone: Phone, owner: Somebody): Promise<Ending> {
  const ending = await asking(owner, "PUT", `/devices/${phone.device_id}`, {
    platform: phone.provider === "apns" ? "ios" : "android",
    provider: phone.provider,
    ...(phone.provider === "apns" && { app_id: "com.example.chat" }),
    token: phone.tokens.at(-1),
  });
  if (ending !== "done") phone.isVague = true;
  else {
    if (phone.owner?.user_id !== owner.user_id) phone.owned_at = realNow();
    phone.owner = owner;
  }
  return ending;
}

/** The phone gets another token, as apps do now and then. */
export function renewToken(phone: Phone): void {
  phone.tokens.push(newToken());
}

/** A phone that nobody has registered. */
function newPhone(provider: Phone["provider"]): Phone {
  const device_id = `phone-${crypto.randomUUID().slice(0, 8)}`;
  const base = { provider, device_id, tokens: [newToken()], owner: undefined, owned_at: 0 };
  return { ...base, isVague: false, covered_from: 0 };
}

/** Gives the first has two phones, the second, third and fifth one, and the fourth none. All conversations know of them. */
export async function handOut(people: readonly Somebody[], ledger: PushLedger): Promise<void> {
  await control.reset();
  await control.options({ check_time: false });
  const owners = [0, 0, 1, 2, 4];
  await Promise.all(
    owners.map(async (owner, index) => {
      const phone = newPhone(index % 2 === 0 ? "apns" : "fcm");
      ledger.phones.push(phone);
      const who = people[owner];
      if (!who || (await register(phone, who)) !== "done") throw new Error("a phone was not registered");
    }),
  );
  await warmUp(ledger.phones);
  await Promise.all(
    [0, 1, 2, 4].map((index) => runDurableObjectAlarm(hubObject(people[index]?.user_id ?? ""))),
  );
}

let isWarm = false;

/** Fetches the first access token of FCM: whoever wants it while an object that fetches it is killed waits three seconds. */
async function warmUp(phones: readonly Phone[]): Promise<void> {
  const phone = phones.find(({ provider }) => provider === "fcm");
  if (isWarm || !phone?.owner) return;
  await asking(phone.owner, "POST", `/devices/${phone.device_id}/test`);
  await control.reset();
  await control.options({ check_time: false });
  isWarm = true;
}

/** Apps start once more and register their phones: from now on every message must reach those that are known to have one. */
export async function reopenApps(ledger: PushLedger): Promise<void> {
  for (const phone of ledger.phones) {
    const { owner } = phone;
    if (!owner) continue;
    const isKnown = !phone.isVague;
    phone.isVague = false;
    await register(phone, owner);
    await runDurableObjectAlarm(hubObject(owner.user_id));
    if (!isKnown) phone.owned_at = realNow();
    if (!isKnown || phone.covered_from > realNow()) phone.covered_from = realNow();
  }
}

/** What came for a phone, oldest first, since its owner has it. */
export async function pushesTo({ tokens, provider }: Phone): Promise<ReceivedPush[]> {
  const lists = await Promise.all(tokens.map((token) => control.pushes({ provider, token })));
  return lists.flat().sort((a, b) => a.at - b.at);
}
