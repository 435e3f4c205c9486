// The page in a real browser: what people do with it.

import assert from "node:assert/strict";
import { once } from "node:events";
import { afterEach, beforeEach, describe, test } from "node:test";

import { browsing, eventually, Mock, NUMBER, TOKEN } from "./browser.mjs";

const shared = browsing();
const REFUSED = "400 (Bad Request)"; // Chromium tells the console of every answer that says no
let page;

async function open(place, options) {
  page = await shared.open(place, options);
  return page;
}

beforeEach(() => shared.mock.control("POST", "/reset"));
afterEach(async () => {
  if (page) await shared.close(page);
  page = null;
});

/** Has the page believe in a mock that answers two hundred requests a second, each like the one given. */
function busyStream(request) {
  const { fetch } = window;
  const encoder = new TextEncoder();
  let number = request.number;
  const start = (stream) =>
    setInterval(() => {
      number += 1;
      const data = JSON.stringify({ ...request, number });
      stream.enqueue(encoder.encode(`event: request\nid: ${number}\ndata: ${data}\n\n`));
    }, 5);
  window.fetch = (path, ...rest) =>
    path === "/_mock/events"
      ? Promise.resolve(new Response(new ReadableStream({ start })))
      : fetch(path, ...rest);
}

const field = (number) => page.getByLabel(`Forwarding number of ${number}`);
const reputation = (number) => page.getByLabel(`Reputation of ${number}`);
const rows = () => page.locator("a.row");
const drawer = () => page.getByRole("dialog", { name: /^Request/ });

describe("lines", () => {
  test("a forwarding number is set where it stands", async () => {
    const [line] = await shared.mock.lines();
    await open();
    await field(line.phone_number).fill("+1 (310) 555-0199");
    await field(line.phone_number).press("Enter");

    await eventually(async () => (await shared.mock.lines())[0].forwarding_number === NUMBER);
    await eventually(async () => (await field(line.phone_number).inputValue()) === NUMBER);
  });

  test("an empty field clears it", async () => {
    const [line] = await shared.mock.lines();
    await shared.mock.forward(line, NUMBER);
    await open();
    await field(line.phone_number).fill("");
    await field(line.phone_number).blur();

    await eventually(async () => (await shared.mock.lines())[0].forwarding_number === null);
  });

  test("what is wrong is said at the field, and changes nothing", async () => {
    const [line] = await shared.mock.lines();
    await open();
    await field(line.phone_number).fill("555");
    await field(line.phone_number).press("Enter");

    assert.equal(await field(line.phone_number).getAttribute("aria-invalid"), "true");
    const message = await field(line.phone_number).getAttribute("aria-describedby");
    assert.match(await page.locator(`[id="${message}"]`).innerText(), /\+13105550199/);
    assert.equal((await shared.mock.lines())[0].forwarding_number, line.forwarding_number);

    await field(line.phone_number).press("Escape");
    assert.equal(await field(line.phone_number).inputValue(), line.forwarding_number);
    assert.equal(await field(line.phone_number).getAttribute("aria-invalid"), null);
  });

  test("a refusal of the mock is said at the field, too", async () => {
    const [line] = await shared.mock.lines();
    await open("", { expected: ["404 (Not Found)"] });
    await field(line.phone_number).fill(NUMBER);
    await page.route("**/_mock/accounts/**", (route) =>
      route.fulfill({ status: 404, json: { error: { message: "There is no such line" } } }),
    );
    await field(line.phone_number).press("Enter");

    await page.getByRole("alert").getByText("There is no such line").waitFor();
    assert.equal(await field(line.phone_number).getAttribute("aria-invalid"), "true");
  });

  test("a reputation is chosen where it stands", async () => {
    const [line] = await shared.mock.lines();
    await open();
    await reputation(line.phone_number).selectOption("CRITICAL");

    await eventually(async () => (await shared.mock.lines())[0].reputation.status === "CRITICAL");
  });

  test("what others change shows by itself, and does not touch what is being written", async () => {
    const [first, second] = await shared.mock.lines();
    await open();
    await field(first.phone_number).fill("+1310");
    await shared.mock.forward(second, NUMBER);

    await eventually(async () => (await field(second.phone_number).inputValue()) === NUMBER);
    assert.equal(await field(first.phone_number).inputValue(), "+1310");
    await field(first.phone_number).press("Escape");
  });

  test("lines are added, and removed when the button is pressed twice", async () => {
    await open();
    await page.getByRole("button", { name: "Add line" }).click();
    await eventually(async () => (await shared.mock.lines()).length === 4);
    const [line] = await shared.mock.lines();
    await page.getByRole("button", { name: `Remove ${line.phone_number}` }).click();
    assert.equal((await shared.mock.lines()).length, 4);
    await page.getByRole("button", { name: "Remove?" }).click();

    await eventually(async () => (await shared.mock.lines()).length === 3);
    await eventually(async () => (await field(line.phone_number).count()) === 0);
  });

  test("each account has its own", async () => {
    await open();
    await page.getByLabel("Account").selectOption("account-2");

    const [line] = await shared.mock.lines("linq-mock-token-2");
    await field(line.phone_number).waitFor();
  });

  test("the keys for up and down lead from field to field", async () => {
    const [first, second] = await shared.mock.lines();
    await open();
    await field(first.phone_number).focus();
    await page.keyboard.press("ArrowDown");

    assert.equal(
      await page.evaluate(() => document.activeElement.ariaLabel),
      `Forwarding number of ${second.phone_number}`,
    );
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    assert.equal(
      await page.evaluate(() => document.activeElement.ariaLabel),
      `Forwarding number of ${first.phone_number}`,
    );
  });

  test("an account of ten thousand lines is shown a part at a time", async () => {
    await shared.mock.control("POST", "/accounts", { name: "large", lines: 10000 });
    await open();
    await page.getByLabel("Account").selectOption("large");
    await page.getByRole("button", { name: "Show more of 10,000 lines" }).click();

    await eventually(async () => (await page.locator("table.lines tbody tr").count()) === 600);
  });

  test("an account without lines says so", async () => {
    await shared.mock.control("PUT", "/state", { accounts: [{ name: "bare", token: "t", lines: [] }] });
    await open();
    await page.getByText("No lines").waitFor();
  });
});

describe("requests", () => {
  test("before there are any, the page says how to send one, and can", async () => {
    await open();
    await page.getByText("Nothing was asked yet").waitFor();
    await page.getByRole("button", { name: "Send one now" }).click();

    await rows().first().waitFor();
  });

  test("they come in with the rules that they keep and break", async () => {
    await open();
    await page.getByText("Nothing was asked yet").waitFor();
    await shared.mock.lines();
    await shared.mock.api("/v3/phone_numbers", {
      headers: { "X-Mock-Behaviour": "error.retry-after/date,429" },
    });
    await page
      .locator("td.verdict")
      .filter({ hasText: /^\d+ kept$/ })
      .first()
      .waitFor();

    await shared.mock.control("PUT", "/behaviour", { faults: ["list.status-values/lower-case"] });
    await shared.mock.lines();
    await page.locator("td.verdict .broken").filter({ hasText: "list." }).waitFor();
    await page.locator("td.what .asked").filter({ hasText: "list.status-values/lower-case" }).waitFor();
  });

  test("one is opened, with its exchange, its rules and its command, and sent again", async () => {
    const [line] = await shared.mock.lines();
    await shared.mock.forward(line, NUMBER);
    await shared.mock.forward(line, "+13105550100");
    await shared.mock.forward(line, NUMBER);
    await open();
    await eventually(async () => (await rows().count()) === 4);
    await rows().first().focus();
    await page.keyboard.press("Enter");
    const text = await drawer().innerText();
    assert.match(text, /"forwarding_number": "\+13105550199"/);
    assert.match(text, /curl -i -X PUT/);
    assert.match(text, /All \d+ that apply are kept/);
    assert.ok(!text.includes(TOKEN));

    await shared.mock.forward(line, null);
    const opened = page.url();
    await drawer().getByRole("button", { name: "Send again" }).click();
    await eventually(() => page.url() !== opened);
    await drawer().getByRole("link", { name: "Older" }).waitFor();
    assert.equal((await shared.mock.lines())[0].forwarding_number, NUMBER);
  });

  test("a broken rule leads to where the contract states it", async () => {
    await shared.mock.control("PUT", "/behaviour", { faults: ["list.status-values/lower-case"] });
    await shared.mock.lines();
    await open();
    await rows().first().click();
    await drawer().getByRole("link", { name: "list.status-values" }).click();

    await eventually(() => page.evaluate(() => document.activeElement?.id === "list.status-values"));
    assert.equal(await page.getByRole("dialog").count(), 0);
  });

  for (const [how, close] of [
    ["Escape", () => page.keyboard.press("Escape")],
    ["its button", () => drawer().getByRole("button", { name: "Close" }).click()],
    ["a click beside it", () => page.mouse.click(20, 500)],
  ]) {
    test(`${how} closes it, and the row has the focus again`, async () => {
      await shared.mock.lines();
      await open();
      await rows().first().focus();
      await page.keyboard.press("Enter");
      await drawer().waitFor();
      await close();

      await drawer().waitFor({ state: "detached" });
      const [isFocused] = await rows().evaluateAll((all) => all.map((row) => row === document.activeElement));
      assert.ok(isFocused);
    });
  }

  test("the keys lead from row to row, of which one is in the order of Tab", async () => {
    for (const _ of [1, 2, 3]) await shared.mock.lines();
    await open();
    await eventually(async () => (await rows().count()) === 3);
    assert.deepEqual(await rows().evaluateAll((all) => all.map((each) => each.tabIndex)), [0, -1, -1]);
    await rows().first().focus();
    await page.keyboard.press("End");

    assert.ok(
      await rows()
        .nth(2)
        .evaluate((row) => row === document.activeElement),
    );
    await page.keyboard.press("ArrowUp");
    assert.ok(
      await rows()
        .nth(1)
        .evaluate((row) => row === document.activeElement),
    );
  });

  test("/ leads to the search, and Escape empties it", async () => {
    await shared.mock.lines();
    await shared.mock.api("/v3/nothing");
    await open();
    await eventually(async () => (await rows().count()) === 2);
    await page.keyboard.press("/");
    await page.keyboard.type("404");
    await eventually(async () => (await rows().count()) === 1);
    await page.keyboard.type("x");
    await page.getByText("Nothing matches").waitFor();
    await page.keyboard.press("Escape");

    await eventually(async () => (await rows().count()) === 2);
  });

  test("the list can be held, and goes on with what has come since", async () => {
    await shared.mock.lines();
    await open();
    await rows().first().waitFor();
    await page.getByRole("button", { name: "Hold" }).click();
    await shared.mock.lines();
    await page.getByRole("button", { name: "Go on (1 new)" }).click();

    await eventually(async () => (await rows().count()) === 2);
  });

  test("they are forgotten when the button is pressed twice", async () => {
    await shared.mock.lines();
    await open();
    await page.getByRole("button", { name: "Forget" }).click();
    await page.getByRole("button", { name: "Forget all?" }).click();

    await page.getByText("Nothing was asked yet").waitFor();
  });

  test("what they hold stays text", async () => {
    const hostile = `<img src=x onerror="window.wasHit=1"><script>window.wasHit=1</script>`;
    await shared.mock.api(`/v3/phone_numbers?${hostile}`, {
      method: "PUT",
      body: hostile,
      headers: { "X-Hostile": hostile, "Content-Type": "text/html" },
    });
    await shared.mock.api("/v3/phone_numbers", { method: "PUT", body: '{"a": "\u202egnp.exe"}' });
    await open();
    await rows().nth(1).click();
    await drawer().getByText("header").first().click();
    assert.ok((await drawer().innerText()).includes(hostile));
    await drawer().getByRole("link", { name: "Newer" }).click();
    await eventually(async () => (await drawer().innerText()).includes("\\u202egnp.exe"));

    assert.equal(await page.evaluate(() => window.wasHit), undefined);
    assert.equal(await page.locator("#page img, #page script").count(), 0);
  });
});

describe("behaviour", () => {
  test("a fault is found and switched on, and off again", async () => {
    await open("behaviour");
    await page.getByLabel("Search faults and freedoms").fill("stale-by-one");
    await page.getByRole("switch", { name: /^update.read-your-writes\/stale-by-one/ }).check();
    await eventually(async () => (await shared.mock.control("GET", "/behaviour")).faults.length === 1);
    await page.getByRole("button", { name: "update.read-your-writes/stale-by-one, switch off" }).click();

    await eventually(async () => (await shared.mock.control("GET", "/behaviour")).faults.length === 0);
  });

  test("every fault and freedom is there, and any of them may be had together", async () => {
    const { faults, freedoms } = await shared.mock.control("GET", "/behaviours");
    await open("behaviour");
    await page.getByRole("switch").first().waitFor({ state: "attached" });

    const names = new Set(await page.locator(".switches .name").allTextContents());
    assert.equal(names.size, faults.length + freedoms.length);
    await page.getByLabel("Search faults and freedoms").fill("malformed-id/phone-number");
    await page.getByRole("switch", { name: /^update.malformed-id\/phone-number / }).check();
    await page.getByRole("switch", { name: /^update.malformed-id\/phone-number-without-plus/ }).check();
    await eventually(async () => (await shared.mock.control("GET", "/behaviour")).faults.length === 2);
  });

  test("switches that are pressed at once are all on, for the account that is chosen", async () => {
    await open("behaviour");
    await page.getByRole("combobox", { name: "Of" }).selectOption("account-2");
    await page.getByText("Behaves as for all accounts until").waitFor();
    await page.getByRole("switch").first().waitFor();
    await page.locator(".switches input").evaluateAll((all) => {
      for (const each of all.slice(0, 4)) each.click();
    });
    const ofAccount = () => shared.mock.control("GET", "/behaviour?account=account-2");

    await eventually(async () => {
      const { faults, freedoms } = await ofAccount();
      return faults.length + freedoms.length === 4;
    });
    assert.deepEqual((await shared.mock.control("GET", "/behaviour")).freedoms, []);
    await page.getByRole("button", { name: "Behave as for all accounts" }).click();
    await eventually(async () => (await ofAccount()).freedoms.length === 0);
  });

  test("latency and errors are set, for one account alone", async () => {
    await open("behaviour");
    await page.getByRole("combobox", { name: "Of" }).selectOption("account-2");
    await page.getByRole("button", { name: "0.1 s" }).click();
    await page.getByLabel("Answer with").selectOption("429");
    await page.getByLabel("Retry-After, seconds").fill("7");
    await page.getByLabel("Retry-After, seconds").press("Enter");
    await page.getByLabel("For the next requests").fill("1");
    await page.getByLabel("For the next requests").press("Enter");
    await page.getByText("429, Retry-After 7").first().waitFor();
    await page.getByText("1 more", { exact: true }).waitFor();

    const limited = await shared.mock.api("/v3/phone_numbers", { token: "linq-mock-token-2" });
    assert.deepEqual([limited.status, limited.headers.get("Retry-After")], [429, "7"]);
    assert.equal((await shared.mock.api("/v3/phone_numbers")).status, 200);
    await page.getByText("The honest server").waitFor();
  });

  test("a number that cannot be is refused at its field", async () => {
    await open("behaviour");
    const every = page.getByLabel("Every nth request");
    await every.fill("0");
    await every.press("Enter");

    assert.equal(await every.getAttribute("aria-invalid"), "true");
    await page.getByText("Write a whole number from 1 on.").waitFor();
    assert.equal((await shared.mock.control("GET", "/behaviour")).every, 1);
  });
});

describe("accounts", () => {
  test("a token is on the page only when it is asked for", async () => {
    await open("accounts");
    await page.getByRole("heading", { name: "account-1" }).waitFor();
    assert.ok(!(await page.content()).includes(TOKEN));
    await page.getByRole("button", { name: "Show token" }).first().click();
    await page.getByText(TOKEN).waitFor();
    await page.getByRole("button", { name: "Conceal token" }).click();

    await eventually(async () => !(await page.content()).includes(TOKEN));
  });

  test("one is added, and deleted when the button is pressed twice", async () => {
    await open("accounts");
    await page.getByLabel("Name").fill("mine");
    await page.getByLabel("Token", { exact: true }).fill("my-token");
    await page.getByLabel("Lines").fill("2");
    await page.getByRole("button", { name: "Add account" }).click();
    await page.getByRole("heading", { name: "mine" }).waitFor();
    assert.equal((await shared.mock.lines("my-token")).length, 2);

    const mine = page.getByRole("listitem").filter({ hasText: "mine" });
    await mine.getByRole("button", { name: "Delete" }).click();
    await mine.getByRole("button", { name: "Delete mine?" }).click();
    await page.getByRole("heading", { name: "mine" }).waitFor({ state: "detached" });
  });

  test("what is wrong is said at the field", async () => {
    await open("accounts", { expected: [REFUSED] });
    const name = page.getByLabel("Name");
    await name.fill("a b");
    await page.getByRole("button", { name: "Add account" }).click();
    await page.getByText("A name has 1 to 100 letters").waitFor();
    assert.equal(await name.getAttribute("aria-invalid"), "true");

    await name.fill("account-1");
    await page.getByRole("button", { name: "Add account" }).click();
    await page.getByText("There is an account account-1 already").waitFor();
    assert.equal(await name.getAttribute("aria-describedby"), "new-name-error");
  });
});

describe("scenarios", () => {
  test("one is played", async () => {
    await open("scenarios");
    await page.getByRole("button", { name: "Play passing-outage" }).click();
    await page.getByText("passing-outage is played").waitFor();

    const statuses = [];
    for (const _ of [1, 2, 3]) statuses.push((await shared.mock.api("/v3/phone_numbers")).status);
    assert.deepEqual(statuses, [200, 200, 503]);
    await shared.mock.control("PUT", "/scenario", { yaml: "{}" });
  });

  test("a mistake in one's own is named with line and column", async () => {
    await open("scenarios", { expected: [REFUSED] });
    await page.getByLabel("Scenario", { exact: true }).fill("accounts:\n  - name: 7\n");
    await page.locator("form").getByRole("button", { name: "Play" }).click();

    await page.getByText(/:2:11: \/accounts\/0\/name/).waitFor();
    await page.getByLabel("Scenario", { exact: true }).fill("accounts:\n  - lines: 1\n");
    await page.locator("form").getByRole("button", { name: "Play" }).click();
    await eventually(async () => (await shared.mock.lines()).length === 1);
    await shared.mock.control("PUT", "/scenario", { yaml: "accounts: [{ lines: 3 }, { lines: 3 }]" });
  });
});

describe("reference", () => {
  test("it has every operation, rule, schema and error code of the contract", async () => {
    const contract = await shared.mock.control("GET", "/contract");
    await open("reference");
    await page.getByRole("heading", { name: "List phone numbers" }).waitFor();

    const text = await page.locator(".chapters").innerText();
    const rules = JSON.stringify(contract)
      .match(/"name": ?"[a-z]+\.[a-z-]+", ?"level"/g)
      .map((each) => each.split('"')[3]);
    assert.ok(rules.length > 40);
    for (const name of [...rules, ...Object.keys(contract.components.schemas)])
      assert.ok(text.includes(name), name);
    for (const { code } of contract["x-error-codes"]) assert.ok(text.includes(code), code);
    await page
      .getByRole("complementary", { name: "Rules of: List phone numbers" })
      .getByText("list.unique")
      .waitFor();
  });

  test("it is searched, and a rule leads to the faults that break it", async () => {
    await open("reference");
    await page.getByLabel("Search the reference").fill("retry-after");
    await page.getByText("error.retry-after").first().waitFor();
    assert.equal(await page.getByText("list.unique").count(), 0);
    await page
      .locator("[id='error.retry-after']")
      .getByRole("link", { name: /faults/ })
      .click();

    await page.getByRole("switch", { name: /^error.retry-after\/date/ }).waitFor();
  });
});

describe("the whole page", () => {
  test("? shows the keys", async () => {
    await open();
    await page.getByRole("heading", { name: "Lines" }).waitFor();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog", { name: "Keys" }).waitFor({ state: "detached" });
  });

  test("a reset brings back the start", async () => {
    const [line] = await shared.mock.lines();
    await shared.mock.forward(line, NUMBER);
    await open();
    await page.getByRole("button", { name: "Reset" }).click();
    await page.getByRole("button", { name: "Reset all?" }).click();

    await eventually(async () => (await field(line.phone_number).inputValue()) === line.forwarding_number);
    await page.getByText("Nothing was asked yet").waitFor();
  });

  test("nothing sticks out of a phone", async () => {
    await shared.mock.lines();
    await shared.mock.api(`/v3/${"long".repeat(200)}`);
    const { requests } = await shared.mock.control("GET", "/requests");
    await open("", { viewport: { width: 360, height: 740 } });
    for (const place of [
      "",
      "behaviour",
      "accounts",
      "scenarios",
      "reference",
      `requests/${requests[1].number}`,
    ]) {
      await page.goto(`${shared.mock.origin}/#/${place}`);
      await page.locator("main section").first().waitFor();
      await page.locator(".loading").waitFor({ state: "detached" });
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360, place);
    }
  });

  test("it is rendered at most ten times a second, however busy the mock is", async () => {
    await shared.mock.lines();
    const [request] = (await shared.mock.control("GET", "/requests")).requests;
    await open();
    await page.addInitScript(busyStream, request);
    await page.reload();
    await rows().first().waitFor();
    const renders = await page.evaluate(async () => {
      const times = [];
      const observer = new MutationObserver(() => times.push(performance.now()));
      observer.observe(document.getElementById("page"), {
        subtree: true,
        childList: true,
        characterData: true,
      });
      await new Promise((resolve) => setTimeout(resolve, 3000));
      return times;
    });

    const seconds = (renders.at(-1) - renders[0]) / 1000;
    assert.ok(renders.length > 5, `${renders.length} renders`);
    assert.ok(renders.length <= 10 * seconds + 1, `${renders.length} renders in ${seconds} s`);
  });

  test("it keeps up with a mock that is busy", async () => {
    await open();
    await page.getByText("Nothing was asked yet").waitFor();
    const { requests } = await shared.mock.control("GET", "/state");
    const batch = Array.from({ length: 700 }, (_, index) => index);
    for (let at = 0; at < batch.length; at += 20) {
      await Promise.all(batch.slice(at, at + 20).map(() => shared.mock.lines()));
    }
    const all = (requests + batch.length).toLocaleString("en");

    await eventually(async () => (await page.locator(".requests .count").innerText()) === all);
    assert.equal(await rows().count(), 60);
  });

  test("every view is in reach on a phone, without scrolling sideways", async () => {
    await open("reference", { viewport: { width: 320, height: 700 } });
    const views = await page
      .getByRole("navigation", { name: "Views" })
      .getByRole("link")
      .evaluateAll((links) => links.map((link) => link.getBoundingClientRect().right));

    assert.equal(views.length, 5);
    assert.ok(Math.max(...views) <= 320, `${views}`);
  });

  test("no script or style runs that is not a file of the page", async () => {
    const policy = "Content Security Policy";
    await open("", { expected: [policy, "TrustedScript", "trusted-types", "Trusted Types"] });
    const ran = await page.evaluate(async () => {
      const script = document.createElement("script");
      try {
        script.textContent = "window.ran = true";
        document.body.append(script);
      } catch {
        // this is how trusted types say no
      }
      const image = new Image();
      const wasBlocked = new Promise((resolve) => {
        image.onerror = resolve;
      });
      image.src = "https://example.com/x.png";
      await wasBlocked;
      return window.ran;
    });

    assert.equal(ran, undefined);
  });
});

describe("what can go wrong", () => {
  test("while the mock has not answered yet, the page says that it is loading", async () => {
    let answer;
    await open("", { serviceWorkers: "block" });
    await page.route("**/_mock/state", async (route) => {
      await new Promise((resolve) => {
        answer = resolve;
      });
      await route.continue();
    });
    await page.reload();
    await page.getByRole("status", { name: "Loading" }).waitFor();
    await eventually(() => answer);
    answer();
    await page.getByRole("heading", { name: "Lines" }).waitFor();
  });

  test("an answer that makes no sense is told", async () => {
    await open("", { expected: ["500"] });
    await page.route("**/_mock/state", (route) =>
      route.fulfill({ status: 500, json: { error: { message: "Out of order" } } }),
    );
    await page.reload();

    await page.getByText("Out of order").waitFor();
  });

  test("a lost connection is told, and found again by itself", async () => {
    const mock = await Mock.start("--lines", "2");
    await mock.lines();
    await open("", { at: mock, expected: ["ERR_", "Failed to load"] });
    await rows().first().waitFor();
    await mock.stop("SIGKILL");
    await page.getByText("The mock does not answer.").waitFor();
    assert.ok(await page.getByRole("button", { name: "Add line" }).isDisabled());
    assert.equal(await rows().count(), 1);

    const again = await Mock.start("--port", new URL(mock.url).port, "--lines", "4");
    await eventually(async () => (await page.locator("table.lines tbody tr").count()) === 4);
    await page.getByText("The mock does not answer.").waitFor({ state: "detached" });
    await page.getByText("Nothing was asked yet").waitFor();
    await again.stop();
  });

  test("a mock that ends while a tab is open brings the stream of events to its end", async () => {
    const mock = await Mock.start();
    // A stream that is cut off is ERR_INCOMPLETE_CHUNKED_ENCODING.
    await open("", { at: mock, expected: ["ERR_CONNECTION_REFUSED"] });
    await page.getByRole("heading", { name: "Lines" }).waitFor();
    mock.process.kill("SIGINT");
    const [code] = await once(mock.process, "exit");

    assert.equal(code, 0);
    await page.getByText("The mock does not answer.").waitFor();
  });

  test("a mock that asks for a control token gets it from whoever knows it", async () => {
    const mock = await Mock.start("--control", "secret");
    await open("", { at: mock, expected: ["401 (Unauthorized)", "ERR_", "Failed to load"] });
    await page.getByRole("heading", { name: "This mock asks for its control token" }).waitFor();
    await page.getByLabel("Token").fill("wrong");
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText("This is not the token").waitFor();
    await page.getByLabel("Token").fill("secret");
    await page.getByRole("button", { name: "Go on" }).click();

    await page.getByRole("heading", { name: "Lines" }).waitFor();
    await mock.stop();
  });
});
