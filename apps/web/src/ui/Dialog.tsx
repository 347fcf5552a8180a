/** Dialogs. What they are made of is loaded when the first one opens. */
import { lazy, Suspense } from "react";
import type { DialogProps } from "./dialog-props.ts";

const DialogShell = lazy(() => import("./DialogShell.tsx"));

/** A dialog over the page: it keeps the focus, Escape closes it, and the focus goes back to where it was. */
export function Dialog(props: DialogProps) {
  return props.isOpen ? (
    <Suspense>
      <DialogShell {...props} />
    </Suspense>
  ) : null;
}
