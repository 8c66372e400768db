// What HTML cannot do by itself: copying, the running clock, the word for the stream, keys, the theme,
// and that what is new does not push away what somebody reads.
(() => {
  const $ = (id) => document.getElementById(id);

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const text = $(button.dataset.copy).textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "copied";
    } catch {
      // Without a clipboard the text is selected instead.
      getSelection().selectAllChildren($(button.dataset.copy));
      button.textContent = "selected";
    }
    setTimeout(() => { button.textContent = "copy"; }, 1500);
  });

  $("theme")?.addEventListener("click", () => {
    const root = document.documentElement;
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("bodydouble-theme", root.dataset.theme); } catch { /* as above */ }
  });

  // Clocks flow on from what the server said, at the rate it said.
  const read = new WeakMap();
  setInterval(() => {
    for (const clock of document.querySelectorAll("[data-now-us]")) {
      const said = clock.dataset.nowUs + "@" + clock.dataset.rate;
      let from = read.get(clock);
      if (!from || from.said !== said) {
        from = { said, now: Number(clock.dataset.nowUs) / 1000, at: performance.now() };
        read.set(clock, from);
      }
      const now = from.now + (performance.now() - from.at) * Number(clock.dataset.rate);
      if (now < 8.64e15) clock.textContent = new Date(now).toISOString().slice(11, 19);
    }
  }, 250);

  // A verb may take a while: its buttons are off until the page that shows it is there.
  document.addEventListener("submit", (event) => {
    setTimeout(() => {
      for (const button of event.target.querySelectorAll("button")) button.disabled = true;
    });
  });

  const stream = $("stream");
  const say = (word, state) => {
    if (!stream) return;
    $("live-word").textContent = word;
    stream.dataset.state = state;
    document.body.dataset.stream = state;
  };
  stream?.addEventListener("htmx:sse:after:connection", () => say("live", "live"));
  stream?.addEventListener("hello", () => say("live", "live"));
  stream?.addEventListener("htmx:sse:error", () => say("lost " + new Date().toLocaleTimeString(), "lost"));
  stream?.addEventListener("gone", () => say("this sandbox is gone", "lost"));
  document.addEventListener("visibilitychange", () => document.hidden && say("paused", "paused"));

  // Below the head of a list that grows at its head, rows change where they are; those that are new
  // wait above it and are counted, until somebody goes up to them.
  const above = $("above");
  const grown = (within) => within.querySelector("[data-grows]");
  const reading = () => grown($("live"))?.getBoundingClientRect().top < 0;
  document.addEventListener("htmx:before:swap", (event) => {
    for (const { fragment, target } of event.detail.tasks) {
      if (target !== $("live")) continue;
      const old = grown(target)?.tBodies[0], fresh = grown(fragment)?.tBodies[0];
      const held = old && fresh && reading();
      const known = new Map(held ? [...old.rows].map((row) => [row.id, row]) : []);
      const added = held ? [...fresh.rows].filter((row) => !known.delete(row.id)) : [];
      const word = added.length < fresh?.rows.length ? added.length : `${added.length} or more`;
      for (const row of added) row.remove();
      // What has left the newest page is still being read.
      for (const row of known.values()) fresh.append(row.cloneNode(true));
      above.hidden = !added.length;
      if (added.length) above.textContent = `${word} new ${grown(target).dataset.grows} ↑`;
    }
  });
  const show = () => above.hidden || reading() || stream.dispatchEvent(new Event("hello"));
  const goUp = () => {
    if (above.hidden) return;
    scrollTo({ top: 0 });
    $("main").focus({ preventScroll: true });
    show();
  };
  above.addEventListener("click", goUp);
  addEventListener("scroll", show, { passive: true });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-opens]");
    if (button) $(button.dataset.opens).showModal();
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || $("keys").open) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const rows = [...document.querySelectorAll(".rows tbody tr")].filter((row) => row.querySelector("a"));
    const here = rows.findIndex((row) => row.contains(document.activeElement));
    const step = { j: 1, k: -1 }[event.key];
    if (step && rows.length) {
      const next = Math.min(rows.length - 1, Math.max(0, here < 0 ? 0 : here + step));
      rows[next].querySelector("a").focus();
      event.preventDefault();
    } else if (event.key === "/") {
      const search = document.querySelector("input[type=search]");
      if (search) { search.focus(); event.preventDefault(); }
    } else if (event.key === "?") {
      $("keys").showModal();
    } else if (event.key === "u") {
      goUp();
    } else if (/^[1-8]$/.test(event.key)) {
      document.querySelectorAll(".tabs a")[event.key - 1]?.click();
    }
  });
})();
