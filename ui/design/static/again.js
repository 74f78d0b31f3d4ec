// Looks again every so often and puts what is new where the old stood, so that nobody loses the place; without it the
// link beside it does the same.
const { seconds } = document.currentScript.dataset;
setInterval(async () => {
  try {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    const [old, fresh] = [document, page].map((one) => one.querySelector("#fresh"));
    if (fresh) old.replaceWith(fresh);
    else location.reload();
  } catch { /* the box cannot be reached; the next look may find it again */ }
}, 1000 * Number(seconds));
