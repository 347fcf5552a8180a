/**
 * What Web Push carries: a Declarative Web Push message (https://w3c.github.io/push-api/#declarative-push-message). A
 * browser that knows these shows it by itself; for others the same bytes feed the service worker of the client library.
 */
import { z } from "zod";
import { PushKind } from "./push.ts";
import { Uuid } from "./uuid.ts";

/** The value of `web_push` that marks a declarative message: the number of the RFC. */
export const WEB_PUSH_MARK = 8030;

/** The conversations that were read on another device: up to which `seq` each. */
const Cleared = z.record(Uuid, z.int().min(0)).meta({
  description:
    "Conversations that were read elsewhere, each with the `seq` up to which. What is shown of them up to there is closed.",
});

/** What a notification is about, for the app that opens it. */
export const PushData = z
  .strictObject({
    type: PushKind,
    conversation_id: Uuid.nullable().meta({ description: "Null of a test." }),
    message_id: Uuid.nullable(),
    seq: z.int().meta({ description: "The place of the newest message that it tells of." }),
    unread: z.int().meta({ description: "Unread messages of the conversation." }),
    badge: z.int().meta({ description: "All unread messages of the user (rule 30)." }),
    cleared: Cleared.optional(),
  })
  .meta({ id: "PushData" });
export type PushData = z.infer<typeof PushData>;

/** A push message to a browser, as JSON. */
export const WebPushPayload = z
  .strictObject({
    web_push: z.literal(WEB_PUSH_MARK),
    notification: z.strictObject({
      title: z.string().min(1),
      body: z.string().optional(),
      navigate: z.string().meta({ description: "The address that a click opens where no page is open." }),
      tag: z
        .string()
        .optional()
        .meta({ description: "The conversation: a newer notification replaces the older." }),
      lang: z.string().optional(),
      dir: z.enum(["auto", "ltr", "rtl"]).optional(),
      silent: z.boolean().optional(),
      renotify: z
        .boolean()
        .optional()
        .meta({ description: "It makes a sound also where it replaces another one." }),
      data: PushData,
    }),
    app_badge: z.int().min(0).optional().meta({ description: "All unread messages of the user (rule 30)." }),
  })
  .meta({ id: "WebPushPayload" });
export type WebPushPayload = z.infer<typeof WebPushPayload>;
