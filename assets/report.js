"use strict";
(() => {
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.v === undefined ? cell.textContent : Number(cell.dataset.v);
  };
  const compare = (a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });

  function sortable(table) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const rows = [...table.tBodies[0].rows];
        rows.sort((a, b) => compare(value(a, column), value(b, column)) * (up ? 1 : -1));
        table.tBodies[0].append(...rows);
      });
    });
  }

  function filterable(table) {
    if (table.tBodies[0].rows.length < 12) return;
    const label = document.createElement("label");
    const input = document.createElement("input");
    input.type = "search";
    input.id = table.id + "-filter";
    label.htmlFor = input.id;
    label.textContent = "Rows with";
    const line = document.createElement("div");
    line.className = "filter";
    line.append(label, input);
    table.parentElement.before(line);
    input.addEventListener("input", () => {
      const wanted = input.value.toLowerCase();
      for (const row of table.tBodies[0].rows) {
        row.classList.toggle("filtered", !row.textContent.toLowerCase().includes(wanted));
        show(row);
      }
    });
  }

  const select = document.getElementById("layout");
  function show(element) {
    const other = select && select.value !== "" && element.dataset.layout !== undefined && element.dataset.layout !== select.value;
    element.hidden = other || element.classList.contains("filtered");
  }

  document.querySelectorAll("table.data").forEach((table) => {
    sortable(table);
    filterable(table);
  });
  if (select) {
    document.getElementById("switch").hidden = false;
    select.addEventListener("change", () => document.querySelectorAll("[data-layout]").forEach(show));
  }
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((d) => (d.open = true)));
})();
