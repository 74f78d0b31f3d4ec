// Empties a form that holds a secret once nobody has typed into it for a while.
for (const form of document.querySelectorAll("form[data-forgets-after]")) {
  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => form.reset(), form.dataset.forgetsAfter * 1000);
  });
}
