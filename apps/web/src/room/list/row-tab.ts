/** Whether what is inside a message is a stop of the Tab key: only inside the message that arrow keys have reached. */
import { createContext, useContext } from "react";

const Context = createContext<0 | -1>(-1);

/** Gives a row's `tabIndex` to what is inside. */
export const RowTabProvider = Context.Provider;

/** The `tabIndex` of what is inside a message. */
export function useRowTab(): 0 | -1 {
  return useContext(Context);
}
