/**
 * Which pushes may be on their way together. An object has six connections, and a provider that hangs keeps a push for ten
 * seconds: it must leave connections for other providers, and a device that hangs must leave some for others. Pure.
 */
import type { PushProvider } from "@rocket-chat-api/protocol";

/** Pushes on their way at a time, in all. */
const CONNECTIONS = 6;
/** To one provider: of any two providers, one that hangs leaves half of the connections. */
const PER_PROVIDER = 3;
/** To one device. */
const PER_DEVICE = 2;

/** A device as far as it matters here. */
export interface Receiver {
  device_id: string;
  provider: PushProvider;
  /** Of Web Push: the endpoint of the subscription. */
  token: string;
}

/** Who takes the pushes of a device: a provider, or the host of one push service. */
function providerOf({ provider, token }: Receiver): string {
  return provider === "webpush" ? (URL.parse(token)?.host ?? provider) : provider;
}

export class SendLanes {
  /** The device and the provider of each push on its way, by a name of the push. */
  readonly #sending = new Map<string, { device_id: string; provider: string }>();

  /** Whether no further push can leave at all. */
  get isFull(): boolean {
    return this.#sending.size >= CONNECTIONS;
  }

  /** Takes a place for a push. @returns false if there is none. */
  enter(key: string, receiver: Receiver): boolean {
    const [{ device_id }, provider] = [receiver, providerOf(receiver)];
    const others = [...this.#sending.values()];
    const toDevice = others.filter((one) => one.device_id === device_id).length;
    const toProvider = others.filter((one) => one.provider === provider).length;
    if (this.isFull || toDevice >= PER_DEVICE || toProvider >= PER_PROVIDER) return false;
    this.#sending.set(key, { device_id, provider });
    return true;
  }

  /** A push has ended. */
  leave(key: string): void {
    this.#sending.delete(key);
  }
}
