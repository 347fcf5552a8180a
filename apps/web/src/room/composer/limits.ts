/** What the deployment takes: asked for once. */
import type { AttachmentType, ChatClient } from "@rocket-chat-api/client";
import { useChatClient } from "@rocket-chat-api/react";
import { useEffect, useState } from "react";

/** The limits that a composer must know. */
export interface Limits {
  /** Characters (code points) of a message. */
  readonly max_message_length: number;
  /** Files of one message. */
  readonly max_attachments: number;
  /** Bytes of a file. */
  readonly max_attachment_bytes: Readonly<Record<AttachmentType, number>>;
}

const MIB = 1024 * 1024;
/** What a deployment takes unless its settings say otherwise. */
const USUAL: Limits = {
  max_message_length: 4096,
  max_attachments: 10,
  max_attachment_bytes: { image: 20 * MIB, video: 100 * MIB, audio: 50 * MIB, file: 100 * MIB },
};

const ASKED = new WeakMap<ChatClient, Promise<Limits>>();

async function ask(client: ChatClient): Promise<Limits> {
  try {
    return (await client.rest.http.request<{ limits: Limits }>("GET", "/capabilities")).limits;
  } catch {
    // The next room asks again. Until then the server refuses what is too much.
    ASKED.delete(client);
    return USUAL;
  }
}

/** The limits; the usual ones until they are known. */
export function useLimits(): Limits {
  const client = useChatClient();
  const [limits, setLimits] = useState(USUAL);
  useEffect(() => {
    const asked = ASKED.get(client) ?? ask(client);
    ASKED.set(client, asked);
    let isShown = true;
    void asked.then((known) => isShown && setLimits(known));
    return () => {
      isShown = false;
    };
  }, [client]);
  return limits;
}

/** Code points of a text. */
export function lengthOf(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
