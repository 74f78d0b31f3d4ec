// What the checklist can see from inside a page. `checklist(look)` returns findings in words, each as "rule: what";
// `look` says how wide the page is shown and how large its text must be.
(() => {
  const TARGETS = "a[href], button, summary, select, textarea, input:not([type=hidden]), [role=button], [tabindex='0']";
  const TEXTS = "body *:not(noscript, script, option, rt, rp, title, desc)";
  const LOST = /オフライン|切れ|つながっていません|つながりません|接続|通信/;
  const FOREIGN = /[A-Za-z]{3,}[ ,]+[A-Za-z]{2,}[ ,]+[A-Za-z]{2,}|[ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]/;

  const away = ".unseen, .skip, [hidden]";
  const seen = (element) =>
    element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
    element.getClientRects().length > 0 && !element.closest(away);
  const ownText = (element) =>
    [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data).join("").trim();
  const named = (element) => {
    const words = (element.getAttribute("aria-label") ?? element.value ?? element.textContent ?? "").trim();
    return `<${element.localName}${element.id ? "#" + element.id : ""}> ${words.slice(0, 24).replaceAll("\n", " ")}`;
  };
  const inSentence = (element) =>
    element.localName === "a" && getComputedStyle(element).display === "inline" && ownText(element.parentElement) !== "";
  const boxOf = (element) =>
    (element.matches("input[type=radio], input[type=checkbox]") ? element.closest("label") ?? element : element)
      .getBoundingClientRect();
  const targets = () => [...document.querySelectorAll(TARGETS)].filter((one) => seen(one) && !inSentence(one));

  function sizeOf(element) {
    const size = parseFloat(getComputedStyle(element).fontSize);
    const drawing = element.closest("svg");
    return drawing?.viewBox.baseVal?.width ? size * (drawing.getBoundingClientRect().width / drawing.viewBox.baseVal.width) : size;
  }

  function* texts(look) {
    for (const element of document.querySelectorAll(TEXTS)) {
      const text = ownText(element);
      if (!text || !seen(element)) continue;
      if (sizeOf(element) < look.text - 0.1) yield `text below ${look.text} px: ${sizeOf(element)} px ${named(element)}`;
      if (FOREIGN.test(text) && !element.closest("[lang]:not([lang^=ja])")) yield `foreign text without lang: ${named(element)}`;
    }
    for (const field of document.querySelectorAll("input:not([type=hidden], [type=radio], [type=checkbox]), select, textarea"))
      if (seen(field) && sizeOf(field) < look.text - 0.1) yield `text below ${look.text} px: ${sizeOf(field)} px ${named(field)}`;
  }

  function* sizes(look) {
    const boxes = targets().map((one) => [one, boxOf(one)]);
    for (const [one, box] of boxes)
      if (box.height < look.target - 0.5 || box.width < look.target - 0.5)
        yield `target below ${look.target} px: ${Math.round(box.width)} x ${Math.round(box.height)} ${named(one)}`;
    for (const [index, [one, a]] of boxes.entries())
      for (const [other, b] of boxes.slice(index + 1)) {
        const across = Math.max(a.left, b.left) - Math.min(a.right, b.right);
        const down = Math.max(a.top, b.top) - Math.min(a.bottom, b.bottom);
        const gap = Math.max(across, down);
        if (gap < 7.5 && a.height && b.height && !one.contains(other) && !other.contains(one))
          yield `targets closer than 8 px: ${Math.round(gap)} px between ${named(one)} and ${named(other)}`;
      }
  }

  function* room(look) {
    const root = document.documentElement;
    if (root.scrollWidth > innerWidth) {
      const wide = [...document.querySelectorAll("body *")].find((one) => seen(one) && one.getBoundingClientRect().right > innerWidth + 1);
      yield `sideways scroll: ${root.scrollWidth - innerWidth} px too wide, ${wide ? named(wide) : "?"}`;
    }
    if (look.still && root.scrollHeight > innerHeight) yield `vertical scroll on the television: ${root.scrollHeight - innerHeight} px`;
    for (const one of document.querySelectorAll("body *")) {
      if (!seen(one) || one.closest("svg") || one.matches("input, select, textarea")) continue;
      const style = getComputedStyle(one);
      const cuts = (axis) => ["hidden", "clip"].includes(style[`overflow${axis}`]);
      if ((cuts("X") && one.scrollWidth > one.clientWidth + 1) || (cuts("Y") && one.scrollHeight > one.clientHeight + 1))
        yield `text cut off: ${named(one)}`;
    }
  }

  function* structure(look) {
    for (const [count, what] of [["h1", "h1"], ["main", "main"]]) {
      const found = document.querySelectorAll(count).length;
      if (found !== 1) yield `one ${what}: there are ${found}`;
    }
    if (document.documentElement.lang === "") yield "lang: the page has none";
    if (document.title.trim() === "") yield "title: the page has none";
    if (document.characterSet !== "UTF-8") yield `encoding: ${document.characterSet}`;
    let before = 0;
    for (const heading of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
      const level = Number(heading.localName[1]);
      if (level > before + 1) yield `heading level skipped: ${named(heading)}`;
      before = level;
    }
    for (const one of document.querySelectorAll("[tabindex]")) if (one.tabIndex > 0) yield `tabindex above 0: ${named(one)}`;
    if (/user-scalable\s*=\s*(no|0)|maximum-scale/.test(document.querySelector("meta[name=viewport]")?.content ?? "user-scalable=no"))
      yield "zoom: blocked or no viewport is set";
    for (const image of document.images) if (!image.hasAttribute("alt")) yield `image without alt: ${named(image)}`;
    for (const chart of document.querySelectorAll("svg[role=img]:not(.drawing)"))
      if (!chart.closest("figure, section")?.querySelector("table")) yield `chart without a table: ${named(chart.closest("figure, section") ?? chart)}`;
    for (const button of document.querySelectorAll("button"))
      if (!button.form && !button.hasAttribute("popovertarget") && !button.hasAttribute("data-print")) yield `button outside of a form: ${named(button)}`;
    if (look.reachable && LOST.test(document.body.innerText)) yield `words of a lost box in the normal state: ${LOST.exec(document.body.innerText)[0]}`;
  }

  function* weight(look) {
    const files = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    const heavy = files.filter((file) => !/\.woff2|\/events|\.wav/.test(file.name));
    const bytes = heavy.reduce((sum, file) => sum + file.encodedBodySize + 300, 0);
    if (bytes > look.bytes) yield `weight: ${Math.round(bytes / 1024)} KB are transferred, ${look.bytes / 1024} may be`;
  }

  window.checklist = (look) => [
    ...texts(look), ...sizes(look), ...room(look), ...(look.once ? [...structure(look), ...weight(look)] : []),
  ];

  window.openEverything = () => document.querySelectorAll("details").forEach((one) => { one.open = true; });

  window.moving = () => document.getAnimations().filter((one) => one.playState === "running")
    .map((one) => `movement under reduced motion: ${named(one.effect.target)}`);

  // A style sheet made here is no inline style: the strict policy lets it through (WCAG 1.4.12).
  window.spaceOut = (isOn) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
      p { margin-bottom: 2em !important }`);
    document.adoptedStyleSheets = isOn ? [sheet] : [];
  };

  // Every stop of the tab key: which of the targets it was, and whether anybody could see it.
  window.watchFocus = () => {
    const groups = new Set();
    const all = targets().filter((one) => {
      if (one.disabled || one.tabIndex < 0) return false;
      if (one.type !== "radio") return true;
      const group = `${one.form?.id} ${one.name}`;
      const chosen = [...document.querySelectorAll("input[type=radio]:checked")].some((other) => other.name === one.name && other.form === one.form);
      if (groups.has(group) || (chosen && !one.checked)) return false;
      groups.add(group);
      return true;
    });
    window.stops = { left: new Set(all), wrong: new Set(), all };
    document.activeElement?.blur();
    document.addEventListener("focusin", (event) => requestAnimationFrame(() => judgeStop(event.target)));
  };

  function judgeStop(stop) {
    window.stops.left.delete(stop);
    if (!stop.matches(":focus")) return; // the next key came before this frame
    const ringed = (element) => {
      const style = getComputedStyle(element);
      return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || /\d+px \d+px \d+px [2-9]/.test(style.boxShadow);
    };
    if (!ringed(stop) && !(stop.closest("label") && ringed(stop.closest("label")))) window.stops.wrong.add(`focus not visible: ${named(stop)}`);
    const box = boxOf(stop);
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height, innerHeight - box.top) / 2);
    const near = stop.closest("label") ?? stop;
    if (top && !near.contains(top) && !top.contains(stop)) window.stops.wrong.add(`focus covered: ${named(stop)} by ${named(top)}`);
  }

  window.focusFindings = () => [...window.stops.wrong, ...[...window.stops.left].map((one) => `keyboard does not reach: ${named(one)}`)];
})();
