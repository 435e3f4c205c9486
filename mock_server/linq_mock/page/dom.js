// What every part of the page is written with: Preact, its hooks, and htm in place of JSX.

import htm from "./vendor/htm.mjs";
import { h, render } from "./vendor/preact.mjs";

export { useEffect, useMemo, useRef, useState } from "./vendor/hooks.mjs";
export { render };
export const html = htm.bind(h);
