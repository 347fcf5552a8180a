import { lazy, Suspense, useEffect, useState } from "react";
import { ReportHost } from "./report/ReportHost.tsx";

const PushKeeper = lazy(() => import("./push/PushKeeper.tsx"));

/** What stands beside the frame all the time: the report that is being written, and push. */
export function Hosts() {
  const mayNotify = useMayNotify();
  return (
    <>
      <ReportHost />
      {mayNotify && (
        <Suspense>
          <PushKeeper />
        </Suspense>
      )}
    </>
  );
}

/** Whether the viewer has allowed notifications: without that there is no push to keep. */
function useMayNotify(): boolean {
  const [may, setMay] = useState("Notification" in window && Notification.permission === "granted");
  useEffect(() => {
    let status: PermissionStatus | undefined;
    const look = () => setMay(status?.state === "granted");
    const watch = (found: PermissionStatus) => {
      status = found;
      found.addEventListener("change", look);
    };
    // Not every browser has it, or knows the name.
    navigator.permissions?.query({ name: "notifications" }).then(watch, () => undefined);
    return () => status?.removeEventListener("change", look);
  }, []);
  return may;
}
