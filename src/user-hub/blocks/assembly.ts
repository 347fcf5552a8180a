/** Puts the pieces of blocks together. */
import { encodeEvent } from "@rocket-chat-api/protocol";
import {
  lateSharedConversations,
  putBlock,
  removeEndedBlock,
  sharedConversations,
} from "../../directory/blocks.ts";
import { openDirectory } from "../../directory/database.ts";
import { presenceOfPair } from "../../directory/presence.ts";
import type { EpochMs } from "../../domain/time.ts";
import type { Env } from "../../env.ts";
import { errorFields, log } from "../../log.ts";
import { type ConversationObject, hubObject } from "../../realtime/objects.ts";
import type { Stubs } from "../../realtime/stubs.ts";
import type { HubStore } from "../store.ts";
import { BlockStore } from "./block-store.ts";
import { BlockUpdates } from "./block-updates.ts";
import { UserBlocks } from "./user-blocks.ts";

/** What blocks need of their hub. */
export interface BlocksHost {
  env: Env;
  store: HubStore;
  conversations: Stubs<ConversationObject>;
  /** The conversations that this hub knows by itself. */
  known(): string[];
  /** Sends a frame to all sockets of the user, here and at conversations. */
  notifySelf(frame: string): Promise<void>;
  /** What devices show is looked at again. It must not reject. */
  push(): Promise<void>;
  ringBy(time: EpochMs | undefined): void;
  waitUntil(work: Promise<unknown>): void;
}

/** The blocks of one user. */
export function assembleBlocks({ env, store, conversations, ...host }: BlocksHost): UserBlocks {
  const rows = new BlockStore(store);
  const { ringBy, waitUntil } = host;
  const directory = () => openDirectory(env.DB);
  const userId = () => store.row()?.user_id ?? "";
  const notifySelf = async (frame: string) => {
    try {
      await host.notifySelf(frame);
    } catch (error) {
      // A device that has not heard of it sees it when it asks for the list.
      log("warn", "block.not_announced", { ...errorFields(error) });
    }
  };
  const updates = new BlockUpdates(rows, {
    userId,
    list: (word) => putBlock(directory(), word),
    unlist: (word) => removeEndedBlock(directory(), word),
    shared: (other) => sharedConversations(directory(), userId(), other),
    sharedSince: (other, rev) => lateSharedConversations(directory(), userId(), other, rev),
    known: () => host.known(),
    setBlocks: (id, words) => conversations.call(id, (conversation) => conversation.setBlocks(words)),
    reached: async (other, isBlocked) => {
      await announcePresence(env, userId(), other, notifySelf);
      if (isBlocked) await host.push();
    },
    ringBy,
  });
  return new UserBlocks(rows, updates, {
    ensureUser: async (id) => {
      await store.ensureTables();
      store.rowOf(id);
    },
    notifySelf: (frame) => waitUntil(notifySelf(frame)),
    waitUntil,
  });
}

/** Tells two users what they see of each other's presence now. Never rejects: presence is a courtesy. */
async function announcePresence(
  env: Env,
  userId: string,
  otherId: string,
  notifySelf: (frame: string) => Promise<void>,
): Promise<void> {
  try {
    for (const data of await presenceOfPair(openDirectory(env.DB), userId, otherId)) {
      const frame = encodeEvent({ type: "user.presence", data });
      if (data.user_id === otherId) await notifySelf(frame);
      else await hubObject(env, otherId).sendCustom(frame);
    }
  } catch (error) {
    log("warn", "presence.failed", { ...errorFields(error) });
  }
}
