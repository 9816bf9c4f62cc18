"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];

  const speak = (language) => {
    root.dataset.lang = language;
    root.lang = language;
  };
  document.querySelector(".switch").addEventListener("click", () => speak(root.dataset.lang === "en" ? "zh-Hant" : "en"));

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
      table.hidden = all("tr[data-claim]:not([hidden])", table).length === 0;
    }
    form.querySelector("output").value = `${rows.filter((row) => !row.hidden).length} / ${rows.length}`;
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  filter();

  const open = () => {
    const claim = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (claim instanceof HTMLDetailsElement) {
      claim.open = true;
      claim.scrollIntoView();
      claim.querySelector("summary").focus();
    }
  };
  addEventListener("hashchange", open);
  open();

  addEventListener("beforeprint", () => all("details.claim.told").forEach((one) => (one.open = true)));

  for (const button of all("button.copy")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", () => {
      navigator.clipboard.writeText(document.getElementById(button.dataset.of).textContent);
    });
  }
})();
