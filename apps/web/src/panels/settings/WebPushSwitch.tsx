import type { ChatClient } from "@rocket-chat-api/client";
import { subscribeWebPush } from "@rocket-chat-api/client/push";
import { useChatClient } from "@rocket-chat-api/react";
import { BellRing, Info } from "lucide-react";
import { useEffect, useState } from "react";
import { useT } from "../../i18n/i18n.tsx";
import { toast } from "../../ui/toasts.ts";
import { errorText } from "../error-text.ts";
import { Group } from "../parts/Group.tsx";
import { Switch } from "../parts/Switch.tsx";
import { endSubscription, pushOf, startWorker, whyUnsupported, workerOf } from "../push/pushes.ts";
import styles from "./settings.module.css";

/** How it stands with notifications of this browser. */
type State =
  | "unknown"
  | "off"
  | "on"
  | "turning_on"
  | "turning_off"
  | "denied"
  | "insecure"
  | "unsupported"
  | "unavailable";

/** Whether the service has the keys to notify browsers. Without an answer it is assumed: the switch then says what is wrong. */
async function isAvailable(client: ChatClient): Promise<boolean> {
  const ask = client.rest.http.request<{ push?: { providers?: string[] } }>("GET", "/capabilities");
  const { push } = await ask.catch(() => ({ push: undefined }));
  return push?.providers?.includes("webpush") ?? true;
}

async function stateNow(client: ChatClient): Promise<State> {
  const why = whyUnsupported();
  if (why) return why;
  if (Notification.permission === "denied") return "denied";
  if (!(await isAvailable(client))) return "unavailable";
  const registration = await workerOf();
  return (await registration?.pushManager.getSubscription()) ? "on" : "off";
}

/** Notifications of this browser, while the page is not in front or not open. */
export function WebPushSwitch() {
  const t = useT();
  const client = useChatClient();
  const push = pushOf(client);
  const [state, setState] = useState<State>("unknown");
  useEffect(() => {
    let isShown = true;
    void stateNow(client).then((now) => isShown && setState(now));
    return () => {
      isShown = false;
    };
  }, [client]);

  const subscribe = async (): Promise<State> => {
    // Asked for first, since some browsers ask only while they handle a press.
    if ((await Notification.requestPermission()) !== "granted") return await stateNow(client);
    await subscribeWebPush(push, await startWorker(push));
    return "on";
  };
  const end = async (): Promise<State> => {
    await push.unregister();
    await endSubscription();
    return "off";
  };
  const change = async (isOn: boolean) => {
    setState(isOn ? "turning_on" : "turning_off");
    try {
      setState(await (isOn ? subscribe() : end()));
    } catch (error) {
      toast(errorText(error, t), { tone: "danger" });
      setState(await stateNow(client));
    }
  };
  const isFixed = state === "insecure" || state === "unsupported" || state === "denied";
  return (
    <Group>
      <Switch
        icon={<BellRing />}
        label={t("panels.web_push")}
        hint={t("panels.web_push_hint")}
        isOn={state === "on" || state === "turning_on"}
        isDisabled={state !== "on" && state !== "off"}
        onChange={(isOn) => void change(isOn)}
      />
      {(isFixed || state === "unavailable") && (
        <p className={styles.push} role="status">
          <Info aria-hidden="true" />
          {t(`panels.web_push_${state}`)}
        </p>
      )}
    </Group>
  );
}
