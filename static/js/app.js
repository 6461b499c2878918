/* Everything the pages can do beyond links and forms. Without this file every page still works. */
"use strict";
(() => {
  const root = document.documentElement, body = () => document.body, all = (css, within = document) => [...within.querySelectorAll(css)];
  root.classList.add("js");
  /* --- messages: shown in the live region, dismissed by hand --- */
  const say = (text, level) => {
    const box = document.getElementById("messages");
    if (!box || !text) return;
    box.replaceChildren(Object.assign(document.createElement("div"), { className: `message ${level}`, textContent: text }));
  };
  const plain = (xhr) => (xhr.getResponseHeader("Content-Type")?.startsWith("text/plain") ? xhr.responseText.slice(0, 500) : "");
  document.addEventListener("htmx:responseError", (e) => say(plain(e.detail.xhr) || body().dataset.failed, "error"));
  ["htmx:sendError", "htmx:timeout"].forEach((name) => document.addEventListener(name, () => say(body().dataset.offline, "error")));
  window.addEventListener("offline", () => say(body().dataset.offline, "warning"));
  window.addEventListener("online", () => all("#messages .warning").forEach((m) => m.remove()));
  /* --- what a click can mean, by attribute --- */
  const clicks = {
    // A verb of the list with nothing selected means the row one is at.
    "button[name=verb]": (el) => {
      const chosen = boxes(el.form).some((b) => b.checked) || el.form.elements.everything?.checked;
      if (!chosen) current()?.closest("tr")?.querySelector(".tick input")?.click();
    },
    // One box, or with shift all from the last one on.
    "tbody .tick input": (box, e) => {
      const list = boxes(box.form), from = list.indexOf(lastBox), to = list.indexOf(box);
      if (e.shiftKey && from >= 0) list.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((b) => { b.checked = box.checked; });
      lastBox = box;
      count(box.form);
    },
    "[data-dismiss]": (el) => el.closest(".message").remove(),
    "[data-copy]": async (button) => {
      await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent.trim());
      const word = button.querySelector("span"), before = word.textContent;
      word.textContent = button.dataset.done;
      setTimeout(() => { word.textContent = before; }, 1500);
    },
    "[data-dialog]": (el, e) => {
      const dialog = document.querySelector(el.dataset.dialog);
      if (dialog?.showModal) { e.preventDefault(); dialog.showModal(); }
    },
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
  let lastBox = null;
  const boxes = (form) => all("tbody .tick input", form);
  const count = (form) => {
    const chosen = boxes(form).filter((b) => b.checked).length;
    all("[data-selected]", form).forEach((el) => { el.textContent = chosen; });
    const every = chosen > 0 && chosen === boxes(form).length;
    all("[data-all]", form).forEach((el) => { el.checked = every; el.indeterminate = chosen > 0 && !every; });
  };
  document.addEventListener("change", (e) => {
    const form = e.target.closest("form");
    if (form && "all" in e.target.dataset) boxes(form).forEach((b) => { b.checked = e.target.checked; });
    if (form && e.target.closest(".tick")) count(form);
  });
  /* --- menus are counted after the rows: what was open stays open, and what had the focus has it again --- */
  let open = [], at = "", asked = false; // asked: boxes were ticked whose rows, and new counts, are still to come
  document.addEventListener("change", (e) => { asked ||= e.target.matches("form.filters :is([type=checkbox], [type=radio])"); });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { target } = detail, el = document.activeElement;
    if (target.id === "results") asked = false;
    if (target.id !== "facets") return;
    detail.shouldSwap = !asked;
    open = all("details[open]", target).map((menu) => `[data-facet="${menu.dataset.facet}"]`);
    at = target.contains(el) && el.name ? `[name="${el.name}"][value="${CSS.escape(el.value)}"]` : "";
  });
  document.addEventListener("htmx:afterSwap", ({ detail: { target } }) => {
    if (target.id !== "facets" || asked) return;
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
  let card = null;
  const under = (e) => card && e.target.closest("[data-phase]");
  const over = (phase) => all("[data-phase]").forEach((s) => s.classList.toggle("over", s === phase && !s.contains(card)));
  document.addEventListener("dragstart", (e) => { card = e.target.closest?.(".card[data-move]"); });
  document.addEventListener("dragend", () => { card = null; over(); });
  document.addEventListener("dragover", (e) => { over(under(e)); if (under(e)) e.preventDefault(); });
  document.addEventListener("drop", (e) => {
    const phase = under(e), form = document.getElementById("drop");
    if (!phase || phase.contains(card)) return;
    e.preventDefault();
    form.action = `${card.dataset.move}?next=${encodeURIComponent(`${location.pathname}${location.search}#${card.id}`)}`;
    form.elements.version.value = card.dataset.version;
    form.elements.to.value = `phase:${phase.dataset.phase}`;
    form.submit();
  });
  /* --- keys: rows are links marked data-row; any control may claim a letter with data-key --- */
  const rows = () => all("a[data-row]");
  const choose = (link) => {
    rows().forEach((r) => r.removeAttribute("aria-current"));
    link.setAttribute("aria-current", "true");
  };
  const step = (by) => {
    const list = rows(), at = list.findIndex((r) => r === document.activeElement || r.hasAttribute("aria-current"));
    const next = list[Math.max(0, Math.min(list.length - 1, at + by))];
    if (next) choose(next), next.focus();
  };
  const current = () => document.activeElement?.closest("a[data-row]") || document.querySelector("a[data-row][aria-current]");
  let going = false; // after "g" a letter names a page
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    x: () => current()?.closest("tr")?.querySelector(".tick input")?.click(),
    o: () => current()?.click(),
    d: () => { const to = current()?.dataset.due; if (to) location.assign(to); },
    g: () => { going = true; setTimeout(() => { going = false; }, 1500); },
    "/": () => document.querySelector("[type=search]")?.focus(),
    "?": () => document.getElementById("keys")?.showModal(),
  };
  document.addEventListener("keydown", (e) => {
    if (!("keys" in body().dataset) || e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
    if (e.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable], dialog[open]")) return;
    const to = going && document.querySelector(`[data-go="${CSS.escape(e.key)}"]`);
    going = false;
    const act = to || (/^[a-z1-9]$/.test(e.key) && document.querySelector(`[data-key="${e.key}"]`)) || keys[e.key];
    if (!act) return;
    e.preventDefault();
    if (act instanceof Element) act.click(); else act();
  });
})();
