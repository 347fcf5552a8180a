import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { afterDelivery, type DeliveryAnswer } from "../../src/domain/wake.ts";

/**
 * A conversation and a hub whose messages take as long as they like: deliveries, answers and wakes each keep their
 * own order, and pass one another freely.
 */
class World {
  awake = false;
  skips = false;
  heard: number[] = [];
  #waking = false;
  #wake_epoch = 0;
  #remembered = false;
  #woken = 0;
  #deliveries: number[] = [];
  #answers: { answer: DeliveryAnswer; event: number }[] = [];
  #wakes: number[] = [];

  /** The conversation has an event for the hub's user. */
  say(event: number): void {
    if (!this.skips) this.#deliveries.push(event);
  }

  /** The hub takes the next delivery; while it wakes up, deliveries wait. */
  takeDelivery(): boolean {
    const event = this.#waking ? undefined : this.#deliveries.shift();
    if (event === undefined) return false;
    if (this.awake) this.heard.push(event);
    else this.#remembered = true;
    const asleep = { idle: true, wake_epoch: this.#wake_epoch } as const;
    this.#answers.push({ event, answer: this.awake ? { idle: false } : asleep });
    return true;
  }

  /** The conversation takes the hub's next answer. */
  takeAnswer(): boolean {
    const next = this.#answers.shift();
    if (!next) return false;
    const decision = afterDelivery(next.answer, this.#woken);
    if (decision === "deliver_again") this.#deliveries.unshift(next.event);
    if (decision === "skip_until_woken") this.skips = true;
    return true;
  }

  /** The first socket opens. */
  connect(): void {
    if (this.awake || this.#waking) return;
    this.#wake_epoch += 1;
    if (!this.#remembered) {
      this.awake = true;
      return;
    }
    this.#waking = true;
    this.#wakes.push(this.#wake_epoch);
  }

  /** The conversation takes the wake; only then does the socket open. */
  takeWake(): boolean {
    const wake_epoch = this.#wakes.shift();
    if (wake_epoch === undefined) return false;
    this.#woken = Math.max(this.#woken, wake_epoch);
    this.skips = false;
    this.#remembered = false;
    this.#waking = false;
    this.awake = true;
    return true;
  }

  /** The last socket closes. */
  disconnect(): void {
    this.awake = false;
  }

  /** Lets everything arrive that is under way. */
  settle(): void {
    while (this.takeWake() || this.takeDelivery() || this.takeAnswer());
  }
}

const steps = fc.constantFrom("say", "takeDelivery", "takeAnswer", "connect", "takeWake", "disconnect");

describe("asleep and wake", () => {
  it("[WAKE] a delivery is done, or skipped from now on, or made again", () => {
    expect(afterDelivery({ idle: false }, 0)).toBe("delivered");
    expect(afterDelivery({ idle: false }, 9)).toBe("delivered");
    expect(afterDelivery({ idle: true, wake_epoch: 0 }, 0)).toBe("skip_until_woken");
    expect(afterDelivery({ idle: true, wake_epoch: 3 }, 3)).toBe("skip_until_woken");
    expect(afterDelivery({ idle: true, wake_epoch: 4 }, 3)).toBe("skip_until_woken");
    expect(afterDelivery({ idle: true, wake_epoch: 2 }, 3)).toBe("deliver_again");
  });

  it("[WAKE] in whatever order things arrive, an awake hub hears the next event", () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 40 }), (plan) => {
        const world = new World();
        for (const [event, step] of plan.entries()) {
          if (step === "say") world.say(event);
          else world[step]();
        }
        world.connect();
        world.settle();
        expect(world.awake).toBe(true);
        expect(world.skips).toBe(false);
        world.say(1000);
        world.settle();
        expect(world.heard).toContain(1000);
      }),
      { numRuns: 700 },
    );
  });
});
