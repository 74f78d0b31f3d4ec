// Sounds once for each call that this tab has not heard of; where the browser wants a tap first, a button asks for it.
(() => {
  const bell = new Audio(document.currentScript.dataset.sound);
  const ask = document.getElementById("sound-allow");
  const waiting = () => {
    const told = document.getElementById("calling")?.dataset.calls?.split(" ") ?? [];
    const shown = [...document.querySelectorAll("[id^=answer-]")].map((one) => one.id.slice("answer-".length));
    return [...told, ...shown].filter(Boolean);
  };
  const ring = async () => {
    bell.currentTime = 0;
    ask.hidden = await bell.play().then(() => true, (error) => error.name !== "NotAllowedError");
  };
  const look = () => {
    const known = (sessionStorage.getItem("calls") ?? "").split(" "), now = waiting();
    sessionStorage.setItem("calls", now.join(" "));
    if (now.some((call) => !known.includes(call))) ring();
  };
  ask.querySelector("button").addEventListener("click", ring);
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  look();
})();
