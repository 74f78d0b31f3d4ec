// Keeps the parts of a page that have an id equal to the truth at the box, and says so when the box is out of reach.
(() => {
  const page = document.currentScript.dataset; // stream, time, lost, signedOut, moved: where to listen and what to say; then: where to go
  const patience = 15000;
  let source, truth, time = page.time, heard = Date.now(), held = false, later = null, over = false;

  const say = (text) => {
    const strip = document.getElementById("strip");
    truth ??= strip.cloneNode(true);
    strip.dataset.state = "lost";
    strip.querySelector(".strip-text").textContent = text;
  };
  const alive = () => {
    heard = Date.now();
    if (truth) document.getElementById("strip").replaceWith(truth);
    truth = null;
  };
  const place = (part) => {
    const old = document.getElementById(part.id);
    for (const open of old?.querySelectorAll("details[id][open]") ?? []) part.querySelector(`#${open.id}`)?.setAttribute("open", "");
    if (!old || old.isEqualNode(part)) return;
    const focused = old.contains(document.activeElement) && document.activeElement.id;
    old.replaceWith(part);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  };
  const send = () => { // what lies on the card reader sends its form, unless somebody types a PIN just now
    const form = document.getElementById(document.querySelector("[data-sends]")?.dataset.sends);
    if (!form || over || document.querySelector("input[type=password]")?.value) return;
    over = true;
    form.requestSubmit();
  };
  const show = (html) => {
    if (held) { later = html; return; } // nothing moves under a finger
    const parts = document.createElement("template");
    parts.innerHTML = html;
    [...document.importNode(parts.content, true).children].forEach(place);
    send();
  };
  const hold = (on) => () => { held = on; if (!on && later) { show(later); later = null; } };
  const keepsText = () => document.querySelector("[data-keeps-text]");
  const anew = () => page.then ? location.replace(page.then) : location.reload(); // a reload would send a form again
  const turnedAway = (text) => {
    over = true;
    if (!keepsText()) { anew(); return false; }
    say(text);
    return true;
  };
  const listen = () => {
    source = new EventSource(page.stream);
    source.addEventListener("time", (event) => { alive(); time = event.data; });
    source.onmessage = (event) => { alive(); show(event.data); };
    source.onerror = async () => {
      if (source.readyState !== EventSource.CLOSED || over) return; // otherwise it tries again by itself
      const answer = await fetch(page.stream, { method: "HEAD" }).catch(() => null);
      if (answer?.status === 409) turnedAway(page.moved); // this browser practises now, or no more
      else if (answer?.status !== 403) setTimeout(listen, 3000);
      else if (turnedAway(page.signedOut)) document.getElementById("again")?.removeAttribute("hidden");
    };
  };

  // A page that keeps text is left only when the box answers: the browser's own error page would lose what was typed.
  let asked = false;
  keepsText()?.addEventListener("submit", async (event) => {
    if (asked) return;
    event.preventDefault();
    const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(2500) }).catch(() => null);
    if (!answer?.ok) { say(page.lost.replace("{time}", time)); return; }
    asked = true;
    event.target.requestSubmit(event.submitter);
    asked = false;
  });

  document.querySelector("form[data-once]")?.addEventListener("submit", () => { over = true; });
  addEventListener("pointerdown", hold(true));
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(hold(false), 100));
  addEventListener("pagehide", () => { over = true; source.close(); });
  addEventListener("pageshow", (event) => { if (event.persisted) { over = false; keepsText() ? listen() : anew(); } });
  setInterval(() => {
    if (over || Date.now() - heard <= patience) return;
    say(page.lost.replace("{time}", time));
    for (const part of document.querySelectorAll("[data-only-live]")) part.replaceChildren(); // nobody could clear it
  }, 1000);
  for (const bar of document.querySelectorAll("[data-leaves-after]")) setTimeout(() => bar.remove(), bar.dataset.leavesAfter * 1000);
  listen();
})();
