import { Archive, ArchiveRestore, Bell, BellOff, Pin, PinOff, Search } from "lucide-react";
import { lazy, type ReactNode, Suspense, useRef, useState } from "react";
import { navigate } from "../../app/route.ts";
import { useI18n } from "../../i18n/i18n.tsx";
import type { MenuEntry } from "../../ui/menu-entry.ts";
import { inHours } from "../times.ts";
import { useAttempt } from "../use-attempt.ts";
import styles from "./details.module.css";
import { isInForce } from "./rights.ts";
import type { Details } from "./use-details.ts";

const MenuPopup = lazy(() => import("../../ui/MenuPopup.tsx"));

/** For how many hours one can mute; null is without an end. */
const MUTE_HOURS = { hour: 1, night: 8, week: 7 * 24, always: null } as const;

/** Whether the viewer has muted a conversation. */
export function isMuted({ preferences }: Details): boolean {
  return preferences?.is_muted === true && isInForce({ until: preferences.muted_until }, Date.now());
}

/** What one does most with a conversation. */
export function QuickActions({ details }: { details: Details }) {
  const { t } = useI18n();
  const { attempt } = useAttempt();
  const { preferences, setPreferences } = details;
  const set = (patch: Parameters<typeof setPreferences>[0]) => void attempt(() => setPreferences(patch));
  const { is_pinned = false, is_archived = false } = preferences ?? {};
  const until = (hours: number | null) => (hours === null ? null : inHours(hours));
  const entries = Object.entries(MUTE_HOURS).map(([id, hours]) => ({
    id,
    label: t(`panels.mute_${id as keyof typeof MUTE_HOURS}`),
    onSelect: () => set({ is_muted: true, muted_until: until(hours) }),
  }));
  return (
    <div className={styles.tiles}>
      {isMuted(details) ? (
        <Tile icon={<BellOff />} label={t("panels.unmute")} onPress={() => set({ is_muted: false })} />
      ) : (
        <MenuTile icon={<Bell />} label={t("panels.mute")} entries={entries} />
      )}
      <Tile
        icon={is_pinned ? <PinOff /> : <Pin />}
        label={t(is_pinned ? "panels.unpin" : "panels.pin")}
        onPress={() => set({ is_pinned: !is_pinned })}
      />
      <Tile icon={<Search />} label={t("panels.search")} onPress={() => navigate({ panel: "search/here" })} />
      <Tile
        icon={is_archived ? <ArchiveRestore /> : <Archive />}
        label={t(is_archived ? "panels.unarchive" : "panels.archive")}
        onPress={() => set({ is_archived: !is_archived })}
      />
    </div>
  );
}

interface TileProps {
  icon: ReactNode;
  label: string;
}

function Tile({ icon, label, onPress }: TileProps & { onPress: () => void }) {
  return (
    <button type="button" className={styles.tile} onClick={onPress}>
      {icon}
      <span>{label}</span>
    </button>
  );
}

function MenuTile({ icon, label, entries }: TileProps & { entries: readonly MenuEntry[] }) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <button
        ref={button}
        type="button"
        className={styles.tile}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => setOpen(true)}
      >
        {icon}
        <span>{label}</span>
      </button>
      {isOpen && (
        <Suspense>
          <MenuPopup label={label} entries={entries} trigger={button} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
