// The screen for visitors: true, honest when cut off, back when left alone.
const { stream, home, idle } = document.currentScript.dataset, id = (name) => document.getElementById(name);
const on = addEventListener, time = () => Date.now();
let heard = time(), touched = heard, source, over, sent, asked;
const ask = (url, ms) => fetch(url, { cache: "no-store", signal: AbortSignal.timeout(ms) }).catch(() => null);
const lost = (is) => {
  const line = id("lost-line");
  if (!line || line.hidden !== is) return;
  line.innerHTML = is ? id("lost").innerHTML.replace("{time}", id("clock").textContent.trim()) : "";
  line.hidden = !is;
  document.body.toggleAttribute("data-lost", is);
};
const alive = () => { heard = time(); lost(false); };
const show = (html) => {
  const parts = new DOMParser().parseFromString(html, "text/html");
  for (const name of ["clock", "now", "call"]) {
  const old = id(name), part = parts.getElementById(name);
  if (part && !old.isEqualNode(part)) old.replaceWith(document.importNode(part, true));
  }
};
const listen = () => {
  source = new EventSource(stream);
  source.addEventListener("time", alive);
  source.onmessage = (event) => { alive(); show(event.data); };
  source.onerror = async () => { // no room for a stream
  if (source.readyState !== 2 || over) return;
  setTimeout(() => over || listen(), 5000);
  const answer = await ask(location.pathname === "/kiosk" ? location.href : home, 4000);
  if (answer?.ok) alive(), show(await answer.text());
  };
};
// An error page would stay for ever: no keyboard.
const only = async (go) => { if ((await ask("/healthz", 5000))?.ok) go(); else { heard = 0; lost(true); } };
on("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || link.hash) return;
  event.preventDefault();
  only(() => location.assign(link.href));
});
on("submit", (event) => {
  if (asked) return;
  event.preventDefault();
  if (sent) return; // a second tap
  sent = 1;
  only(() => { asked = 1; event.target.requestSubmit(event.submitter); asked = 0; })
  .finally(() => setTimeout(() => { sent = 0; }, 1000));
});
const clear = () => document.querySelector(".writing")?.reset();
for (const kind of ["pointerdown", "keydown", "input"]) on(kind, () => { touched = time(); });
on("pagehide", () => { over = true; source?.close(); clear(); });
on("pageshow", (event) => event.persisted && location.reload());
setInterval(() => {
  const now = time();
  if (stream && now - heard > 15000) lost(true);
  if (now - touched < idle * 1000 || location.href.endsWith(home)) return;
  touched = now;
  clear();
  only(() => location.assign(home));
}, 1000);
if (stream) listen();
