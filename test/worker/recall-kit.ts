/** Recoveries in tests: what is played of the platform (recall-platform.ts), and jobs that die on their way. */
import { runInDurableObject } from "cloudflare:test";
import type { Env } from "../../src/env.ts";
import { conversationObject } from "./kit.ts";
import { keepStorage, type Play, played, playFor } from "./recall-platform.ts";

/** Keeps a conversation's state as it is now. @returns its bookmark. */
export async function keepState(conversationId: string): Promise<string> {
  return await runInDurableObject(conversationObject(conversationId), (_, { storage }) =>
    keepStorage(storage),
  );
}

/** From now on a conversation has point-in-time recovery. */
export async function playPlatform(conversationId: string, bookmark: string): Promise<Play> {
  const play: Play = { bookmark, ends: 0 };
  playFor(conversationId, play);
  await runInDurableObject(conversationObject(conversationId), (_, state) => {
    played(state);
  });
  return play;
}

/** Ends a job as the death of its isolate does. */
class Killed extends Error {}

/**
 * The bindings of an isolate that dies after so many calls of steps: then nothing answers it any more.
 * @param calls to the conversation's `recover`.
 */
export function dyingEnv(env: Env, calls: number): Env {
  let left = calls;
  const alive = <T extends object>(target: T, property: string | symbol): unknown => {
    const value = Reflect.get(target, property);
    if (typeof value !== "function") return value;
    return (...input: unknown[]) => {
      if (left < 0) throw new Killed();
      return (value as (...given: unknown[]) => unknown).apply(target, input);
    };
  };
  const DB = new Proxy(env.DB, { get: alive });
  const stubOf = (stub: object) =>
    new Proxy(stub, {
      get(target, property) {
        // The methods of a stub are found by name alone.
        const call = (...input: unknown[]) => {
          if (property === "recover") left -= 1;
          if (left < 0) throw new Killed();
          const methods = target as Record<string | symbol, (...given: unknown[]) => unknown>;
          return methods[property]?.(...input);
        };
        return call;
      },
    });
  const CONVERSATION = new Proxy(env.CONVERSATION, {
    get(target, property) {
      if (property === "get") return (id: DurableObjectId) => stubOf(target.get(id));
      const value = Reflect.get(target, property);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { ...env, DB, CONVERSATION };
}
