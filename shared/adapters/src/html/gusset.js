// Every page works without this. With it, times are told in the reader's zone, a code is copied with one press, what one
// typed stays when something is wrong with it, and what others do shows by itself.
"use strict";

(() => {
  const base = document.body.dataset.base;
  const POLL_EVERY = 7_000; // milliseconds
  const POLL_SOON = 1_500;
  const SLOWEST_POLL = 60_000;
  document.documentElement.classList.add("js");

  // ---------------------------------------------------------------- words

  // The server writes them here, from the file of words.
  const WORDS = {};
  const say = (id, given = {}) => WORDS[id].replace(/%(\w+)%/g, (_, name) => given[name]);

  const announcer = document.getElementById("announcer");
  function announce(words) {
    // Emptied first, or the same words a second time would not be read out.
    announcer.textContent = "";
    setTimeout(() => { announcer.textContent = words; }, 50);
  }

  function element(name, properties = {}, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  const inZone = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const exactly = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
  const clock = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
  const short = new Intl.DateTimeFormat(undefined, clock);
  const shortWithYear = new Intl.DateTimeFormat(undefined, { ...clock, year: "numeric" });
  const thisYear = new Date().getFullYear();
  const midnight = at => new Date(at.getFullYear(), at.getMonth(), at.getDate());
  function tellTimes(within) {
    for (const time of within.querySelectorAll("time[datetime]")) {
      const at = new Date(time.dateTime);
      if (time.title || Number.isNaN(at.getTime()) || !time.dateTime.includes("T")) continue;
      const inTable = at.getFullYear() === thisYear ? short : shortWithYear;
      time.textContent = ("short" in time.dataset ? inTable : inZone).format(at);
      time.title = `${exactly.format(at)} (${time.dateTime})`;
    }
    // Days are those of the reader's calendar. Hours are the same everywhere.
    for (const words of within.querySelectorAll("[data-until]")) {
      const at = new Date(words.dataset.until);
      const days = Math.round((midnight(at) - midnight(new Date())) / 86_400_000);
      if (at - Date.now() >= 48 * 3_600_000) words.textContent = say("in-days", { days });
    }
  }

  // ---------------------------------------------------------------- days

  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const pad = number => String(number).padStart(2, "0");
  const dayOf = at => `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
  const clockOf = at => `${pad(at.getHours())}:${pad(at.getMinutes())}`;

  for (const field of document.querySelectorAll("[data-utc]")) {
    const at = new Date(`${field.value}Z`);
    if (field.value) field.value = field.defaultValue = `${dayOf(at)}T${clockOf(at)}`;
  }
  for (const words of document.querySelectorAll("[data-zone]")) words.textContent = words.dataset.zone.replace("%", zone);

  // A month comes with everything on its day in UTC. Here it goes to its day where the reader is, in order.
  for (const month of document.querySelectorAll("[data-month]")) {
    const days = new Map([...month.children].map(day => [day.dataset.day, day]));
    const entries = [...month.querySelectorAll("[data-due]"), ...month.parentElement.querySelectorAll("[data-outside] > [data-due]")];
    entries.sort((one, other) => one.dataset.due.localeCompare(other.dataset.due));
    for (const entry of entries) {
      const at = new Date(entry.dataset.due);
      entry.querySelector(".clock").textContent = clockOf(at);
      const day = days.get(dayOf(at));
      if (day) day.querySelector("ul").append(entry);
      else entry.remove();
    }
    for (const [name, day] of days) {
      day.classList.toggle("none", !day.querySelector("[data-due]"));
      if (name === dayOf(new Date())) day.setAttribute("aria-current", "date");
      else day.removeAttribute("aria-current");
    }
  }

  // ---------------------------------------------------------------- copying a text

  document.addEventListener("click", async event => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      announce(say("copied"));
      const words = button.textContent;
      button.textContent = say("copied");
      setTimeout(() => { button.textContent = words; }, 2_000);
    } catch {
      // Not allowed, or no secure page: the text is selected, to be copied by hand.
      getSelection().selectAllChildren(document.getElementById(button.dataset.copies));
      announce(say("selected"));
    }
  });

  // ---------------------------------------------------------------- forms

  // Estimators sign in on a page of their own.
  const estimating = () => here().startsWith("/estimating");
  const toSignIn = () => estimating() ? `${base}/estimating` : `${base}/?return_to=${encodeURIComponent(here())}`;
  const here = () => location.href.startsWith(base) ? location.href.slice(base.length) : "/";

  function refuse(form, problem) {
    form.querySelector(":scope > .notice")?.remove();
    const notice = element("div", { className: "notice", tabIndex: -1 },
      element("strong", { textContent: problem.title }), element("p", { textContent: problem.detail }));
    notice.setAttribute("role", "alert");
    if (problem.wait) {
      const [before, after] = say("again-in", { seconds: "\n" }).split("\n");
      const wait = element("p", {}, before, countdown(problem.wait), after);
      // An alert is read out again with each change in it: not with each second.
      wait.setAttribute("aria-live", "off");
      notice.append(wait);
    }
    if (problem.status === 401) notice.append(element("p", {}, element("a", { href: toSignIn(), textContent: say("sign-in") })));
    form.prepend(notice);
    for (const field of form.elements) {
      if (field.name && field.name === problem.field) field.setAttribute("aria-invalid", "true");
      else if (field.name) field.removeAttribute("aria-invalid");
    }
    notice.focus();
  }

  const NO_ANSWER = { title: say("no-answer"), detail: say("no-answer-to-form") };

  document.addEventListener("submit", async event => {
    const form = event.target;
    if (!form.matches("form[data-form]")) return;
    event.preventDefault();
    const button = event.submitter ?? form.querySelector("button[type=submit]");
    if (button.disabled) return;
    const action = button.getAttribute("formaction") ?? form.action;
    const body = new URLSearchParams(new FormData(form));
    if (button.name) body.set(button.name, button.value);
    // What is typed is the reader's time; what is sent is the moment.
    for (const field of form.querySelectorAll("[data-utc]")) body.set(field.name, new Date(field.value).toISOString());
    button.disabled = true;
    let problem = NO_ANSWER;
    try {
      let answer, said, done = 0;
      do {
        answer = await fetch(action, {
          method: form.dataset.method ?? "POST", body, headers: { Accept: "application/json" },
        });
        said = await answer.json().catch(() => null);
        // Of many, each request does some, and says how many are left.
        if (said?.left && said.done) announce(say("left", { done: done += said.done.length, left: said.left }));
      } while (answer.ok && said?.left && said.done?.length);
      if (answer.ok && form.dataset.form === "secret") {
        button.disabled = false;
        return showSecret(form, said);
      }
      if (answer.ok) {
        leaving = true;
        return location.assign(base + body.get("return_to"));
      }
      const wait = Number(answer.headers.get("Retry-After"));
      problem = said?.title ? { ...said, wait: answer.status === 503 && wait } : { ...NO_ANSWER, title: say("problem") };
    } catch { /* no answer */ }
    button.disabled = false;
    refuse(form, problem);
  });

  // It is in this page alone: no address, cookie or cache has it, and it goes with the page.
  function showSecret(form, account) {
    form.querySelector(":scope > .notice")?.remove();
    const line = (name, id, text) => [
      element("dt", { textContent: name }),
      element("dd", {}, element("code", { className: "secret", id, textContent: text })),
    ];
    const id = `secret-${account.client_id}`;
    const copy = element("button", { type: "button", className: "quiet", textContent: say("copy-secret") });
    copy.dataset.copy = account.client_secret;
    copy.dataset.copies = id;
    const notice = element("div", { className: "notice good", tabIndex: -1 },
      element("strong", { textContent: say("new-secret") }),
      element("p", { textContent: say("shown-once") }),
      element("dl", { className: "facts" }, ...line(say("client-id"), `client-${id}`, account.client_id),
        ...line(say("secret"), id, account.client_secret)),
      element("div", { className: "actions" }, copy));
    notice.setAttribute("role", "status");
    // What the card says of a secret is of before, and a second one would stop this one at once: it takes its own step, after
    // this page.
    const card = form.closest("article");
    const made = card.querySelector("[data-secret]");
    if (made) made.textContent = say("made-now");
    else card.querySelector("h3").textContent = account.name;
    for (const past of card.querySelectorAll(":scope > .notice.wait")) past.remove();
    for (const past of form.closest(".scripted").children) if (past.contains(form)) past.replaceWith(notice);
    notice.focus();
  }

  // What was begun in a form keeps its part of the page from being swapped.
  document.addEventListener("input", event => {
    const form = event.target.form;
    if (form) form.dataset.begun = "";
    const { ticks } = event.target.dataset;
    if (ticks) for (const box of form.querySelectorAll(`[name=${ticks}]`)) box.checked = event.target.checked;
  });

  let leaving = false;
  addEventListener("pageshow", () => {
    leaving = false;
    for (const button of document.querySelectorAll("form[data-form] button:disabled")) button.disabled = false;
  });

  // What a form did is said once: loading the page again does not say it again.
  if (new URLSearchParams(location.search).has("done")) {
    const address = new URL(location.href);
    address.searchParams.delete("done");
    history.replaceState(null, "", address);
  }

  // ---------------------------------------------------------------- offline

  // Said once, until Gusset answers.
  function away(words) {
    if (document.getElementById("away")) return;
    const notice = element("div", { id: "away", className: "notice wait" }, element("p", { textContent: words }));
    document.getElementById("main").prepend(notice);
    notice.scrollIntoView({ block: "nearest" });
    announce(words);
  }

  const AWAY = say("away");

  // Where a link does more than lead to its page and that did not work, it leads there; not where nothing is reached.
  function follow(link, error) {
    if (error instanceof TypeError) away(say("not-followed"));
    else location.assign(link.href);
  }

  // The link of a kind that was pressed to be followed here, not in another tab or window.
  function pressed(event, links) {
    const elsewhere = event.button || event.metaKey || event.ctrlKey || event.shiftKey;
    return elsewhere ? null : event.target.closest(links);
  }

  const parsed = text => new DOMParser().parseFromString(text, "text/html");

  async function pageAt(link) {
    const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(answer.status);
    return parsed(await answer.text());
  }

  // ---------------------------------------------------------------- switching projects

  document.addEventListener("toggle", async event => {
    const box = event.target;
    if (!box.matches?.("details.switcher") || !box.open || box.dataset.loaded) return;
    const list = box.querySelector("ul");
    try {
      const answer = await fetch(`${base}/api/projects`, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.status);
      const { projects } = await answer.json();
      list.replaceChildren(...projects.map(project => element("li", {},
        element("a", { href: `${base}/projects/${project.id}`, textContent: say("project", { name: project.name, company: project.company_name }) }))));
      box.dataset.loaded = "";
    } catch (error) {
      box.open = false;
      follow({ href: `${base}/` }, error);
    }
  }, true);

  // ---------------------------------------------------------------- one item beside the list

  document.addEventListener("click", async event => {
    const link = pressed(event, "a[data-panel]");
    if (!link) return;
    event.preventDefault();
    try {
      const page = await pageAt(link);
      const close = element("button", { type: "button", className: "quiet", textContent: say("close") });
      const panel = element("dialog", { className: "panel" }, close, document.adoptNode(page.querySelector("#delivery, #preview")));
      panel.setAttribute("aria-labelledby", "name");
      close.addEventListener("click", () => panel.close());
      panel.addEventListener("click", at => { if (at.target === panel) panel.close(); });
      panel.addEventListener("close", () => { panel.remove(); link.focus(); });
      document.body.append(panel);
      tellTimes(panel);
      panel.showModal();
    } catch (error) {
      follow(link, error);
    }
  });

  // ---------------------------------------------------------------- a form in place of the link to its page

  document.addEventListener("click", async event => {
    const link = pressed(event, "a[data-in-place]");
    if (!link) return;
    event.preventDefault();
    if ("asked" in link.dataset) return;
    link.dataset.asked = "";
    try {
      const page = await pageAt(link);
      const form = document.adoptNode(page.getElementById("in-place"));
      form.removeAttribute("id");
      link.replaceWith(form);
      form.querySelector("select")?.focus();
    } catch (error) {
      delete link.dataset.asked;
      follow(link, error);
    }
  });

  // ---------------------------------------------------------------- a table as a file

  document.addEventListener("click", async event => {
    const link = event.target.closest("a[data-csv]");
    if (!link) return;
    event.preventDefault();
    const words = link.textContent;
    try {
      const parts = [];
      for (let next = link.href; next;) {
        const answer = await fetch(next);
        if (!answer.ok) throw new Error(answer.status);
        const text = await answer.text();
        // Each part has the names of the columns; the file has them once.
        parts.push(parts.length ? text.slice(text.indexOf("\n") + 1) : `\ufeff${text.replace(/^\ufeff/, "")}`);
        next = /<([^>]+)>; rel="next"/.exec(answer.headers.get("Link") ?? "")?.[1];
        link.textContent = say("rows", { count: parts.length * 5_000 });
      }
      const file = URL.createObjectURL(new Blob(parts, { type: "text/csv" }));
      element("a", { href: file, download: "gusset-deliveries.csv" }).click();
      setTimeout(() => URL.revokeObjectURL(file), 60_000);
      announce(say("downloaded"));
    } catch (error) {
      follow(link, error);
    }
    link.textContent = words;
  });

  // ---------------------------------------------------------------- while Procore is busy

  const SOONEST_LOOK = 3, LATEST_LOOK = 60; // seconds

  function countdown(seconds) {
    const words = element("span", { textContent: seconds });
    words.dataset.countdown = "";
    return words;
  }

  setInterval(() => {
    for (const words of document.querySelectorAll("[data-countdown]")) {
      const left = Number(words.textContent) - 1;
      if (left >= 0) words.textContent = left;
      else if (words.closest("#busy")) lookAgain(words);
      else if (words.closest("form")) {
        words.parentElement.textContent = say("again-now-kept");
        announce(say("again-now"));
      }
    }
  }, 1_000);

  // Takes in what the page lacks, and leaves the rest of it as the reader has it.
  let looking = false;
  async function lookAgain(words) {
    if (looking || leaving || document.hidden) return;
    looking = true;
    const notice = document.getElementById("busy");
    try {
      const answer = await fetch(location.href, { cache: "no-store", headers: { Accept: "text/html" } });
      if (answer.redirected || [403, 404].includes(answer.status)) return location.reload();
      if (!answer.ok) {
        const wait = Number(answer.headers.get("Retry-After")) || SOONEST_LOOK;
        words.textContent = Math.min(Math.max(wait, SOONEST_LOOK), LATEST_LOOK);
        return;
      }
      const fresh = parsed(await answer.text());
      for (const mine of document.querySelectorAll("[data-lacking][id]")) {
        const part = fresh.getElementById(mine.id);
        if (part && !part.matches("[data-lacking]")) takeIn(mine, document.adoptNode(part));
      }
      const still = fresh.getElementById("busy");
      if (still) return notice.replaceWith(document.adoptNode(still));
      notice.remove();
      announce(say("procore-again"));
    } catch {
      words.textContent = SOONEST_LOOK;
    } finally {
      looking = false;
    }
  }

  function takeIn(mine, part) {
    const focused = mine.contains(document.activeElement) && document.activeElement.id;
    const chosen = [...mine.querySelectorAll("select[id]")].map(field => [field.id, field.value]);
    mine.replaceWith(part);
    tellTimes(part);
    for (const [id, value] of chosen) {
      const field = document.getElementById(id);
      if (value && [...field.options].some(option => option.value === value)) field.value = value;
    }
    if (focused) document.getElementById(focused)?.focus();
  }

  // ---------------------------------------------------------------- live

  const live = document.querySelector("[data-live]");
  let tag = null, failures = 0, timer = null, stopped = false, filtered = false;

  function stop(title, words, link) {
    stopped = true;
    clearTimeout(timer);
    const notice = document.getElementById("stopped");
    notice.replaceChildren(element("strong", { textContent: title }), element("p", {}, `${words} `, link ?? ""));
    notice.hidden = false;
  }

  function schedule() {
    clearTimeout(timer);
    // Where something is under way, one is looking at it.
    const soon = live.querySelector("[data-soon]");
    const every = soon ? Number(soon.dataset.soon) || POLL_SOON : Number(live.dataset.every) || POLL_EVERY;
    if (!stopped && !document.hidden) timer = setTimeout(poll, Math.min(every * 2 ** failures, SLOWEST_POLL));
  }

  async function poll() {
    if (stopped || document.hidden || leaving) return schedule();
    let answer = null, text = "";
    const asked = live.dataset.live;
    try {
      answer = await fetch(asked, { cache: "no-store", headers: tag ? { "If-None-Match": tag } : {} });
      if (answer.status === 200) text = await answer.text();
    } catch { /* no answer */ }
    // Something else is wanted by now, and asked for.
    if (asked !== live.dataset.live) return;
    switch (answer?.status) {
      case 401:
        return stop(say("signed-out"), say("signed-out-detail"),
          element("a", { href: toSignIn(), textContent: say("sign-in-again") }));
      case 403:
      case 404:
        return stop(say("not-seen"), estimating() ? say("not-there") : say("access-changed"),
          element("a", { href: `${base}/${estimating() ? "estimating" : ""}`, textContent: say("to-projects") }));
      case 200:
        tag = answer.headers.get("ETag");
        swap(parsed(text));
        // falls through
      case 304:
        if (document.getElementById("away")) announce(say("again"));
        document.getElementById("away")?.remove();
        failures = 0;
        break;
      default:
        failures += 1;
        // At once, where somebody waits for it.
        if (filtered || failures === 3) away(AWAY);
    }
    schedule();
  }

  const MOST_SAID = 5;
  const NEWS_FOR = 5_000; // milliseconds
  let touched = false;
  function swap(fresh) {
    const said = [];
    touched = false;
    for (const incoming of fresh.querySelectorAll("[data-parts]")) {
      const list = document.getElementById(incoming.id);
      if (list) fit(list, [...incoming.children], said);
    }
    // What a form did may not hold any more once something else has happened.
    if (touched && performance.now() > NEWS_FOR) document.querySelector("[data-news]")?.remove();
    if (filtered) announce(document.querySelector(".chips [aria-current]")?.textContent ?? "");
    else if (said.length) announce(said.length > MOST_SAID ? say("changes", { count: said.length }) : said.join(". "));
    filtered = false;
    // The page says from where what comes next is asked for.
    const next = fresh.querySelector("[data-live-next]");
    if (next) live.dataset.live = next.dataset.liveNext;
  }

  // Makes a list's parts those that came, touching only what changed, and nothing that somebody is at.
  function fit(list, incoming, said) {
    const present = new Map([...list.children].map(part => [part.id, part]));
    let place = list.firstElementChild;
    for (const part of incoming) {
      let mine = present.get(part.id);
      present.delete(part.id);
      if (!mine) {
        mine = document.adoptNode(part);
        list.insertBefore(mine, place);
        touched = true;
        tellTimes(mine);
        if (mine.dataset.says) said.push(mine.dataset.says);
        continue;
      }
      const isNext = mine === place;
      if (mine.dataset.part !== part.dataset.part) {
        touched = true;
        if (part.dataset.says && mine.dataset.says !== part.dataset.says) said.push(part.dataset.says);
        if (isInUse(mine)) offer(mine, part);
        else mine = replace(mine, part);
      }
      // What was swapped is not in the list any more: its successor is asked for the one that comes next.
      if (isNext) place = mine.nextElementSibling;
      else list.insertBefore(mine, place);
    }
    for (const gone of present.values()) if (!isInUse(gone)) gone.remove();
    const box = list.closest("[data-box]");
    if (box) box.hidden = !list.childElementCount;
  }

  const isInUse = part => part.querySelector("form[data-begun]") !== null
    || (!part.matches("tr") && part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea"));

  function replace(mine, part) {
    const focused = mine.contains(document.activeElement) ? document.activeElement : null;
    const words = focused?.textContent.trim();
    part = document.adoptNode(part);
    for (const open of mine.querySelectorAll("details[open][id]")) {
      const same = part.querySelector(`#${CSS.escape(open.id)}`);
      if (same) same.open = true;
    }
    for (const ticked of mine.querySelectorAll("input[type=checkbox][id]:checked")) {
      const same = part.querySelector(`#${CSS.escape(ticked.id)}`);
      if (same) same.checked = true;
    }
    mine.replaceWith(part);
    tellTimes(part);
    if (focused?.id && document.getElementById(focused.id)) document.getElementById(focused.id).focus();
    else if (focused) {
      const controls = [...part.querySelectorAll("a, button, summary")];
      (controls.find(control => control.textContent.trim() === words) ?? part.querySelector("h3") ?? controls[0])?.focus();
    }
    return part;
  }

  function offer(mine, part) {
    mine.querySelector(":scope > .changed")?.remove();
    const show = element("button", { type: "button", className: "quiet", textContent: say("show") });
    show.addEventListener("click", () => replace(mine, part).querySelector("h3")?.focus());
    const notice = element("div", { className: "notice wait changed" }, element("p", { textContent: say("changed") }), show);
    mine.prepend(notice);
  }

  // ---------------------------------------------------------------- filters

  const filters = document.querySelector("form[data-filters]");

  let shown = location.href.split("#")[0];

  // Shows what a query asks for, and keeps it in the address.
  function show(query, how) {
    const page = filters.action.split(/[?#]/)[0];
    const text = query.size ? `?${query}` : "";
    history[how](null, "", `${page}${text}`);
    shown = location.href.split("#")[0];
    live.dataset.live = `${page.replace(/\/$/, "")}/live${text}`;
    const csv = filters.querySelector("[data-csv]");
    if (csv) csv.href = `${csv.href.split("?")[0]}?${new URLSearchParams([...query, ["format", "csv"]])}`;
    for (const back of document.querySelectorAll("form[data-form=many] [name=return_to]")) {
      back.value = `${page.slice(base.length)}?${new URLSearchParams([...query, ["done", "many"]])}`;
    }
    tag = null;
    filtered = true;
    clearTimeout(timer);
    poll();
  }

  function asked() {
    const query = new URLSearchParams(new FormData(filters));
    for (const [name, value] of [...query]) if (!value) query.delete(name);
    return query;
  }

  if (live && filters) {
    let typing = null;
    const changed = event => {
      clearTimeout(typing);
      typing = setTimeout(() => show(asked(), "replaceState"), event.type === "input" ? 250 : 0);
    };
    filters.addEventListener("input", changed);
    filters.addEventListener("change", changed);
    filters.addEventListener("submit", event => {
      event.preventDefault();
      clearTimeout(typing);
      show(asked(), "pushState");
    });
    document.addEventListener("click", event => {
      const link = pressed(event, "a[data-filter]");
      if (!link) return;
      event.preventDefault();
      const query = new URL(link.href).searchParams;
      for (const name of ["show", "status", "tool", "sort"]) {
        filters.elements[name]?.remove();
        if (query.has(name)) filters.append(element("input", { type: "hidden", name, value: query.get(name) }));
      }
      show(query, "pushState");
    });
    // A place on the same page is none of the filters'.
    addEventListener("popstate", () => { if (shown !== location.href.split("#")[0]) location.reload(); });
  }

  tellTimes(document);
  if (live) {
    addEventListener("online", () => { failures = 0; poll(); });
    document.addEventListener("visibilitychange", () => { if (document.hidden) clearTimeout(timer); else poll(); });
    schedule();
  }
})();
