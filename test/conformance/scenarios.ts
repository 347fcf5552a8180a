/** All scenarios of the corpus. A new event type of a conversation needs one: a test fails until it has. */

import { AROUND } from "./scenarios-around.ts";
import { MEMBERS } from "./scenarios-members.ts";
import { MESSAGES } from "./scenarios-messages.ts";
import { SYNC } from "./scenarios-sync.ts";
import type { Scenario } from "./take.ts";

export const SCENARIOS: readonly Scenario[] = [...MESSAGES, ...MEMBERS, ...SYNC, ...AROUND];
