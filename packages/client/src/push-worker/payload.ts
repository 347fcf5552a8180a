/** Reads what a push message carries. Anyone who knows the subscription's keys may have written it, so nothing is taken on trust. */
import type { WebPushPayload } from "@rocket-chat-api/protocol";
import { dataIn, type NotificationData } from "../push/messages.ts";
import type { NotificationOptions } from "./scope.ts";

/** The mark of a declarative message (`WebPushPayload`). */
const WEB_PUSH_MARK: WebPushPayload["web_push"] = 8030;

/** A message of this service. */
export interface ReadPayload {
  title: string;
  /** What is shown, without title and data. */
  options: NotificationOptions;
  data: NotificationData;
  /** All unread messages; undefined if the message does not say. */
  badge: number | undefined;
}

/** Reads a message. @returns undefined if it is not of this service. */
export function readPayload(value: unknown): ReadPayload | undefined {
  if (!isRecord(value) || value.web_push !== WEB_PUSH_MARK || !isRecord(value.notification)) return undefined;
  const { title, navigate, silent } = value.notification;
  const data = dataIn(value.notification.data);
  if (typeof title !== "string" || title === "" || !data) return undefined;
  const { app_badge: badge } = value;
  return {
    title,
    options: {
      ...textsOf(value.notification),
      ...(typeof silent === "boolean" && { silent }),
    },
    data: { ...data, navigate: typeof navigate === "string" ? navigate : undefined },
    badge: typeof badge === "number" && Number.isSafeInteger(badge) && badge >= 0 ? badge : undefined,
  };
}

function textsOf({ body, tag, lang, dir }: Record<string, unknown>): NotificationOptions {
  return {
    ...(typeof body === "string" && { body }),
    ...(typeof tag === "string" && { tag }),
    ...(typeof lang === "string" && { lang }),
    ...((dir === "auto" || dir === "ltr" || dir === "rtl") && { dir }),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
