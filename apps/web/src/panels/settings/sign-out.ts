/** Ends the session, and with it the notifications of this browser. */
import type { ChatClient } from "@rocket-chat-api/client";
import { forgetPerson } from "../../session/kept.ts";
import { endSession } from "../../session/session.ts";

/** How long the server may take to forget this device, in milliseconds. */
const PATIENCE_MS = 3_000;

/**
 * Signs out: the device gets no more notifications and keeps nothing, unsent texts neither, and the window shows the sign-in.
 * @param userId as the session names the person.
 */
export async function signOut(client: ChatClient, userId: string): Promise<void> {
  if ("Notification" in window && Notification.permission === "granted") {
    const { pushOf, workerOf } = await import("../push/pushes.ts");
    const registration = await workerOf();
    const isSubscribed = (await registration?.pushManager.getSubscription()) != null;
    const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
    // Without the server the subscription of the browser ends all the same.
    if (isSubscribed)
      await Promise.race([
        pushOf(client)
          .logOut()
          .catch(() => undefined),
        patience,
      ]);
  }
  forgetPerson(userId);
  await client.logOut().catch(() => undefined);
  endSession();
}
