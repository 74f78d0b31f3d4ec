// Forms marked data-stays are sent without leaving the page; its stream tells what became of them.
addEventListener("submit", (event) => {
  const form = event.target;
  if (!("stays" in form.dataset)) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  fetch(form.action, { method: "POST", body, redirect: "manual" })
    .then((answer) => { if (answer.type !== "opaqueredirect") form.submit(); }) // its page says what was wrong
    .catch(() => form.submit());
});
