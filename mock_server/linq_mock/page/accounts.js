// Accounts and their tokens; a token is not on the page until it is asked for.

import { html, useState } from "./dom.js";
import { inForce } from "./format.js";
import { Copy, described, Empty, Field, Json, Twice } from "./parts.js";
import { act } from "./store.js";

const CONCEALED = "••••••••••••";

export function Accounts({ state }) {
  const [error, setError] = useState("");
  const remove = (name) =>
    act("DELETE", `/accounts/${name}`)
      .then(() => setError(""))
      .catch((refused) => setError(refused.message));
  return html`<div class="accounts">
    <section class="card" aria-labelledby="accounts">
      <header>
        <h2 id="accounts">Accounts</h2>
        <span class="count">${state.accounts.length}</span>
      </header>
      <p class="hint">Each account has a token and lines of its own, so that programs do not disturb each other.</p>
      ${error && html`<p class="error" role="alert">${error}</p>`}
      ${state.accounts.length === 0 && html`<${Empty} title="No accounts"><p>Every request gets 401.</p><//>`}
      <ul class="accounts-list">
        ${state.accounts.map(
          (account) => html`<${Account}
            key=${`${account.name} ${account.token}`}
            account=${account}
            baseUrl=${state.base_url}
            own=${state.account_behaviours[account.name]}
            remove=${() => remove(account.name)}
          />`,
        )}
      </ul>
    </section>
    <${NewAccount} />
  </div>`;
}

function Account({ account, baseUrl, own, remove }) {
  const [isShown, setIsShown] = useState(false);
  const environment = (token) =>
    `export LINQ_API_V3_BASE_URL=${baseUrl}\nexport LINQ_API_V3_API_KEY=${token}`;
  const special = own ? inForce(own) : [];
  return html`<li>
    <h3>${account.name}</h3>
    <p class="quietly">
      ${account.lines.length === 1 ? "1 line" : `${account.lines.length.toLocaleString("en")} lines`}
      ${special.map((each) => html` <span class="tag">${each}</span>`)}
    </p>
    <${Json}
      text=${environment(isShown ? account.token : CONCEALED)}
      label=${`Environment of ${account.name}`}
    />
    <p class="buttons">
      <button type="button" class="quiet" aria-pressed=${String(isShown)} onClick=${() => setIsShown(!isShown)}>
        ${isShown ? "Conceal token" : "Show token"}
      </button>
      <${Copy} text=${account.token} label="Copy token" />
      <${Copy} text=${environment(account.token)} label="Copy both" />
      <${Twice} label="Delete" question=${`Delete ${account.name}?`} act=${remove} />
    </p>
  </li>`;
}

const NOTHING = { name: "", token: "", lines: "5" };

function NewAccount() {
  const [draft, setDraft] = useState(NOTHING);
  const [error, setError] = useState({});
  const write = (name) => (event) => setDraft({ ...draft, [name]: event.target.value });
  const add = async (event) => {
    event.preventDefault();
    const wrong = mistake(draft);
    if (wrong) return setError(wrong);
    const stated = { lines: Number(draft.lines) };
    if (draft.name) stated.name = draft.name;
    if (draft.token) stated.token = draft.token;
    try {
      await act("POST", "/accounts", stated);
      setDraft(NOTHING);
      return setError({});
    } catch (refused) {
      return setError({ [fieldOf(refused.message)]: refused.message });
    }
  };
  const field = (
    name,
    label,
    hint,
  ) => html`<${Field} id=${`new-${name}`} label=${label} error=${error[name]} hint=${hint}>
    <input
      ...${described(`new-${name}`, error[name], hint)}
      autocomplete="off"
      spellcheck=${false}
      inputmode=${name === "lines" ? "numeric" : undefined}
      value=${draft[name]}
      onInput=${write(name)}
    />
  <//>`;
  return html`<section class="card" aria-labelledby="new-account">
    <header><h2 id="new-account">New account</h2></header>
    <form onSubmit=${add} novalidate>
      ${field("name", "Name", "Made up when it is empty.")}
      ${field("token", "Token", "Made up when it is empty.")}
      ${field("lines", "Lines", "How many are made up for it.")}
      <p class="buttons"><button>Add account</button></p>
    </form>
  </section>`;
}

function mistake({ name, token, lines }) {
  if (name && !/^(?!\.{1,2}$)[A-Za-z0-9._~-]{1,100}$/.test(name)) {
    return { name: "A name has 1 to 100 letters, digits and . _ ~ -, and is neither . nor .." };
  }
  if (token && !/^[!-~]+$/.test(token))
    return { token: "A token has visible ASCII characters, and no space." };
  if (!/^[0-9]{1,6}$/.test(lines) || Number(lines) > 100000) {
    return { lines: "Write a whole number from 0 to 100000." };
  }
  return null;
}

function fieldOf(message) {
  return message.includes("token") ? "token" : message.includes("lines") ? "lines" : "name";
}
