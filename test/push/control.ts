/** Talks to the stand-ins over their control interface, from workerd, Node or a script. */
import type { Options, PushSettings, ReceivedPush, Rule, StandIn, Subscription, TokenFacts } from "./wire.ts";

export class PushControl {
  #address: string;

  /** @param address what `startPushStandIns` says, or the binding `PUSH_CONTROL` in tests. */
  constructor(address: string) {
    this.#address = address;
  }

  /** Settings that lead the service to the stand-ins. */
  async settings(): Promise<PushSettings> {
    return (await this.#ask("GET", "/settings")) as PushSettings;
  }

  /** What came, oldest first. */
  async pushes(filter: { provider?: StandIn; token?: string } = {}): Promise<ReceivedPush[]> {
    const query = new URLSearchParams(Object.entries(filter));
    return (await this.#ask("GET", `/pushes?${query}`)) as ReceivedPush[];
  }

  /** Scripts an answer; see `Rule`. */
  async answer(rule: Rule): Promise<void> {
    await this.#ask("POST", "/answers", rule);
  }

  /** Drops the answers that are scripted for one token. Other tests may run beside this one: do not `reset` for it. */
  async accept(token: string): Promise<void> {
    await this.#ask("POST", "/answers/drop", { token });
  }

  /** Says where an APNs token is valid. */
  async token(facts: TokenFacts): Promise<void> {
    await this.#ask("POST", "/tokens", facts);
  }

  /** A browser subscribes. */
  async subscribe(): Promise<Subscription> {
    return (await this.#ask("POST", "/subscriptions")) as Subscription;
  }

  /** A browser unsubscribes: its endpoint answers 410 from now on. */
  async unsubscribe(endpoint: string): Promise<void> {
    await this.#ask("POST", "/subscriptions/end", { endpoint });
  }

  /** Gives a name addresses, for the resolver of `PUSH_DNS_URL`. */
  async name(host: string, addresses: string[]): Promise<void> {
    await this.#ask("POST", "/names", { host, addresses });
  }

  /** Names that the resolver was asked for, such as `push.example.com A`. */
  async namesAsked(): Promise<string[]> {
    return (await this.#ask("GET", "/names/asked")) as string[];
  }

  /** Access tokens of FCM that were given out count no longer. */
  async revokeFcmTokens(): Promise<void> {
    await this.#ask("POST", "/fcm/revoke");
  }

  async options(options: Options): Promise<void> {
    await this.#ask("POST", "/options", options);
  }

  /** Forgets what came, scripted answers, facts of tokens and options. Subscriptions and names stay. */
  async reset(): Promise<void> {
    await this.#ask("POST", "/reset");
  }

  async #ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.#address}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`push stand-ins: ${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }
}
