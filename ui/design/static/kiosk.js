// Keeps the screen for visitors true: by a stream, by asking where there is none; says so when the box is out of reach,
// never leaves for a page that is not there, and goes back to the first page when nobody touches it.
(() => {
  const page = document.currentScript.dataset; // stream, home, idle: where to listen, where it begins, seconds
  const patience = 15000, pause = 5000;
  let heard = Date.now(), touched = Date.now(), source = null, over = false;

  const lost = (is) => {
    const line = document.getElementById("lost-line");
    if (!line || line.hidden === !is) return;
    line.innerHTML = is ? document.getElementById("lost").innerHTML.replace("{time}", document.getElementById("clock").textContent.trim()) : "";
    line.hidden = !is;
    document.body.toggleAttribute("data-lost", is);
  };
  const alive = () => { heard = Date.now(); lost(false); };
  const place = (part) => {
    const old = document.getElementById(part.id);
    if (!old || old.isEqualNode(part)) return;
    const focused = old.contains(document.activeElement) && document.activeElement.id;
    old.replaceWith(document.importNode(part, true));
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  };
  const show = (html) => {
    const parts = new DOMParser().parseFromString(html, "text/html");
    for (const id of ["clock", "now", "call"]) if (parts.getElementById(id)) place(parts.getElementById(id));
  };
  const answers = () => fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(2500) }).then((answer) => answer.ok, () => false);
  const ask = async () => {
    const answer = await fetch(location.pathname === "/kiosk/press" ? page.home : location.href, { cache: "no-store", signal: AbortSignal.timeout(4000) }).catch(() => null);
    if (answer?.ok && !over) { alive(); show(await answer.text()); }
  };
  const listen = () => {
    source = new EventSource(page.stream);
    source.addEventListener("time", alive);
    source.onmessage = (event) => { alive(); show(event.data); };
    source.onerror = () => { // no room for a stream: ask until there is
      if (source.readyState !== EventSource.CLOSED || over) return;
      ask();
      setTimeout(() => { if (!over) listen(); }, pause);
    };
  };

  // The browser's own error page would stay for ever on a screen without a keyboard.
  const only = async (go) => { if (await answers()) go(); else { heard = 0; lost(true); } };
  addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || link.hash) return;
    event.preventDefault();
    only(() => location.assign(link.href));
  });
  let sent = false, asked = false;
  addEventListener("submit", (event) => {
    if (asked) return;
    event.preventDefault();
    if (sent) return; // a second tap
    sent = true;
    const go = () => { asked = true; event.target.requestSubmit(event.submitter); asked = false; };
    only(go).finally(() => setTimeout(() => { sent = false; }, 1000));
  });

  const clear = () => document.querySelector("form.writing")?.reset();
  for (const kind of ["pointerdown", "keydown", "input"]) addEventListener(kind, () => { touched = Date.now(); });
  addEventListener("pagehide", () => { over = true; source?.close(); clear(); });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  setInterval(() => {
    const now = Date.now();
    if (page.stream && now - heard > patience) lost(true);
    if (now - touched < page.idle * 1000 || location.pathname + location.search === page.home) return;
    touched = now;
    clear();
    only(() => location.assign(page.home));
  }, 1000);
  if (page.stream) listen();
})();
