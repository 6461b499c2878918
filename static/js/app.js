/* Everything the pages can do beyond links and forms. Without this file every page still works. */
"use strict";
(() => {
  const root = document.documentElement, body = () => document.body, all = (css, within = document) => [...within.querySelectorAll(css)];
  root.classList.add("js");
  let lastBox = null, card = null, going = false, open = [], at = "", asked = false; // going: a "g" waits for the letter of its page
  /* --- messages: shown in the live region, dismissed by hand --- */
  const make = (tag, more) => Object.assign(document.createElement(tag), more);
  const say = (textContent, level) => document.getElementById("messages")?.replaceChildren(make("div", { className: `message ${level}`, textContent }));
  const plain = (xhr) => (xhr.getResponseHeader("Content-Type")?.startsWith("text/plain") ? xhr.responseText.slice(0, 500) : "");
  document.addEventListener("htmx:responseError", (e) => say(plain(e.detail.xhr) || body().dataset.failed, "error"));
  ["htmx:sendError", "htmx:timeout"].forEach((name) => document.addEventListener(name, () => say(body().dataset.offline, "error")));
  window.addEventListener("offline", () => say(body().dataset.offline, "warning"));
  window.addEventListener("online", () => all("#messages .warning").forEach((m) => m.remove()));
  // What came in by a swap is said in a region that no swap replaces; what a page has to report is said as if it came now.
  document.addEventListener("htmx:load", ({ detail: { elt } }) => {
    if (elt === body()) later?.remove(), early.splice(0).forEach(([el, name]) => el.dispatchEvent(new Event(name, { bubbles: true })));
    const words = elt !== body() && (elt.closest("[data-told]") || elt.querySelector("[data-told]"));
    if (words) document.getElementById("told").textContent = words.textContent.trim();
  });
  all("#messages .message").forEach((message) => message.parentNode.append(message));
  /* --- htmx comes after the first paint, and hears of what was typed and ticked before it; its history needs it --- */
  const later = document.querySelector("meta[name=later]"), early = [], put = (tag, more) => document.head.append(make(tag, more));
  if (later) put("link", { rel: "preload", as: "script", href: later.content, fetchPriority: "low" });
  if (later) new PerformanceObserver((_, seen) => { seen.disconnect(); put("script", { src: later.content }); }).observe({ type: "paint", buffered: true });
  ["input", "change"].forEach((name) => document.addEventListener(name, ({ target }) => later?.isConnected && early.push([target, name])));
  window.addEventListener("popstate", ({ state }) => { if (state?.htmx && !window.htmx) location.reload(); });
  /* --- what a click can mean, by attribute --- */
  const clicks = {
    // A verb of the list with nothing selected means the row one is at.
    "button[name=verb]": ({ form }) => boxes(form).some((b) => b.checked) || form.elements.everything?.checked || keys.x(),
    // One box, or with shift all from the last one on.
    "tbody .tick input": (box, e) => {
      const list = boxes(box.form), from = list.indexOf(lastBox), to = list.indexOf(box);
      if (e.shiftKey && from >= 0) list.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((b) => { b.checked = box.checked; });
      count((lastBox = box).form);
    },
    "[data-copy]": async (button) => {
      await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent.trim());
      const word = button.querySelector("span"), before = word.textContent;
      word.textContent = button.dataset.done;
      setTimeout(() => { word.textContent = before; }, 1500);
    },
    "[data-dismiss]": (el) => el.closest(".message").remove(), "[data-dialog]": (el) => document.querySelector(el.dataset.dialog)?.showModal(),
  };
  document.addEventListener("click", (e) => {
    Object.entries(clicks).forEach(([css, act]) => { if (e.target.closest(css)) act(e.target.closest(css), e); });
    all("details.menu[open]").forEach((m) => { if (!m.contains(e.target)) m.open = false; });
  });
  document.addEventListener("keydown", (e) => {
    const [menu, field] = ["details.menu[open]", "[type=search]"].map((css) => e.key === "Escape" && e.target.closest?.(css));
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
    if (field) { e.preventDefault(); field.blur(); } // what is searched stays, and the letters are keys again
  });
  /* A modified click, or a panel link where there is no room for the panel, is an ordinary link: htmx never sees it. */
  const wide = matchMedia("(min-width: 76rem)");
  document.addEventListener("click", (e) => {
    const link = e.target.closest("a[hx-get]");
    if (link && (e.ctrlKey || e.metaKey || e.shiftKey || ("panel" in link.dataset && !wide.matches))) e.stopPropagation();
    else if (link && "panel" in link.dataset) choose(link);
  }, true);
  /* --- selection: one box for all rows, shift for a stretch, the count in words --- */
  const boxes = (form) => all("tbody .tick input", form);
  const count = (form) => {
    const chosen = boxes(form).filter((b) => b.checked).length, every = chosen > 0 && chosen === boxes(form).length;
    all("[data-selected]", form).forEach((el) => { el.textContent = chosen; });
    all("[data-all]", form).forEach((el) => { el.checked = every; el.indeterminate = chosen > 0 && !every; });
  };
  document.addEventListener("change", (e) => {
    const form = e.target.closest("form");
    if (form && "all" in e.target.dataset) boxes(form).forEach((b) => { b.checked = e.target.checked; });
    if (form && e.target.closest(".tick")) count(form);
    asked ||= e.target.matches("form.filters :is([type=checkbox], [type=radio])"); // their rows, and new counts, are still to come
  });
  /* --- menus are counted after the rows: what was open stays open, and what had the focus has it again --- */
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { target } = detail, el = document.activeElement;
    asked &&= target.id !== "results";
    if (target.id !== "facets") return;
    detail.shouldSwap = !asked;
    open = all("details[open]", target).map((menu) => `[data-facet="${menu.dataset.facet}"]`);
    at = target.contains(el) && el.name ? `[name="${el.name}"][value="${CSS.escape(el.value)}"]` : "";
  });
  document.addEventListener("htmx:afterSwap", ({ detail: { target } }) => { // without a target where history is restored
    if (target?.id !== "facets" || asked) return;
    open.forEach((css) => target.querySelector(css)?.setAttribute("open", ""));
    if (at) target.querySelector(at)?.focus();
  });
  /* --- theme: the form works alone; here it changes the page without loading it --- */
  document.addEventListener("submit", (e) => {
    if (!("themeForm" in e.target.dataset)) return;
    e.preventDefault();
    const data = new FormData(e.target, e.submitter), theme = data.get("theme");
    // Shown once the server has it: whoever goes on at once would otherwise get the next page in the old theme.
    fetch(e.target.action, { method: "POST", body: data, redirect: "manual", keepalive: true }).then(() => {
      if (theme) root.dataset.theme = theme; else delete root.dataset.theme;
      all("[name=theme]", e.target).forEach((b) => b.setAttribute("aria-pressed", b.value === theme));
    }, () => say(body().dataset.offline, "warning"));
  });
  /* --- the board: a card dropped on another phase is the same as its form with that phase chosen --- */
  const under = (e) => card && e.target.closest("[data-phase]");
  const over = (phase) => all("[data-phase]").forEach((s) => s.classList.toggle("over", s === phase && !s.contains(card)));
  document.addEventListener("dragstart", (e) => { card = e.target.closest?.(".card[data-move]"); });
  document.addEventListener("dragend", () => { card = null; over(); });
  document.addEventListener("dragover", (e) => { over(under(e)); if (under(e)) e.preventDefault(); });
  document.addEventListener("drop", (e) => {
    const phase = under(e), form = document.getElementById("drop"), { version, to } = form?.elements || {};
    if (!phase || phase.contains(card)) return;
    e.preventDefault();
    form.action = `${card.dataset.move}?next=${encodeURIComponent(`${location.pathname}${location.search}#${card.id}`)}`;
    [version.value, to.value] = [card.dataset.version, `phase:${phase.dataset.phase}`];
    form.submit();
  });
  /* --- keys: rows are links marked data-row; any control may claim a letter with data-key --- */
  const rows = () => all("a[data-row]");
  const choose = (link) => { rows().forEach((r) => r.removeAttribute("aria-current")); link.setAttribute("aria-current", "true"); };
  const goTo = (row) => { if (row) choose(row), row.focus(); };
  const step = (by) => {
    const from = rows(), at = from.findIndex((r) => r === document.activeElement || r.hasAttribute("aria-current"));
    goTo(from[Math.max(0, Math.min(from.length - 1, at + by))]);
  };
  const current = () => document.activeElement?.closest("a[data-row]") || document.querySelector("a[data-row][aria-current]");
  /* --- where one was in a list: kept when it is left, taken up on the way back from one of its rows --- */
  let list = location.pathname; // the address of an open row is not the list's
  const leave = (row = current()) => { if (row) sessionStorage.row = JSON.stringify([list, rows().indexOf(row), row.pathname]); };
  const comeBack = () => {
    const [page, at, path] = JSON.parse(sessionStorage.row || "[]"), left = rows();
    if (page === location.pathname) goTo(left.find((r) => r.pathname === path) || left[Math.min(at, left.length - 1)]);
  };
  ["pagehide", "htmx:historyCacheMissLoad"].forEach((name) => window.addEventListener(name, () => leave()));
  document.addEventListener("htmx:historyRestore", () => { list = location.pathname; comeBack(); });
  const [came] = performance.getEntriesByType("navigation"), did = document.querySelector("#messages .message");
  if (did || came?.type === "back_forward" || /\/(findings|items)\/./.test(document.referrer)) comeBack();
  const keys = {
    j: () => step(1), k: () => step(-1),
    x: () => current()?.closest("tr")?.querySelector(".tick input")?.click(), o: () => current()?.click(),
    d: () => current()?.dataset.due && location.assign(current().dataset.due), e: () => current() && location.assign(`${current().href}#history`),
    g: () => { going = true; setTimeout(() => { going = false; }, 1500); },
    "/": () => document.querySelector("[type=search]")?.focus(), "?": () => document.getElementById("keys")?.showModal(),
  };
  document.addEventListener("keydown", (e) => {
    if (!("keys" in body().dataset) || e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
    if (e.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable], dialog[open]")) return;
    const to = going && document.querySelector(`[data-go="${CSS.escape(e.key)}"]`);
    going = false;
    const act = to || (/^[a-z1-9]$/.test(e.key) && document.querySelector(`[data-key="${e.key}"]`)) || keys[e.key];
    if (act) e.preventDefault(), act instanceof Element ? act.click() : act();
  });
})();
