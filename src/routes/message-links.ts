/**
 * Adds signed links to the attachments of messages that REST answers with (rule 26), so that a page of pictures can be shown
 * without asking for fifty links. The conversation signs nothing: it says only what the viewer may see, and its events
 * have no links. Who may not see a message gets it without attachments, so there is nothing to sign.
 */
import type { Attachment, Message } from "@rocket-chat-api/protocol";
import type { Context } from "hono";
import { linkTo } from "../attachments/link.ts";
import type { EpochMs } from "../domain/time.ts";
import { storageSettings } from "../settings.ts";
import type { AppEnv } from "./api.ts";

type Files = Pick<Message, "attachments">;

/** Signs for one request. */
interface Signer {
  secret: string;
  origin: string;
  now: EpochMs;
}

/** Undefined where attachments are not configured: then messages are shown without links. */
function signerOf(c: Context<AppEnv>): Signer | undefined {
  const settings = storageSettings(c.env);
  if (!("endpoint" in settings)) return undefined;
  return { secret: settings.secretAccessKey, origin: new URL(c.req.url).origin, now: Date.now() };
}

async function signed({ secret, origin, now }: Signer, attachment: Attachment): Promise<Attachment> {
  return { ...attachment, ...(await linkTo(secret, attachment, { origin, isDownload: false }, now)) };
}

/**
 * Messages with a link in each attachment. Takes no time where there are no attachments.
 * @param messages as the conversation shows them to the caller.
 */
export async function withLinks<T extends Files>(c: Context<AppEnv>, messages: readonly T[]): Promise<T[]> {
  const signer = messages.some((one) => one.attachments.length > 0) ? signerOf(c) : undefined;
  if (!signer) return [...messages];
  return await Promise.all(
    messages.map(async (message) => {
      if (message.attachments.length === 0) return message;
      const attachments = await Promise.all(message.attachments.map((one) => signed(signer, one)));
      return { ...message, attachments };
    }),
  );
}

type Linked = (c: Context<AppEnv>, body: unknown) => Promise<unknown>;

/** One message with a link in each attachment. */
export async function withLink(c: Context<AppEnv>, message: Message): Promise<Message> {
  const [linked = message] = await withLinks(c, [message]);
  return linked;
}

const inMessage: Linked = (c, body) => withLink(c, body as Message);

const inPage: Linked = async (c, body) => {
  const page = body as { messages: Message[] };
  return { ...page, messages: await withLinks(c, page.messages) };
};

/** By the schema of an operation's answer: each that holds messages. */
export const LINKED: Readonly<Record<string, Linked>> = {
  Message: inMessage,
  FetchedMessage: inMessage,
  MessagePage: inPage,
  PinPage: inPage,
};
