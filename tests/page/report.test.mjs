// The page of a report in a browser.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { COMMAND, launch, Mock, TOKEN } from "./browser.mjs";

let browser, folder;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "report-"));
  const mock = await Mock.start("--fault", "list.health-status-agrees/always-healthy");
  const words = ["validate", mock.url, "--allow-writes", "--budget", "60", "--report-dir", folder];
  const env = { ...process.env, LINQ_API_V3_API_KEY: TOKEN };
  const exitCode = await new Promise((resolve) => {
    execFile(COMMAND, words, { env }, (error) => resolve(error?.code ?? 0));
  });
  await mock.stop();
  assert.equal(exitCode, 1);
  browser = await launch();
});

after(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

/** Open the page of the report. */
async function opened(options) {
  const page = await (await browser.newContext(options)).newPage();
  await page.goto(pathToFileURL(join(folder, "report.html")).href);
  return page;
}

test("a report is read on a phone without scrolling sideways, each word of a table in one line", async () => {
  const page = await opened({ viewport: { width: 320, height: 700 } });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  const broken = await page.locator("#properties td, #properties thead th").evaluateAll((cells) =>
    cells
      .filter((cell) => /^[\w,]+$/.test(cell.textContent))
      .filter((cell) => {
        const text = document.createRange();
        text.selectNodeContents(cell);
        return text.getClientRects().length > 1;
      })
      .map((cell) => cell.textContent),
  );

  assert.equal(width, 320);
  assert.deepEqual(broken, []);
});
