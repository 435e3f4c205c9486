// Writes the pictures of docs/mock.md: a sandbox in the middle of an afternoon.

import { execFileSync } from "node:child_process";
import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { launch, Mock, NUMBER } from "./browser.mjs";

const FOLDER = new URL("../../docs/images/", import.meta.url);
const MOST_BYTES = 200_000;
const DESK = { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1.5 };
const PHONE = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 1.5,
  isMobile: true,
  hasTouch: true,
};

async function fill(mock) {
  const lines = await mock.lines();
  for (const behaviour of ["", "", "503", "", "429"]) {
    await mock.api("/v3/phone_numbers", { headers: behaviour && { "X-Mock-Behaviour": behaviour } });
  }
  await mock.forward(lines[0], NUMBER);
  await mock.forward(lines[1], "(310) 555-0142");
  await mock.forward(lines[3], "+13105550142");
  await mock.api("/v3/phone_numbers", { token: "sk_live_of_yesterday" });
  await mock.lines("linq-mock-token-2");
  await mock.control("PATCH", `/accounts/account-1/lines/${lines[2].id}`, { reputation: "AT_RISK" });
  await mock.control("PUT", "/behaviour", { faults: ["list.status-values/lower-case"] });
  await mock.forward(lines[4], "+19175550123");
  await mock.lines();
}

async function picture(browser, mock, name, place, options, prepare) {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  await page.goto(`${mock.origin}/#/${place}`);
  await page.locator("main section").first().waitFor();
  await page.locator(".loading").waitFor({ state: "detached" });
  await prepare?.(page);
  const path = fileURLToPath(new URL(`${name}.png`, FOLDER));
  await page.screenshot({ path });
  await context.close();
  execFileSync("pngquant", ["--speed", "1", "--strip", "--force", "--output", path, path]);
  const { size } = await stat(path);
  console.log(`docs/images/${name}.png ${Math.round(size / 1000)} kB`);
  if (size > MOST_BYTES) throw new Error(`${name}.png is larger than ${MOST_BYTES / 1000} kB`);
}

const mock = await Mock.start("--port", "8080", "--lines", "7");
const browser = await launch();
try {
  await fill(mock);
  const { requests } = await mock.control("GET", "/requests");
  const broken = requests.findLast((each) => each.rules.broken.length);
  const toLog = (page) => page.locator("a.row").first().waitFor();
  await picture(browser, mock, "page-light", "", { ...DESK, colorScheme: "light" }, toLog);
  await picture(browser, mock, "page-dark", "", { ...DESK, colorScheme: "dark" }, toLog);
  await picture(browser, mock, "page-phone", "", { ...PHONE, colorScheme: "light" }, toLog);
  await picture(
    browser,
    mock,
    "page-request",
    `requests/${broken.number}`,
    { ...DESK, colorScheme: "light" },
    (page) => page.getByRole("dialog").getByText("Send again").waitFor(),
  );
  await picture(browser, mock, "page-reference", "reference", { ...DESK, colorScheme: "light" }, (page) =>
    page.locator("[id='list.schema']").waitFor(),
  );
} finally {
  await browser.close();
  await mock.stop();
}
