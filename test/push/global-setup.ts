/** Starts the stand-ins before tests that run in workerd, which cannot start them. Over plain HTTP: see README.md. */
import type { TestProject } from "vitest/node";
import { startPushStandIns } from "./start.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Bindings that lead the service to the stand-ins, with the address of their control interface. */
    pushBindings: Record<string, string>;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { control, settings, stop } = await startPushStandIns();
  project.provide("pushBindings", { ...settings, PUSH_CONTROL: control });
  return stop;
}
