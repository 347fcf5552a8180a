/** What an app shows on a device, while it is in the foreground there. */
export interface Screen {
  /** The device that its socket named on connect; null if it named none. */
  device_id: string | null;
  /** The conversation that it shows; null if another part of the app. */
  conversation_id: string | null;
}

/** A command `device.state` as a screen. @returns undefined if the app is in the background. */
export function screenOf(
  { foreground, conversation_id }: { foreground: boolean; conversation_id: string | null },
  device_id: string | undefined,
): Screen | undefined {
  return foreground ? { device_id: device_id ?? null, conversation_id } : undefined;
}
