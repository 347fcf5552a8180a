/** Which pushes may be on their way together (rule 27). */
import { describe, expect, it } from "vitest";
import { SendLanes } from "../../src/user-hub/push/send-lanes.ts";

const apns = (device_id: string) => ({ device_id, provider: "apns" as const, token: "00" });
const fcm = (device_id: string) => ({ device_id, provider: "fcm" as const, token: "token" });
const browser = (device_id: string, host: string) => {
  return { device_id, provider: "webpush" as const, token: `https://${host}/${device_id}` };
};

describe("pushes on their way", () => {
  it("[R27 PUSH-117] two to a device, three to a provider, six in all; each that ends makes room for one like it", () => {
    const lanes = new SendLanes();
    expect([1, 2, 3].map((n) => lanes.enter(`phone ${n}`, apns("phone")))).toEqual([true, true, false]);
    expect(lanes.enter("tablet 1", apns("tablet"))).toBe(true);
    expect(lanes.enter("watch 1", apns("watch"))).toBe(false);
    expect(lanes.enter("android 1", fcm("android"))).toBe(true);
    lanes.leave("phone 1");
    expect(lanes.enter("watch 1", apns("watch"))).toBe(true);
    expect(lanes.enter("android 2", fcm("android"))).toBe(true);
    expect(lanes.isFull).toBe(false);
    expect(lanes.enter("car 1", fcm("car"))).toBe(true);
    expect(lanes.isFull).toBe(true);
    expect(lanes.enter("browser 1", browser("browser", "push.example"))).toBe(false);
  });

  it("[R27 PUSH-118] each push service of browsers is a provider of its own", () => {
    const lanes = new SendLanes();
    for (const name of ["a", "b", "c"]) expect(lanes.enter(name, browser(name, "one.example"))).toBe(true);
    expect(lanes.enter("d", browser("d", "one.example"))).toBe(false);
    expect(lanes.enter("d", browser("d", "two.example"))).toBe(true);
  });
});
