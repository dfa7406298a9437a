"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const region = $("passages");
  if (!region) return;
  const passages = [...region.querySelectorAll(".p")];
  const form = $("filters");
  // Search reads what is seen: no case, no accents apart, no characters without width.
  const plain = (text) => text.normalize("NFKC").replace(/[\u200b-\u200f\u2060\ufeff\u00ad]/g, "").replace(/\s+/g, " ").toLowerCase();
  const facts = passages.map((p) => ({
    node: p,
    frames: p.dataset.f.trim().split(" ").map(Number),
    sure: p.dataset.p.split(" ").map(Number),
    review: "r" in p.dataset,
    words: null,
  }));
  const wordsOf = (fact) => (fact.words ??= plain(fact.node.querySelector(".words").textContent));

  const highlight = (find) => {
    if (!("highlights" in CSS)) return;
    const found = new Highlight();
    if (find.length > 1) {
      for (const fact of facts) {
        if (fact.node.hidden) continue;
        const walker = document.createTreeWalker(fact.node.querySelector(".words"), NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
          const text = walker.currentNode.data.toLowerCase();
          if (text.length !== walker.currentNode.data.length) continue; // a few letters grow
          for (let at = text.indexOf(find); at >= 0; at = text.indexOf(find, at + find.length)) {
            const range = new Range();
            range.setStart(walker.currentNode, at);
            range.setEnd(walker.currentNode, at + find.length);
            found.add(range);
          }
        }
      }
    }
    CSS.highlights.set("found", found);
  };

  const filter = () => {
    const wanted = [...form.querySelectorAll("[name=f]:checked")].map((box) => +box.value);
    const sure = +$("sure").value, review = $("review").checked, find = plain($("find").value.trim());
    let shown = 0;
    for (const fact of facts) {
      const among = wanted.length ? wanted.filter((n) => fact.frames.includes(n)) : fact.frames;
      const fits = among.length > 0 && (!review || fact.review) && (!find || wordsOf(fact).includes(find)) &&
        (!sure || among.some((n) => n > 0 && fact.sure[n - 1] >= sure));
      fact.node.hidden = !fits;
      shown += fits;
    }
    // A heading stays where a passage under it, or under a heading below it, is shown.
    const alive = Array(7).fill(false);
    for (let node = region.lastElementChild; node; node = node.previousElementSibling) {
      if (node.classList.contains("p")) {
        if (!node.hidden) alive.fill(true);
      } else {
        const level = +node.tagName[1];
        node.hidden = !alive[level];
        for (let lower = level; lower < 7; lower++) alive[lower] = false;
      }
    }
    $("nothing").hidden = shown > 0;
    $("count").textContent = shown === facts.length ? facts.length + " passages" : shown + " of " + facts.length + " passages";
    highlight(find);
    rove();
  };

  // One passage at a time can be reached with Tab; the keys below work only from inside the text.
  let current = null;
  const visible = () => passages.filter((p) => !p.hidden);
  const rove = (to) => {
    const seen = visible();
    if (to) current = to;
    if (!current || current.hidden) current = seen[0] ?? null;
    for (const p of passages) if (p.tabIndex === 0) p.tabIndex = -1;
    if (current) current.tabIndex = 0;
  };
  const go = (p) => {
    if (!p) return;
    rove(p);
    p.focus();
    history.replaceState(null, "", "#" + p.id);
  };
  const step = (by) => {
    const seen = visible();
    const at = seen.indexOf(current);
    go(seen[Math.max(0, Math.min(seen.length - 1, document.activeElement === current ? at + by : Math.max(at, 0)))]);
  };

  const say = (words) => {
    $("said").textContent = words;
    setTimeout(() => ($("said").textContent = ""), 4000);
  };
  const title = document.querySelector("h1").textContent.trim();
  const file = document.querySelector(".source bdi").textContent;
  const cite = async (p) => {
    const page = p.querySelector(".page"), path = p.querySelector(".path");
    const frames = [...p.querySelectorAll(".codes li")].map((li) => li.textContent.replace(/\s+/g, " ").trim());
    const said = "“" + p.querySelector(".text").textContent.trim() + "” (" +
      [title, page?.textContent, path?.textContent, "passage " + p.querySelector(".where a").textContent].filter(Boolean).join(", ") + "; " + file + ")" +
      (frames.length ? " [coded by program: " + frames.join("; ") + "]" : "");
    try {
      await navigator.clipboard.writeText(said);
      say("Citation copied.");
    } catch {
      const box = document.createElement("textarea");
      box.value = said;
      document.body.append(box);
      box.select();
      const done = document.execCommand("copy");
      box.remove();
      p.focus();
      say(done ? "Citation copied." : "This browser does not let pages copy. Select the words instead.");
    }
  };

  region.addEventListener("click", (event) => {
    const button = event.target.closest(".copy");
    if (button) cite(button.closest(".p"));
  });
  region.addEventListener("focusin", (event) => rove(event.target.closest(".p") ?? current));
  region.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const act = { j: () => step(1), k: () => step(-1), c: () => cite(event.target.closest(".p")), "/": () => $("find").focus() }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  $("previous").addEventListener("click", () => step(-1));
  $("next").addEventListener("click", () => step(1));
  const showAll = () => {
    form.reset();
    filter();
  };
  for (const id of ["all", "every"]) $(id).addEventListener("click", showAll);
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());

  for (const link of document.querySelectorAll("[data-show]")) {
    link.addEventListener("click", () => {
      form.reset();
      form.querySelector("[name=f][value='" + link.dataset.show + "']").checked = true;
      filter();
    });
  }
  const strip = $("strip");
  strip?.addEventListener("click", (event) => {
    const lane = event.target.closest("svg");
    if (!lane || lane.classList.contains("sw")) return;
    const box = lane.getBoundingClientRect();
    const at = Math.floor(((event.clientX - box.left) / box.width) * passages.length);
    arrive(passages[Math.max(0, Math.min(passages.length - 1, at))]);
  });

  // A deep link to a passage that a filter hides shows it all the same.
  const arrive = (p) => {
    if (!p) return;
    if (p.hidden) showAll();
    go(p);
  };
  const arriveAtHash = () => {
    const p = /^#p-\d+$/.test(location.hash) && $(location.hash.slice(1));
    if (p) { if (p.hidden) arrive(p); else { rove(p); p.scrollIntoView(); } }
  };
  addEventListener("hashchange", arriveAtHash);

  form.hidden = $("keys").hidden = false;
  for (const button of region.querySelectorAll(".copy")) button.hidden = false;
  filter();
  arriveAtHash();
})();
