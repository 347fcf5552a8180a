/** What this isolate has counted since its last report (`report.ts`). */
import { Registry } from "./registry.ts";

export const metrics = new Registry();
