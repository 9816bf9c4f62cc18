"use strict";

// The page of a room: keeps a WebSocket open, shows what is said, and loses nothing that was typed.
(() => {
  const { socket: socketPath, history: historyPath, user: me } = document.currentScript.dataset;
  // A page that came over TLS may not open a socket without it.
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const address = `${scheme}//${location.host}${socketPath}`;

  const state = document.getElementById("state");
  const list = document.getElementById("messages");
  const waiting = document.getElementById("waiting");
  const form = document.getElementById("say");
  const input = document.getElementById("text");

  const SIGNED_OUT = 4401; // the server's own close code
  const UNAUTHORIZED = 401;
  const SHORTEST_WAIT = 500; // milliseconds before the second attempt to connect
  const LONGEST_WAIT = 30_000;
  const LASTING = 10_000; // a connection that lived for so long was no failure

  const shown = new Set(); // ids: a message may come from the history and from the socket
  const outbox = []; // { text, sent }: what was said here and has not come back from the room
  let socket = null;
  let ready = false; // the socket is open, and the history is there
  let failures = 0; // in a row
  let following = true; // the newest message is in sight, and shall stay there

  function tell(name, text) {
    state.dataset.state = name; // for the style sheet
    state.textContent = text;
  }

  // Who reads further up is left there.
  function follow() {
    if (following) list.scrollTop = list.scrollHeight;
  }

  function add(item) {
    const later = [...list.children].find((other) => Number(other.dataset.id) > Number(item.dataset.id));
    list.insertBefore(item, later ?? null);
    follow();
  }

  function show({ id, user, message }) {
    if (shown.has(id)) return;
    shown.add(id);
    if (user === me) take(message);
    const item = document.createElement("li");
    item.dataset.id = id;
    item.classList.toggle("own", user === me);
    const name = document.createElement("span");
    name.className = "user";
    // textContent and append(), never innerHTML: what others write must not become part of the page.
    name.textContent = user;
    item.append(name, " ", message);
    add(item);
  }

  function showError(text) {
    const item = document.createElement("li");
    item.className = "error";
    item.textContent = text;
    add(item);
  }

  // What is on its way over an open socket comes back in a moment: only what must wait is shown.
  function showWaiting() {
    const items = outbox.filter(({ sent }) => !(ready && sent)).map(({ text }) => {
      const item = document.createElement("li");
      item.textContent = text;
      return item;
    });
    waiting.replaceChildren(...items);
  }

  // Take the first entry that was sent, of this text where one is given, out of the outbox, and return it.
  function take(text) {
    const place = outbox.findIndex((entry) => entry.sent && (text === undefined || entry.text === text));
    const [entry] = place < 0 ? [] : outbox.splice(place, 1);
    showWaiting();
    return entry;
  }

  function flush() {
    // Before "open", send() throws; after "close", it drops what it is given, and a connection may be dead for a while
    // before its "close" comes. So nothing leaves the outbox here: it does when the room has told of it.
    if (ready && socket.readyState === WebSocket.OPEN) {
      for (const entry of outbox.filter(({ sent }) => !sent)) {
        entry.sent = true;
        socket.send(JSON.stringify({ message: entry.text }));
      }
    }
    showWaiting();
  }

  async function loadHistory() {
    try {
      const response = await fetch(historyPath);
      if (response.ok) (await response.json()).messages.forEach(show);
    } catch {
      showError("Earlier messages could not be loaded.");
    }
  }

  // A refused handshake looks to a page like any failure: code 1006. The server can be asked over HTTP, though.
  async function isSignedOut() {
    try {
      return (await fetch(historyPath)).status === UNAUTHORIZED;
    } catch {
      return false; // nobody there
    }
  }

  function read(frame) {
    let payload;
    try {
      payload = JSON.parse(frame);
    } catch {
      return; // not for us: no reason to stop listening
    }
    if (payload?.type === "message" && Number.isSafeInteger(payload.id)) show(payload);
    if (payload?.type === "error") showError(`${payload.error}: ${take()?.text ?? ""}`);
  }

  function connect() {
    const mine = new WebSocket(address);
    let opened = 0;
    socket = mine;
    tell("connecting", "connecting");

    mine.addEventListener("open", async () => {
      opened = Date.now();
      tell("connected", "connected");
      // Only now: from here on the room is heard, so that history and socket together leave no gap.
      await loadHistory();
      if (mine.readyState !== WebSocket.OPEN) return; // lost meanwhile
      // What a lost connection took along is not in the history, and is sent again. Should the server have been storing
      // it in this very moment, it comes twice, which is better than never.
      outbox.forEach((entry) => (entry.sent = false));
      ready = true;
      flush();
    });

    mine.addEventListener("message", ({ data }) => read(data));

    mine.addEventListener("close", async ({ code }) => {
      ready = false;
      showWaiting();
      if (code === SIGNED_OUT || (!opened && (await isSignedOut()))) {
        tell("closed", `signed out (code ${code})`);
        return; // to knock again would be of no use
      }
      // Twice as long after every failure, and not all clients at the same moment.
      failures = opened && Date.now() - opened > LASTING ? 0 : failures + 1;
      const wait = Math.min(LONGEST_WAIT, SHORTEST_WAIT * 2 ** failures) * (0.5 + Math.random() / 2);
      tell("closed", `closed with code ${code}, next attempt in ${Math.ceil(wait / 1000)} s`);
      setTimeout(connect, wait);
    });
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!input.value.trim()) return;
    outbox.push({ text: input.value, sent: false });
    input.value = "";
    flush();
  });

  list.addEventListener("scroll", () => {
    following = list.scrollHeight - list.scrollTop - list.clientHeight < 50;
  });
  new ResizeObserver(follow).observe(list); // a keyboard comes up, or something waits to be sent

  // Whoever leaves while something is still to be sent is asked first.
  addEventListener("beforeunload", (event) => {
    if (outbox.length) event.preventDefault();
  });

  connect();
})();
