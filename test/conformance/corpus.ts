/** The conformance corpus: what a client's state is after each input, as JSON that a client in any language can read. */
import { type Applied, type ConversationState, emptyState } from "@rocket-chat-api/client";
import { ServerEvent } from "@rocket-chat-api/protocol";
import { ANN, ID } from "../unit/client-kit.ts";
import { SCENARIOS } from "./scenarios.ts";
import { type Frame, type Input, type Scenario, take } from "./take.ts";

type Json = Record<string, unknown>;

/** A step of a file: what comes, and what the state is then. Fields of the state that are not named stay as they are. */
type Step = Input & { outcome: Applied["outcome"]; stale?: readonly string[]; changes: Json };

/** A file of the corpus. */
export interface Case {
  name: string;
  about: string;
  initial: Json;
  steps: Step[];
  final: Json;
}

/** A state as JSON: maps are objects, sets are sorted lists. */
function asJson(state: ConversationState): Json {
  const entries = Object.entries(state).map(([field, value]) => [field, plainOf(value)]);
  return Object.fromEntries(entries);
}

function plainOf(value: unknown): unknown {
  if (value instanceof Set) return [...value].sort((a, b) => a - b);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
}

/** The fields in which two states differ. */
function difference(before: Json, after: Json): Json {
  const changed = Object.entries(after).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(before[field]),
  );
  return Object.fromEntries(changed);
}

/** Plays a scenario. */
export function caseOf({ name, about, inputs }: Scenario): Case {
  let state = emptyState(ID, ANN);
  const initial = asJson(state);
  const steps = inputs.map((input): Step => {
    const taken = take(state, input);
    const changes = difference(asJson(state), asJson(taken.state));
    state = taken.state;
    const { outcome, stale } = taken;
    return { ...input, outcome, ...(stale && { stale }), changes };
  });
  return { name, about, initial, steps, final: asJson(state) };
}

/** Each file of the corpus, by its name. */
export function corpus(): Map<string, string> {
  return new Map(
    SCENARIOS.map((one) => [`${one.name}.json`, `${JSON.stringify(caseOf(one), undefined, 1)}\n`]),
  );
}

/** Every frame of the corpus. */
export function frames(): Frame[] {
  return SCENARIOS.flatMap(({ inputs }) => inputs.flatMap((one) => ("frame" in one ? [one.frame] : [])));
}

/** The types of all events that a server of this version sends. */
export function eventTypes(): string[] {
  return ServerEvent.options.flatMap((option) => [...option.shape.type.values]);
}
