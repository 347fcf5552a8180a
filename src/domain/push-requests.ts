/** What routes ask a user's hub about devices and push. */
import type {
  Device,
  PushCheck,
  PushLogEntry,
  PushPreferences,
  PushTest,
  RegisterDevice,
  UpdatePushPreferences,
} from "@rocket-chat-api/protocol";
import type { ConversationChoice } from "./preferences.ts";

/** A device to be registered. */
export interface DeviceToRegister {
  device_id: string;
  device: RegisterDevice;
  token_hash: string;
}

/** A device, and which registration brought its token (directory/device-tokens.ts). */
export interface RegisteredDevice {
  device: Device;
  token_version: number;
}

/** Each request with its input and result. */
export interface PushRequests {
  /** The device if it is registered exactly like this; null if it must be registered. */
  registered: { input: DeviceToRegister; result: RegisteredDevice | null };
  /** Registers a device. @see directory/device-tokens.ts for the version. */
  register: { input: DeviceToRegister & { token_version: number }; result: Device };
  devices: { input: null; result: Device[] };
  /** Removes a device. The directory forgets its token. */
  remove: { input: { device_id: string }; result: null };
  /** A token was registered by another user: it is not this user's any more. */
  release: { input: { token_hash: string; version: number }; result: null };
  log: { input: { device_id: string }; result: PushLogEntry[] };
  test: { input: { device_id: string }; result: PushTest };
  /** What would be pushed for a message. */
  check: { input: { conversation_id: string; seq: number }; result: PushCheck };
  preferences: { input: null; result: PushPreferences };
  updatePreferences: { input: UpdatePushPreferences; result: PushPreferences };
  /** The user has set something for one conversation. */
  choose: { input: ConversationChoice & { conversation_id: string }; result: null };
}

export type PushRequestName = keyof PushRequests;
