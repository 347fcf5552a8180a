/** The devices of a user: registering, removing, and what becomes of tokens. */
import { type Device, MAX_DEVICES, timestamp } from "@rocket-chat-api/protocol";
import { found, type Outcome, refused } from "../../domain/outcome.ts";
import type { DeviceToRegister, RegisteredDevice } from "../../domain/push-requests.ts";
import type { EpochMs } from "../../domain/time.ts";
import type { DeviceRow, PushStore } from "./push-store.ts";

/** A device as its user sees it. */
export function toDevice(row: DeviceRow): Device {
  const { device_id, platform, provider, app_id, environment, locale, preview, is_active } = row;
  const { registered_at, last_pushed_at } = row;
  return {
    device_id,
    platform,
    provider,
    app_id,
    environment,
    locale,
    preview,
    is_active,
    registered_at: timestamp(registered_at),
    last_pushed_at: last_pushed_at === null ? null : timestamp(last_pushed_at),
  };
}

type DeviceFields = Omit<
  DeviceRow,
  "token_version" | "is_active" | "registered_at" | "last_pushed_at" | "last_badge" | "log"
>;

/** The columns that a registration sets. */
function fieldsOf({ device_id, device, token_hash }: DeviceToRegister): DeviceFields {
  const { platform, provider, app_id, token, subscription, environment, locale, preview, push_keys } = device;
  return {
    device_id,
    platform,
    provider,
    app_id: app_id ?? null,
    token: token ?? subscription?.endpoint ?? "",
    token_hash,
    environment: environment ?? null,
    locale: locale ?? null,
    preview: preview ?? null,
    keys: subscription?.keys ?? push_keys ?? null,
  };
}

const LIMIT = refused("LIMIT_REACHED", `A user can have at most ${MAX_DEVICES} devices`, {
  limit: MAX_DEVICES,
});

/**
 * The device, if it is registered exactly like this; null if it is to be registered. It is refused before anything is taken from
 * others for it, if there is no room for it. Apps register again at each start, which then writes nothing.
 */
export function registeredDevice(
  store: PushStore,
  wanted: DeviceToRegister,
): Outcome<RegisteredDevice | null> {
  const known = store.devices().get(wanted.device_id);
  if (!known && !hasRoom(store, wanted)) return LIMIT;
  if (!known?.is_active) return found(null);
  const { environment, ...fields } = fieldsOf(wanted);
  // The environment may have been found out since.
  const same = { ...fields, environment: environment ?? known.environment };
  const isSame = Object.entries(same).every(
    ([field, value]) => JSON.stringify(known[field as keyof DeviceRow]) === JSON.stringify(value),
  );
  return found(isSame ? { device: toDevice(known), token_version: known.token_version } : null);
}

/**
 * Registers a device.
 * @param token_version how often its token had been registered; a token that was taken since does not come back.
 */
export function registerDevice(
  store: PushStore,
  wanted: DeviceToRegister & { token_version: number },
  now: EpochMs,
): Outcome<Device> {
  const { device_id, token_hash, token_version } = wanted;
  if (store.tokens.releasedVersion(token_hash) > token_version) {
    return refused("CONFLICT", "Another user has registered this token in between");
  }
  for (const other of [...store.devices().values()]) {
    if (other.token_hash === token_hash && other.device_id !== device_id) store.removeDevice(other.device_id);
  }
  const known = store.devices().get(device_id);
  if (!known && !makeRoom(store)) {
    store.tokens.drop({ token_hash, version: token_version });
    return LIMIT;
  }
  if (known && known.token_hash !== token_hash) dropToken(store, known);
  const { last_pushed_at = null, last_badge = null, log = [] } = known ?? {};
  const told = { last_pushed_at, last_badge, log };
  const row = { ...fieldsOf(wanted), token_version, is_active: true, registered_at: now, ...told };
  store.putDevice(row);
  return found(toDevice(row));
}

/** A device has its token no longer, and nobody else has it. */
export function dropToken(store: PushStore, { token_hash, token_version: version }: DeviceRow): void {
  store.tokens.drop({ token_hash, version });
}

/** Whether a device would have room: dead ones leave, and one with the same token. */
function hasRoom(store: PushStore, { token_hash }: DeviceToRegister): boolean {
  const devices = [...store.devices().values()];
  const leaves = (one: DeviceRow) => !one.is_active || one.token_hash === token_hash;
  return devices.length < MAX_DEVICES || devices.some(leaves);
}

/** Makes sure that one more device has room: dead ones leave first. */
function makeRoom(store: PushStore): boolean {
  const devices = [...store.devices().values()];
  if (devices.length < MAX_DEVICES) return true;
  const dead = devices.find(({ is_active }) => !is_active);
  if (dead) store.removeDevice(dead.device_id);
  return dead !== undefined;
}

/** A token belongs to another user now, since a registration of this version. */
export function releaseToken(store: PushStore, token_hash: string, version: number): void {
  store.tokens.putReleased(token_hash, version);
  for (const device of [...store.devices().values()]) {
    if (device.token_hash === token_hash && device.token_version < version)
      store.removeDevice(device.device_id);
  }
}
