"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];

  const KEPT = "channels-conformance.language";
  const speak = (language) => {
    root.dataset.lang = language;
    root.lang = language;
  };
  document.querySelector(".switch").addEventListener("click", () => {
    speak(root.dataset.lang === "en" ? "zh-Hant" : "en");
    try {
      localStorage.setItem(KEPT, root.dataset.lang);
    } catch {} // where a page from disk may keep nothing, the switch is for this time
  });
  try {
    const kept = localStorage.getItem(KEPT);
    if (kept === "en" || kept === "zh-Hant") speak(kept);
  } catch {}

  const form = document.querySelector(".filters");
  const rows = all("tr[data-claim]");
  const fits = (row, wanted) =>
    (!wanted.chapter || row.dataset.chapter === wanted.chapter) &&
    (!wanted.level || row.dataset.level === wanted.level) &&
    (!wanted.verdict || row.dataset.verdicts.split(" ").includes(wanted.verdict)) &&
    row.textContent.toLowerCase().includes(wanted.text.trim().toLowerCase());
  const filter = () => {
    const wanted = Object.fromEntries(new FormData(form));
    for (const row of rows) {
      row.hidden = !fits(row, wanted);
      document.getElementById(row.dataset.claim).hidden = row.hidden;
    }
    for (const table of all("table.chapter")) {
      table.parentElement.hidden = all("tr[data-claim]:not([hidden])", table).length === 0;
    }
    form.querySelector("output").value = `${rows.filter((row) => !row.hidden).length} / ${rows.length}`;
  };
  form.addEventListener("input", filter);
  form.addEventListener("reset", () => setTimeout(filter)); // the fields are empty only after the event
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  filter();

  const open = () => {
    const place = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (place instanceof HTMLDetailsElement) {
      if (place.hidden) form.reset();
      place.hidden = false;
      place.open = true;
      place.scrollIntoView();
      place.querySelector("summary").focus();
    }
  };
  addEventListener("hashchange", open);
  open();

  // On paper, nothing can be opened: whatever was found is printed, but for the longest of it.
  addEventListener("beforeprint", () => all("details.claim.told").forEach((one) => (one.open = true)));

  for (const button of all("button.copy")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", () => {
      const text = document.getElementById(button.dataset.of).textContent;
      navigator.clipboard.writeText(text).then(() => (button.dataset.copied = ""));
    });
  }
})();
