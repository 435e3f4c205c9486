// What happens in the mock, as it happens. A connection that is lost is made again, with all that is kept.

import { LostError, openEvents } from "./control.js";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 5000;

/**
 * Follow the events for ever. `opened` is called whenever the stream begins, `happened` with the events that
 * came together, `lost` with the milliseconds until the next try, and `refused` when it is of no use to try.
 */
export async function follow({ opened, happened, lost, refused }) {
  let wait = FIRST_WAIT;
  for (;;) {
    try {
      const reader = await openEvents();
      wait = FIRST_WAIT;
      await opened();
      await read(reader, happened);
    } catch (error) {
      if (!(error instanceof LostError || error instanceof TypeError)) {
        refused(error);
        return;
      }
    }
    lost(wait);
    await new Promise((resolve) => setTimeout(resolve, wait));
    wait = Math.min(2 * wait, LONGEST_WAIT);
  }
}

async function read(reader, happened) {
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    const events = blocks.map(parsed).filter(Boolean);
    if (events.length) happened(events);
  }
}

function parsed(block) {
  const fields = Object.fromEntries(
    block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
  );
  return fields.data && { kind: fields.event, ...JSON.parse(fields.data) };
}
