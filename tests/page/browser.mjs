// A mock and a Chromium, for the tests of the page and for its pictures.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

export const COMMAND = fileURLToPath(new URL("../../.venv/bin/linq-contract", import.meta.url));
export const TOKEN = "linq-mock-token-1";
export const NUMBER = "+13105550199";

/** A mock in a process of its own. */
export class Mock {
  static async start(...options) {
    const mock = new Mock();
    mock.process = spawn(COMMAND, ["mock", "--port", "0", ...options], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [ready] = await once(mock.process.stdout.setEncoding("utf8"), "data");
    mock.url = ready.trim().replace("linq-mock is ready at ", "");
    mock.origin = new URL(mock.url).origin;
    return mock;
  }

  /** Send a request to the API itself. */
  api(path, { token = TOKEN, headers = {}, ...request } = {}) {
    return fetch(`${this.url}${path}`, {
      ...request,
      headers: { Authorization: `Bearer ${token}`, ...headers },
    });
  }

  async lines(token = TOKEN) {
    return (await (await this.api("/v3/phone_numbers", { token })).json()).phone_numbers;
  }

  forward(line, number) {
    const body = JSON.stringify({ forwarding_number: number });
    return this.api(`/v3/phone_numbers/${line.id}`, {
      method: "PUT",
      body,
      headers: { "Content-Type": "application/json" },
    });
  }

  /** Send a request to the control API. */
  async control(method, path, body) {
    const headers = { "Content-Type": "application/json" };
    const response = await fetch(`${this.origin}/_mock${path}`, {
      method,
      headers,
      body: body && JSON.stringify(body),
    });
    assert.ok(response.ok, `${method} ${path} is answered with ${response.status}`);
    return response.status === 204 ? null : response.json();
  }

  async stop(signal = "SIGINT") {
    const ended = this.process.exitCode === null && once(this.process, "exit");
    this.process.kill(signal);
    await ended;
  }
}

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    // In a container it runs as root, and with a small /dev/shm.
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
}

/** Return what opens the page of a mock that all tests of a file share, as it was at its start. */
export function browsing() {
  let browser;
  const shared = {
    async open(place = "", { at = shared.mock, expected = [], ...options } = {}) {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 900 },
        reducedMotion: "reduce",
        ...options,
      });
      const page = await context.newPage();
      page.complaints = [];
      page.on("pageerror", (error) => page.complaints.push(String(error)));
      page.on("console", (message) => {
        const isExpected = expected.some((text) => message.text().includes(text));
        if (message.type() === "error" && !isExpected) page.complaints.push(message.text());
      });
      await page.goto(`${at.origin}/#/${place}`);
      return page;
    },
    async close(page) {
      await page.context().close();
      assert.deepEqual(page.complaints, []);
    },
  };
  before(async () => {
    [shared.mock, browser] = await Promise.all([Mock.start("--lines", "3"), launch()]);
  });
  after(async () => {
    await browser.close();
    await shared.mock.stop();
  });
  return shared;
}

/** Wait until a function returns something true, and return that. */
export async function eventually(ask, seconds = 10) {
  const end = Date.now() + 1000 * seconds;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    assert.ok(Date.now() < end, `not within ${seconds} s: ${ask}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
