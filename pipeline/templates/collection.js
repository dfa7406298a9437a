"use strict";
(() => {
  const $ = (id) => document.getElementById(id);

  // The table of documents: sorted by its words and counts, filtered by what is asked.
  const table = $("table"), filters = $("table-filters");
  if (table && filters) {
    const rows = [...table.tBodies[0].rows];
    const words = rows.map((row) => row.textContent.toLowerCase());
    const compare = new Intl.Collator("en", { numeric: true, sensitivity: "base" }).compare;
    const sort = (column, kind, up) => {
      const cell = (row) => (kind === "text" && column === 0 ? row.cells[0].querySelector("a") : row.cells[column]).textContent;
      const keyed = rows.map((row, i) => [cell(row), i, row]);
      keyed.sort((a, b) => (up ? 1 : -1) * (kind === "number" ? a[0] - b[0] : compare(a[0], b[0])) || a[1] - b[1]);
      table.tBodies[0].append(...keyed.map((k) => k[2]));
    };
    for (const head of table.tHead.rows[0].cells) {
      if (!head.dataset.sort) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        sort(head.cellIndex, head.dataset.sort, up);
      });
    }
    const kindColumn = $("kind") ? 1 : -1;
    const filter = () => {
      const find = $("find").value.trim().toLowerCase(), frame = $("frame").value;
      const kind = $("kind") ? $("kind").value : "", review = $("review").checked;
      let shown = 0;
      rows.forEach((row, i) => {
        const fits = (!find || words[i].includes(find)) && (!kind || row.cells[kindColumn].textContent === kind) &&
          (!frame || row.dataset.f.split(" ").includes(frame)) && (!review || row.lastElementChild.textContent !== "0");
        row.hidden = !fits;
        shown += fits;
      });
      $("count").textContent = shown === rows.length ? "" : shown + " of " + rows.length + " documents";
    };
    filters.hidden = false;
    filters.addEventListener("input", filter);
    filters.addEventListener("submit", (event) => event.preventDefault());
    filter();
  }

  // Two groups to compare: the numbers of every pair are in the page.
  for (const choose of document.querySelectorAll(".choose")) {
    const pairs = JSON.parse($(choose.dataset.pairs).textContent).pairs;
    const changes = $(choose.dataset.table);
    const first = choose.querySelector(".first"), second = choose.querySelector(".second");
    const show = (event) => {
      let a = +first.value, b = +second.value;
      if (a === b) {
        const other = event.target === first ? second : first;
        const index = other.selectedIndex;
        other.selectedIndex = index + 1 < other.options.length ? index + 1 : index - 1;
        [a, b] = [+first.value, +second.value];
      }
      if (a > b) {
        [first.value, second.value] = [second.value, first.value];
        [a, b] = [b, a];
      }
      const heads = changes.tHead.rows[0].cells;
      heads[1].textContent = first.selectedOptions[0].textContent;
      heads[2].textContent = second.selectedOptions[0].textContent;
      pairs[a + "-" + b].forEach(([before, after, words, range, low, value, high], i) => {
        const cells = changes.tBodies[0].rows[i].cells;
        cells[1].textContent = before;
        cells[2].textContent = after;
        cells[3].querySelector("b").textContent = words;
        cells[3].querySelector("span").textContent = range;
        const line = cells[4].querySelector(".range");
        line.setAttribute("x1", low + "%");
        line.setAttribute("x2", high + "%");
        cells[4].querySelector("circle").setAttribute("cx", value + "%");
      });
    };
    choose.addEventListener("change", show);
  }

  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText($(button.dataset.copy).textContent);
        $("said").textContent = "Copied.";
      } catch {
        getSelection().selectAllChildren($(button.dataset.copy));
        $("said").textContent = "Selected: copy it with Ctrl+C or ⌘C.";
      }
    });
  }
})();
