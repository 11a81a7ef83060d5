// What the page does beside showing what the server rendered. Text from articles never becomes markup here: what is put into
// the page was escaped by the server, and what is made here is set as text.
"use strict";

// Names this page among all that are open, so that it knows its own changes when they are told.
const PAGE = String(Math.random()).slice(2);

// The token has done its work: the browser has the cookie now, and the address may be shown to others.
(() => {
  const address = new URL(location.href);
  if (address.searchParams.has("token")) {
    address.searchParams.delete("token");
    history.replaceState(null, "", address);
  }
})();

// Parts of the page from the server, in the places of those that are here.
async function renew(selectors) {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const selector of selectors) {
    const [old, other] = [document.querySelector(selector), fresh.querySelector(selector)];
    if (old && other && old.outerHTML !== other.outerHTML) old.replaceWith(document.adoptNode(other));
  }
}

// Calls a function once for many calls that come together.
function gathered(work, pause) {
  let waiting = false;
  let again = false;
  return async () => {
    again = true;
    if (waiting) return;
    waiting = true;
    while (again) {
      again = false;
      await work().catch(() => {});
      await new Promise((done) => setTimeout(done, pause));
    }
    waiting = false;
  };
}

// What happens meanwhile. A browser opens few connections to a server, so a page that nobody sees gives its own back, and reads
// everything anew when it is seen again.
function listen(heard) {
  let source = null;
  // Nobody tells a page what happened before it was connected: since it was made, or since its last connection.
  let news = document.hidden ? "missed" : "connected";
  const start = () => {
    source = new EventSource("/news");
    source.onopen = () => {
      heard({ news });
      news = "missed";
    };
    source.onmessage = (message) => heard(JSON.parse(message.data));
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      source?.close();
      source = null;
    } else if (!source) {
      start();
    }
  });
  if (!document.hidden) start();
}

function overview() {
  const form = document.getElementById("filter");
  for (const choice of form.querySelectorAll("select, input[type=checkbox]")) {
    choice.addEventListener("change", () => form.requestSubmit());
  }
  // What is empty narrows nothing, and need not stand in the address.
  form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });
  const refresh = gathered(() => renew(["#totals", "#articles"]), 300);
  // The list may have grown before the page was connected, so it is read anew for that as well.
  listen(refresh);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.closest("input, textarea, select")) {
      event.preventDefault();
      form.elements.q.select();
    }
  });
}

// A request that changes something. The answer, whatever its status, is an object.
async function send(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ id: document.body.dataset.article, page: PAGE, ...body }),
    });
    const kind = answer.headers.get("content-type") ?? "";
    if (kind.startsWith("application/json")) return { ok: answer.ok, ...(await answer.json()) };
    return { ok: answer.ok, message: (await answer.text()).trim() };
  } catch {
    return { ok: false, message: "the server does not answer; is wortlaut review still running? Nothing was saved." };
  }
}

function article() {
  const isReadOnly = "readOnly" in document.body.dataset;
  const panel = document.getElementById("panel");
  const message = document.getElementById("message");
  const done = [];
  let current = null;
  let editing = null;

  const rows = () => [...document.querySelectorAll(".segment")];
  const row = (number) => document.getElementById(`s${number}`);

  function say(text, isProblem = false) {
    message.textContent = text;
    message.classList.toggle("problem", isProblem);
  }

  function choose(chosen, focus = true) {
    if (!chosen) return;
    current?.classList.remove("current");
    current?.removeAttribute("aria-current");
    current = chosen;
    current.classList.add("current");
    current.setAttribute("aria-current", "true");
    if (focus) {
      current.focus({ preventScroll: true });
      current.scrollIntoView({ block: "nearest" });
    }
    about();
  }

  // The part of the page about the current segment. What comes late is about another one and is left out.
  const about = gathered(async () => {
    const { number } = current.dataset;
    const query = new URLSearchParams({ id: document.body.dataset.article, number });
    const answer = await fetch(`/segment?${query}`);
    if (!answer.ok || number !== current.dataset.number) return;
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
    panel.replaceChildren(...parsed.body.childNodes);
    // The first look into a large memory makes an index, which takes a while.
    const waiting = setTimeout(() => {
      if (number === current?.dataset.number) document.getElementById("near")?.replaceChildren("looking into the memory…");
    }, 700);
    const near = await fetch(`/near?${query}`);
    clearTimeout(waiting);
    if (number !== current.dataset.number) return;
    const found = new DOMParser().parseFromString(near.ok ? await near.text() : "", "text/html");
    document.getElementById("near")?.replaceChildren(...found.body.childNodes);
  }, 60);

  function step(by, isWanted = () => true) {
    const all = rows();
    let at = all.indexOf(current) + by;
    while (all[at] && !isWanted(all[at])) at += by;
    if (all[at]) choose(all[at]);
    return Boolean(all[at]);
  }

  function go(by, isWanted) {
    if (!step(by, isWanted)) say(by > 0 ? "there is no further one" : "there is none before");
  }

  // Segments of another German have no places here.
  function rewritten() {
    if (editing) return say("the German of this article has changed; reload the page when you have saved", true);
    location.reload();
  }

  // Puts segments from the server in the places of those that are here. One that is being edited keeps its editor.
  function put({ german, rows: fresh, totals }) {
    if (german && german !== document.body.dataset.german) return rewritten();
    for (const { number, html } of fresh ?? []) {
      const old = row(number);
      const other = new DOMParser().parseFromString(html, "text/html").querySelector(".segment");
      if (!old || !other) continue;
      if (editing?.number === number) {
        old.dataset.state = other.dataset.state;
        old.dataset.target = other.dataset.target;
        continue;
      }
      if (old.classList.contains("hit")) other.classList.add("hit");
      const isCurrent = old === current;
      const hadFocus = old.contains(document.activeElement);
      old.replaceWith(document.adoptNode(other));
      if (isCurrent) {
        current = null;
        choose(other, hadFocus);
      }
    }
    if (totals) document.querySelector("#totals .figures").textContent = totals;
  }

  async function fetchRows(numbers) {
    const query = new URLSearchParams({ id: document.body.dataset.article });
    if (numbers) query.set("numbers", numbers.join(","));
    const answer = await fetch(`/rows?${query}`);
    if (answer.ok) put(await answer.json());
  }

  function edit() {
    if (isReadOnly) return say("this page is read-only", true);
    if (!current || editing) return;
    const place = current.querySelector(".english");
    const shown = [...place.childNodes];
    const box = document.createElement("textarea");
    box.value = current.dataset.target;
    box.rows = 1;
    box.lang = "en";
    box.spellcheck = true;
    box.setAttribute("aria-label", `English of segment ${current.dataset.number}`);
    place.replaceChildren(box);
    const fit = () => {
      box.rows = 1;
      while (box.scrollHeight > box.clientHeight + 2 && box.rows < 40) box.rows += 1;
    };
    editing = { number: Number(current.dataset.number), state: current.dataset.state, before: box.value, box, place, shown };
    box.addEventListener("input", fit);
    box.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Enter") {
        event.preventDefault();
        save();
      } else if (event.key === "Escape") {
        event.preventDefault();
        leave();
      }
      event.stopPropagation();
    });
    fit();
    box.focus();
    box.select();
  }

  // Closes the editor; what was typed is gone unless it was saved.
  function leave() {
    const { number, place, shown, box, state } = editing;
    const isStale = row(number)?.dataset.state !== state;
    editing = null;
    if (place.contains(box)) place.replaceChildren(...shown);
    choose(row(number));
    if (isStale) fetchRows([number]);
  }

  async function save() {
    const { number, state, box } = editing;
    const target = box.value;
    box.readOnly = true;
    const answer = await send("/correct", { number, state, target });
    box.readOnly = false;
    if (answer.ok) {
      done.push(number);
      editing = null;
      put(answer);
      say(answer.message);
      step(1);
    } else {
      refused(answer);
      if (answer.conflict) {
        // What the other person wrote stands beside what is being typed; saving once more is about theirs.
        editing.state = answer.state;
      }
    }
  }

  function refused(answer) {
    say(answer.message ?? "that did not work", true);
    if (answer.rows) put(answer);
  }

  async function accept() {
    if (!current) return;
    const { number, state, target } = current.dataset;
    const answer = await send("/correct", { number: Number(number), state, target });
    if (!answer.ok) return refused(answer);
    done.push(Number(number));
    put(answer);
    say(answer.message);
    step(1);
  }

  async function undo() {
    const number = done.pop() ?? Number(current?.dataset.number);
    if (!row(number)) return;
    const answer = await send("/undo", { number, state: row(number).dataset.state });
    if (!answer.ok) return refused(answer);
    put(answer);
    choose(row(number));
    say(answer.message);
  }

  async function mark(numbers, isRead) {
    const answer = await send("/read", { numbers, is_read: isRead });
    if (!answer.ok) return refused(answer);
    put(answer);
    say(isRead ? "marked as read" : "marked as not read");
  }

  async function translateAgain() {
    if (!current) return;
    const { number, state } = current.dataset;
    say("sent …");
    const answer = await send("/again", { number: Number(number), state });
    if (!answer.ok) return refused(answer);
    put(answer);
    say(answer.message);
  }

  // The words that were selected last on each side: a browser has one selection at a time.
  const selected = { german: "", english: "" };
  document.addEventListener("selectionchange", () => {
    const selection = getSelection();
    const text = selection.toString().trim();
    if (!text || selection.rangeCount === 0) return;
    const start = selection.getRangeAt(0).startContainer;
    const side = (start.nodeType === Node.ELEMENT_NODE ? start : start.parentElement)?.closest(".german, .english");
    if (side) selected[side.classList.contains("german") ? "german" : "english"] = text;
  });

  const dialog = document.getElementById("term");
  const form = dialog.querySelector("form");
  const change = () => Object.fromEntries(new FormData(form));

  function term() {
    if (isReadOnly) return say("this page is read-only", true);
    form.reset();
    form.elements.source.value = selected.german;
    form.elements.target.value = selected.english;
    dialog.showModal();
    form.elements[selected.german ? "target" : "source"].focus();
    preview();
  }

  // A line of text in an element of a kind.
  function line(kind, text, lang) {
    const element = document.createElement(kind);
    element.textContent = text;
    if (lang) element.lang = lang;
    return element;
  }

  const preview = gathered(async () => {
    const asked = change();
    const [summary, places] = [document.getElementById("term-summary"), document.getElementById("term-places")];
    form.elements.apply.disabled = true;
    if (!asked.source.trim() || !asked.target.trim()) {
      summary.textContent = "select a word on each side, or type both";
      return places.replaceChildren();
    }
    const answer = await send("/term/preview", asked);
    if (JSON.stringify(asked) !== JSON.stringify(change())) return;
    summary.textContent = answer.message;
    form.elements.apply.disabled = !answer.ok;
    places.replaceChildren(
      ...(answer.places ?? []).map(({ article, link, number, source, before, after, is_held }) => {
        const place = document.createElement("div");
        const name = line("a", `${article} #${number}`);
        name.href = link;
        place.append(name, line("p", source, "de"), line("del", before, "en"), document.createElement("br"));
        place.append(after === null ? line("em", "to be sent again") : line("ins", after, "en"));
        if (!is_held) place.append(line("p", "does not hold"));
        return place;
      }),
    );
  }, 200);
  form.addEventListener("input", preview);
  form.elements.cancel.addEventListener("click", () => dialog.close());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.elements.apply.disabled) return;
    form.elements.apply.disabled = true;
    const answer = await send("/term", change());
    if (!answer.ok) {
      document.getElementById("term-summary").textContent = answer.message;
      return;
    }
    dialog.close();
    say(answer.message);
    missed();
  });

  const byKey = {
    n: () => go(1),
    ArrowDown: () => go(1),
    p: () => go(-1),
    ArrowUp: () => go(-1),
    f: () => go(1, (one) => one.classList.contains("hit") || one.querySelector(".findings")),
    F: () => go(-1, (one) => one.classList.contains("hit") || one.querySelector(".findings")),
    e: edit,
    Enter: edit,
    a: accept,
    u: undo,
    r: translateAgain,
    g: term,
    m: () => current && mark([Number(current.dataset.number)], !current.classList.contains("read")),
    M: () => mark(rows().map((one) => Number(one.dataset.number)), true),
    l: () => document.getElementById("up").click(),
    "[": () => document.getElementById("previous-article")?.click(),
    "]": () => document.getElementById("next-article")?.click(),
    "?": () => document.getElementById("help").showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    // A dialog that was closed a moment ago may have the focus still.
    if (event.target.closest("input, textarea, select, dialog[open]")) return;
    if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
    const act = byKey[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("click", (event) => {
    const clicked = event.target.closest(".segment");
    if (clicked && clicked !== current) choose(clicked, false);
  });
  panel.addEventListener("click", (event) => {
    const { take } = event.target.dataset;
    if (take === undefined) return;
    edit();
    if (editing) editing.box.value = take;
  });
  document.addEventListener("dblclick", (event) => {
    if (event.target.closest(".english") && !isReadOnly && getSelection().isCollapsed) edit();
  });
  document.getElementById("help-button").addEventListener("click", byKey["?"]);

  const missed = gathered(() => fetchRows(null), 300);
  listen((news) => {
    if (news.news === "missed") return missed();
    // That its segments are those of the article needs none of them.
    if (news.news === "connected") return fetchRows([]);
    if (news.news === "remark") return say(news.text, true);
    if (news.news === "rewritten" && news.article === document.body.dataset.article) return rewritten();
    if (news.news !== "changed" || news.article !== document.body.dataset.article || news.page === PAGE) return;
    if (editing && news.numbers.includes(editing.number)) {
      say("somebody else changed this segment meanwhile; saving shows what they wrote", true);
    }
    fetchRows(news.numbers);
  });

  const first = row(Number(location.hash.slice(2))) ?? document.querySelector(".segment.hit") ?? rows()[0];
  choose(first);
}

if (document.body.classList.contains("overview")) overview();
if (document.body.classList.contains("article")) article();
