import { lazy, Suspense, useSyncExternalStore } from "react";
import { closeReport, reportStore } from "../report.ts";

const ReportDialog = lazy(() => import("./ReportDialog.tsx"));

/** Shows the report that is being written, over everything. It stands once, around the page. */
export function ReportHost() {
  const report = useSyncExternalStore(reportStore.subscribe, reportStore.read);
  if (!report) return null;
  return (
    <Suspense>
      <ReportDialog report={report} onClose={closeReport} />
    </Suspense>
  );
}
