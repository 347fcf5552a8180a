/** What the stand-ins received, and what they were told to answer. */
import type { Answer, ReceivedPush, Rule, StandIn, TokenFacts } from "./wire.ts";

/** How many pushes are kept. The oldest go first. */
const MAX_PUSHES = 100_000;

export class Recorder {
  pushes: ReceivedPush[] = [];
  tokens = new Map<string, TokenFacts>();
  /** Whether old and future tokens are refused. */
  checkTime = true;
  #rules: (Rule & { left: number })[] = [];

  /** Forgets pushes, scripted answers and facts of tokens. */
  reset(): void {
    this.pushes = [];
    this.tokens.clear();
    this.#rules = [];
    this.checkTime = true;
  }

  /** Scripts an answer. Earlier rules go first. */
  script(rule: Rule): void {
    this.#rules.push({ ...rule, left: rule.times ?? Number.POSITIVE_INFINITY });
  }

  /** Drops what is scripted for one token. */
  drop(token: string): void {
    this.#rules = this.#rules.filter((rule) => rule.token !== token);
  }

  /** The scripted answer to a request, which is used up by that. */
  take(provider: StandIn, token: string, environment?: string): Answer | undefined {
    const rule = this.#rules.find(
      (one) =>
        one.left > 0 &&
        one.provider === provider &&
        (one.token === undefined || one.token === token) &&
        (one.environment === undefined || one.environment === environment),
    );
    if (!rule) return undefined;
    rule.left -= 1;
    return rule.answer;
  }

  add(push: ReceivedPush): void {
    this.pushes.push(push);
    if (this.pushes.length > MAX_PUSHES) this.pushes.shift();
  }
}
