/** Push notifications for one device: its registration, what its user wants to hear of, and what is on its screen. */
import type {
  Device,
  PushLogEntry,
  PushPreferences,
  PushSubscriptionBody,
  PushTest,
  RegisterDevice,
  UpdatePushPreferences,
} from "@rocket-chat-api/protocol";
import { pathSegment } from "../operations.ts";
import { mayPass } from "../passing.ts";
import { DeviceState } from "./device-state.ts";
import type { PushClient } from "./host.ts";

/** A new token of FCM or APNs, or a new subscription of a browser. */
export type PushAddress = string | PushSubscriptionBody;

export class Push {
  readonly client: PushClient;
  /** The id of this installation of the app. */
  readonly device_id: string;
  readonly #state: DeviceState;
  readonly #ends: (() => void)[];
  readonly #whenLoggingOut = new Set<() => Promise<unknown>>();
  /** What this device is registered as, or is to be. */
  #device: RegisterDevice | undefined;
  /** Whether the server does not know of {@link #device} yet. */
  #isPending = false;
  /** Registrations and their ends, one after the other. */
  #queue: Promise<unknown> = Promise.resolve();

  /** @throws TypeError if the client has no `device_id`. */
  constructor(client: PushClient) {
    if (client.device_id === undefined) throw new TypeError("push needs the client's option `device_id`");
    this.client = client;
    this.device_id = client.device_id;
    this.#state = new DeviceState(client);
    this.#ends = [client.on("status", (status) => status === "open" && this.#connected())];
    if (client.status === "open") this.#connected();
  }

  /**
   * Registers this device: from now on its notifications go there. A device that was registered for another user of this
   * installation becomes this user's.
   * @returns the device. Rejects with `ApiError` or `ConnectionLost`; if it may pass, it is tried again with each new
   * connection.
   */
  async register(device: RegisterDevice): Promise<Device> {
    this.#device = device;
    this.#isPending = true;
    return await this.#inTurn(async () => {
      try {
        const made = await this.#request<Device>("PUT", this.#path(), device);
        if (this.#device === device) this.#isPending = false;
        return made;
      } catch (error) {
        if (this.#device === device) this.#isPending = mayPass(error);
        throw error;
      }
    });
  }

  /**
   * Registers again with a new token or subscription, everything else as before. Call it when the system says that the
   * token has changed.
   * @returns undefined if this device was not registered since the client began: then there is nothing to change.
   */
  async changeAddress(address: PushAddress): Promise<Device | undefined> {
    if (this.#device === undefined) return undefined;
    const { token: _, subscription: __, ...rest } = this.#device;
    return await this.register({
      ...rest,
      ...(typeof address === "string" ? { token: address } : { subscription: address }),
    });
  }

  /**
   * Removes a device: it gets no more notifications.
   * @param deviceId this one, unless another of the user's devices is named. One that is gone already is no error.
   */
  async unregister(deviceId = this.device_id): Promise<void> {
    if (deviceId === this.device_id) {
      this.#device = undefined;
      this.#isPending = false;
    }
    await this.#inTurn(async () => {
      try {
        await this.#request("DELETE", this.#path(deviceId));
      } catch (error) {
        if ((error as { code?: string }).code !== "NOT_FOUND") throw error;
      }
    });
  }

  /**
   * Removes this device and stops the client: call it before the token of the user is thrown away, else notifications go
   * on after logging out. In a browser it also ends the subscription and closes what is shown.
   * @throws ApiError or ConnectionLost if the server does not know of it; the client has stopped all the same. Then
   * delete the token with FCM or APNs; a browser's subscription has ended in any case.
   */
  async logOut(): Promise<void> {
    const local = Promise.allSettled([...this.#whenLoggingOut].map((action) => action()));
    try {
      await this.unregister();
    } finally {
      await local;
      this.close();
      this.client.stop();
      await this.client.logOut?.();
    }
  }

  /** Runs `action` as a part of {@link logOut}. What it throws is ignored. @returns what ends that. */
  onLogOut(action: () => Promise<unknown>): () => void {
    this.#whenLoggingOut.add(action);
    return () => this.#whenLoggingOut.delete(action);
  }

  /** All devices of the user. */
  async devices(): Promise<Device[]> {
    return (await this.#request<{ devices: Device[] }>("GET", "/devices")).devices;
  }

  /** Sends a notification that says it is a test. @returns what the provider answered. */
  async test(deviceId = this.device_id): Promise<PushTest> {
    return await this.#request("POST", `${this.#path(deviceId)}/test`);
  }

  /** The last decisions about a device, newest first: why a notification came, or did not. */
  async log(deviceId = this.device_id): Promise<PushLogEntry[]> {
    return (await this.#request<{ entries: PushLogEntry[] }>("GET", `${this.#path(deviceId)}/log`)).entries;
  }

  /** The server's key for subscriptions of browsers, as base64url. */
  async vapidKey(): Promise<string> {
    return (await this.#request<{ public_key: string }>("GET", "/push/vapid-key")).public_key;
  }

  preferences(): Promise<PushPreferences> {
    return this.#request("GET", "/push-preferences");
  }

  updatePreferences(patch: UpdatePushPreferences): Promise<PushPreferences> {
    return this.#request("PATCH", "/push-preferences", patch);
  }

  /**
   * Says whether the user looks at the app, and at which conversation: what is on the screen does not ring. It is sent
   * when it changes, and again with each new connection.
   * @param conversationId null is none; left out, it stays the one before.
   */
  setForeground(foreground: boolean, conversationId = this.#state.current?.conversation_id ?? null): void {
    this.#state.set({ foreground, conversation_id: conversationId });
  }

  /** Says which conversation is on the screen; null is none. */
  setConversation(conversationId: string | null): void {
    this.setForeground(this.#state.current?.foreground ?? false, conversationId);
  }

  /** Whether the user looks at this conversation now. */
  isOnScreen(conversationId: string): boolean {
    const { foreground = false, conversation_id = null } = this.#state.current ?? {};
    return foreground && conversation_id === conversationId;
  }

  /** Ends what this object does by itself. The device stays registered. */
  close(): void {
    for (const end of this.#ends) end();
    this.#state.stop();
  }

  #connected(): void {
    this.#state.connected();
    if (this.#isPending && this.#device) void this.register(this.#device).catch(() => undefined);
  }

  #path(deviceId = this.device_id): string {
    return `/devices/${pathSegment("deviceId", deviceId)}`;
  }

  #request<T>(method: string, path: string, body?: unknown): Promise<T> {
    return this.client.rest.http.request<T>(method, path, body === undefined ? {} : { body });
  }

  /** Runs `action` after those before it have ended, in whatever way. */
  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(action, action);
    this.#queue = done.catch(() => undefined);
    return done;
  }
}
