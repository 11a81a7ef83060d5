// What the page does beside showing what the server rendered. Text from articles never becomes markup here: what is put into
// the page was escaped by the server, and what is made here is set as text.
"use strict";

// The token has done its work: the browser has the cookie now, and the address may be shown to others.
(() => {
  const address = new URL(location.href);
  if (address.searchParams.has("token")) {
    address.searchParams.delete("token");
    history.replaceState(null, "", address);
  }
})();

// A part of a page from the server, in the place of the one that is here.
async function renew(selectors) {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
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
      await work();
      await new Promise((done) => setTimeout(done, pause));
    }
    waiting = false;
  };
}

// What happens meanwhile. A browser opens few connections to a server, so a page that nobody sees gives its own back, and reads
// everything anew when it is seen again.
function listen(heard) {
  let source = null;
  const start = () => {
    source = new EventSource("/news");
    source.onmessage = (message) => heard(JSON.parse(message.data));
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      source?.close();
      source = null;
    } else if (!source) {
      start();
      heard({ news: "missed" });
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
  listen(refresh);
  // The list may have grown between the page and its first news.
  if (document.querySelector("#totals .busy")) refresh();
}

if (document.body.classList.contains("overview")) overview();
