// What axe finds in each view, in light and in dark: nothing.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { beforeEach, test } from "node:test";

import { browsing, Mock } from "./browser.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const shared = browsing();

async function violations(page) {
  await page.locator(".loading").waitFor({ state: "detached" });
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run(document));
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html}: ${node.failureSummary}`),
  );
}

const STATES = {
  "the sandbox": [""],
  "an empty log": ["", () => shared.mock.control("DELETE", "/requests")],
  "an account without lines": [
    "",
    () => shared.mock.control("PUT", "/state", { accounts: [{ name: "a", token: "t", lines: [] }] }),
  ],
  "a mistake at a field": [
    "",
    null,
    async (page) => {
      await page
        .getByLabel(/^Forwarding number/)
        .first()
        .fill("555");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").waitFor();
    },
  ],
  "a request that breaks a rule": [
    "",
    null,
    async (page) => {
      await page.locator("a.row").first().click();
      await page.getByRole("dialog").waitFor();
      for (const summary of await page.locator("dialog summary").all()) await summary.click();
    },
  ],
  "the keys": [
    "",
    null,
    async (page) => {
      await page.getByRole("button", { name: "Keys" }).click();
      await page.getByRole("dialog").waitFor();
    },
  ],
  "the behaviour": [
    "behaviour",
    () =>
      shared.mock.control("PUT", "/behaviour", { faults: ["list.status-values/lower-case"], status: 429 }),
  ],
  "all faults": ["behaviour/update"],
  "the accounts": ["accounts"],
  "the scenarios": ["scenarios", () => shared.mock.control("PUT", "/scenario", { name: "line-at-risk" })],
  "the reference": ["reference"],
};

beforeEach(async () => {
  await shared.mock.control("PUT", "/scenario", { yaml: "accounts: [{ lines: 3 }, { lines: 2 }]" });
  await shared.mock.control("PUT", "/behaviour", { faults: ["list.status-values/lower-case"] });
  await shared.mock.lines();
  await shared.mock.control("PUT", "/behaviour", {});
});

for (const colorScheme of ["light", "dark"]) {
  for (const [name, [place, arrange, act]] of Object.entries(STATES)) {
    test(`axe finds nothing in ${name}, ${colorScheme}`, async () => {
      await arrange?.();
      const page = await shared.open(place, { colorScheme, bypassCSP: true });
      await page.locator("main section").first().waitFor();
      await act?.(page);

      assert.deepEqual(await violations(page), []);
      await shared.close(page);
    });
  }

  test(`axe finds nothing where the connection is lost or a token is asked for, ${colorScheme}`, async () => {
    const mock = await Mock.start("--control", "secret");
    const page = await shared.open("", {
      at: mock,
      colorScheme,
      bypassCSP: true,
      expected: ["401", "ERR_", "Failed to load"],
    });
    await page.getByLabel("Token").fill("secret");
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByRole("heading", { name: "Lines" }).waitFor();
    await mock.stop("SIGKILL");
    await page.getByText("The mock does not answer.").waitFor();

    assert.deepEqual(await violations(page), []);
    await shared.close(page);
  });
}
