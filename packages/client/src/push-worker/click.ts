/** A click on a notification: to an open window of the app, or to a new one. */
import { type ClickTarget, dataIn, MARK } from "../push/messages.ts";
import type { NotificationClickEvent, PushWorkerScope } from "./scope.ts";
import { firstThatAnswers, windowsOf } from "./windows.ts";

/** Handles a click on a notification. Never rejects. */
export async function onClick(
  scope: PushWorkerScope,
  { notification }: NotificationClickEvent,
  home: string | undefined,
): Promise<void> {
  notification.close();
  const target = targetOf(notification.data, new URL(home ?? "", scope.registration.scope).href);
  try {
    // A window without an app in it, such as a page that asks for a password, does not answer.
    const window = await firstThatAnswers(await windowsOf(scope), { [MARK]: "ready" });
    if (!window) await scope.clients.openWindow(target.navigate);
    else {
      window.postMessage({ [MARK]: "open", ...target });
      await window.focus();
    }
  } catch {
    // The browser allows no window now.
  }
}

/** Where a click leads. An address that is no page of the web is not opened. */
function targetOf(value: unknown, home: string): ClickTarget {
  const data = dataIn(value);
  return {
    conversation_id: data?.conversation_id ?? null,
    message_id: data?.message_id ?? null,
    navigate: webAddress(data?.navigate, home) ?? home,
  };
}

function webAddress(address: string | undefined, base: string): string | undefined {
  if (address === undefined) return undefined;
  try {
    const { protocol, href } = new URL(address, base);
    return protocol === "https:" || protocol === "http:" ? href : undefined;
  } catch {
    return undefined;
  }
}
