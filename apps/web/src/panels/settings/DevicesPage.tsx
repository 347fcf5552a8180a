import type { Device } from "@rocket-chat-api/client/push";
import { useChatClient } from "@rocket-chat-api/react";
import { Globe, Smartphone, TabletSmartphone, Trash2 } from "lucide-react";
import { useCallback, useState } from "react";
import { useI18n } from "../../i18n/i18n.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import { PanelFrame } from "../PanelFrame.tsx";
import { ConfirmDialog } from "../parts/ConfirmDialog.tsx";
import { Group } from "../parts/Group.tsx";
import { LoadState } from "../parts/LoadState.tsx";
import { endSubscription, pushOf } from "../push/pushes.ts";
import { moment } from "../times.ts";
import { useLoaded } from "../use-loaded.ts";
import styles from "./settings.module.css";

/** The devices that get notifications. */
export function DevicesPage() {
  const { t } = useI18n();
  const push = pushOf(useChatClient());
  const load = useCallback(() => push.devices(), [push]);
  const { value, error, setValue, reload } = useLoaded(load);
  const [removed, setRemoved] = useState<Device | null>(null);
  const remove = async ({ device_id }: Device) => {
    await push.unregister(device_id);
    // Else this browser would register itself again at its next start.
    if (device_id === push.device_id) await endSubscription();
    setValue((known) => known.filter((one) => one.device_id !== device_id));
  };
  return (
    <PanelFrame title={t("panels.devices")} page="devices" parent="settings">
      {!value && <LoadState error={error} onRetry={reload} />}
      {value?.length === 0 && (
        <EmptyState
          icon={<TabletSmartphone />}
          title={t("panels.devices_none")}
          hint={t("panels.devices_none_hint")}
        />
      )}
      {value && value.length > 0 && (
        <Group hint={t("panels.devices_hint")}>
          <ul>
            {value.map((device) => (
              <DeviceRow
                key={device.device_id}
                device={device}
                isThis={device.device_id === push.device_id}
                onRemove={() => setRemoved(device)}
              />
            ))}
          </ul>
        </Group>
      )}
      {removed && (
        <ConfirmDialog
          title={t("panels.device_question")}
          action={t("panels.device_remove")}
          onConfirm={() => remove(removed)}
          onClose={() => setRemoved(null)}
        >
          <p>{t("panels.device_hint")}</p>
        </ConfirmDialog>
      )}
    </PanelFrame>
  );
}

function DeviceRow({ device, isThis, onRemove }: { device: Device; isThis: boolean; onRemove: () => void }) {
  const { t, language } = useI18n();
  const { platform, is_active, registered_at, last_pushed_at } = device;
  const at = (time: string) => moment(new Date(time), new Date(), language);
  const since = last_pushed_at
    ? t("panels.device_pushed", { when: at(last_pushed_at) })
    : t("panels.device_since", { when: at(registered_at) });
  const name = t(`panels.platform_${platform}`);
  return (
    <li className={styles.device}>
      {platform === "web" ? <Globe aria-hidden="true" /> : <Smartphone aria-hidden="true" />}
      <span className={styles.names}>
        <span className={styles.name}>{isThis ? t("panels.this_device", { name }) : name}</span>
        <span className={styles.about}>{is_active ? since : t("panels.device_dead")}</span>
      </span>
      <IconButton label={t("panels.device_remove_name", { name })} icon={<Trash2 />} onClick={onRemove} />
    </li>
  );
}
