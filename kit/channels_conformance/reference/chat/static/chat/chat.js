"use strict";

// The page of a room: keeps a WebSocket open, shows what is said, and loses nothing that was typed.
(() => {
  const { socket: socketPath, history: historyPath } = document.currentScript.dataset;
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const address = `${scheme}//${location.host}${socketPath}`;

  const state = document.getElementById("state");
  const list = document.getElementById("messages");
  const form = document.getElementById("say");
  const input = document.getElementById("text");

  const SIGNED_OUT = 4401;
  const LONGEST_WAIT = 30_000; // milliseconds

  const shown = new Set(); // ids: a message may come from the history and from the socket
  const unsent = []; // what was said while no socket was open
  let socket = null;
  let attempts = 0;

  function show(entry) {
    if (shown.has(entry.id)) return;
    shown.add(entry.id);
    const item = document.createElement("li");
    item.dataset.id = entry.id;
    const user = document.createElement("span");
    user.className = "user";
    // textContent, never innerHTML: what others write must not become part of the page.
    user.textContent = entry.user;
    item.append(user, entry.message);
    const later = [...list.children].find((other) => Number(other.dataset.id) > entry.id);
    list.insertBefore(item, later ?? null);
  }

  function showError(text) {
    const item = document.createElement("li");
    item.className = "error";
    item.textContent = text;
    list.append(item);
  }

  async function loadHistory() {
    try {
      const response = await fetch(historyPath);
      if (response.ok) (await response.json()).messages.forEach(show);
    } catch {
      showError("earlier messages could not be loaded");
    }
  }

  function flush() {
    // Before "open", send() throws; after "close", it drops what it is given. Either way the text stays in the queue.
    while (unsent.length && socket?.readyState === WebSocket.OPEN) {
      socket.send(JSON.stringify({ message: unsent.shift() }));
    }
  }

  function connect() {
    state.textContent = "connecting";
    socket = new WebSocket(address);

    socket.addEventListener("open", () => {
      attempts = 0;
      state.textContent = "connected";
      // Only now: from here on the room is heard, so that history and socket together leave no gap.
      loadHistory();
      flush();
    });

    socket.addEventListener("message", (event) => {
      const payload = JSON.parse(event.data);
      if (payload.type === "message") show(payload);
      if (payload.type === "error") showError(payload.error);
    });

    socket.addEventListener("close", (event) => {
      if (event.code === SIGNED_OUT) {
        state.textContent = `signed out (close code ${event.code})`;
        return;
      }
      // Twice as long after every failure, and not all clients at the same moment.
      const wait = Math.min(LONGEST_WAIT, 500 * 2 ** attempts) * (0.5 + Math.random() / 2);
      attempts += 1;
      state.textContent = `closed with code ${event.code}; next attempt in ${Math.ceil(wait / 1000)} s`;
      setTimeout(connect, wait);
    });
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!input.value.trim()) return;
    unsent.push(input.value);
    input.value = "";
    flush();
  });

  connect();
})();
