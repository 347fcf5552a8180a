import type { QuietPeriod } from "@rocket-chat-api/client/push";
import { Globe2, Moon } from "lucide-react";
import { useId, useMemo } from "react";
import { useI18n } from "../../i18n/i18n.tsx";
import fields from "../parts/fields.module.css";
import { Group } from "../parts/Group.tsx";
import { Select } from "../parts/Select.tsx";
import { Switch } from "../parts/Switch.tsx";
import type { PreferencesProps } from "./preferences.ts";
import styles from "./settings.module.css";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
type Day = (typeof DAYS)[number];
/** A Monday, to name the days by. */
const MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 24 * 3600 * 1000;
/** What quiet hours begin with. */
const NIGHT: QuietPeriod = { days: [...DAYS], from: "22:00", to: "07:00" };

/** The time zone of this device. */
const here = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Hours of the week in which nothing notifies. */
export function QuietHours({ preferences, onChange }: PreferencesProps) {
  const { t } = useI18n();
  const { do_not_disturb: periods, timezone } = preferences;
  const [first, ...others] = periods;
  const change = (patch: Partial<QuietPeriod>) => {
    const next = { ...(first ?? NIGHT), ...patch };
    // A period without a day is none.
    if (next.days.length > 0) onChange({ do_not_disturb: [next, ...others] });
  };
  return (
    <Group hint={t("panels.quiet_hint")}>
      <Switch
        icon={<Moon />}
        label={t("panels.quiet")}
        {...(others.length > 0 && { hint: t("panels.quiet_more", { count: others.length }) })}
        isOn={first !== undefined}
        onChange={(isOn) =>
          onChange(isOn ? { do_not_disturb: [NIGHT], timezone: here() } : { do_not_disturb: [] })
        }
      />
      {first && (
        <>
          <div className={fields.inputs}>
            <Time label={t("panels.quiet_from")} value={first.from} onChange={(from) => change({ from })} />
            <Time label={t("panels.quiet_to")} value={first.to} onChange={(to) => change({ to })} />
          </div>
          <Days chosen={first.days} onChange={(days) => change({ days })} />
          <Zone value={timezone} onChange={(zone) => onChange({ timezone: zone })} />
        </>
      )}
    </Group>
  );
}

interface TimeProps {
  label: string;
  value: string;
  onChange: (time: string) => void;
}

function Time({ label, value, onChange }: TimeProps) {
  return (
    <label className={styles.time}>
      {label}
      <input
        type="time"
        value={value}
        required
        onChange={(event) => event.target.value !== "" && onChange(event.target.value)}
      />
    </label>
  );
}

function Days({ chosen, onChange }: { chosen: readonly Day[]; onChange: (days: Day[]) => void }) {
  const { t, language } = useI18n();
  const id = useId();
  const name = (at: number, weekday: "narrow" | "short" | "long") =>
    new Intl.DateTimeFormat(language, { weekday, timeZone: "UTC" }).format(MONDAY + at * DAY_MS);
  return (
    <fieldset className={fields.days}>
      <legend className="visually-hidden">{t("panels.quiet_days")}</legend>
      {DAYS.map((day, at) => (
        <label key={day} className={fields.day}>
          <input
            type="checkbox"
            name={id}
            aria-label={name(at, "long")}
            checked={chosen.includes(day)}
            onChange={(event) =>
              onChange(DAYS.filter((one) => (one === day ? event.target.checked : chosen.includes(one))))
            }
          />
          <span aria-hidden="true">{name(at, language === "ar" ? "narrow" : "short")}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Zone({ value, onChange }: { value: string; onChange: (zone: string) => void }) {
  const { t } = useI18n();
  const zones = useMemo(() => {
    const all = new Set([value, here(), "UTC", ...Intl.supportedValuesOf("timeZone")]);
    return [...all].sort().map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") }));
  }, [value]);
  return (
    <Select icon={<Globe2 />} label={t("panels.zone")} value={value} options={zones} onChange={onChange} />
  );
}
