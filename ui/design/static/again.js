// Looks again every so often and puts what has changed where it stood before, so that nobody loses the place; without it
// the link beside it does the same. It ends with the first page that no longer asks for it.
const { seconds } = document.currentScript.dataset;
const looking = setInterval(async () => {
  try {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    if (!page.querySelector("script[data-seconds]")) clearInterval(looking);
    for (const old of document.querySelectorAll("[data-fresh]")) {
      const fresh = page.getElementById(old.id);
      if (!fresh) location.reload();
      else if (fresh.outerHTML !== old.outerHTML) old.replaceWith(fresh);
    }
  } catch { /* the box cannot be reached; the next look may find it again */ }
}, 1000 * Number(seconds));
