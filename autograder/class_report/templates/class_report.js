"use strict";
// Tables sort by their headings and filter by words; without this script they are plain tables.
for (const table of document.querySelectorAll("table.sorts")) {
  const body = table.tBodies[0], rows = [...body.rows], headings = [...table.tHead.rows[0].cells];
  const value = (row, place) => row.cells[place].dataset.value ?? row.cells[place].textContent.trim();
  const compare = (one, other) => {
    if (one === "" || other === "") return (one === "") - (other === "");
    const numbers = [Number(one), Number(other)];
    return numbers.some(Number.isNaN) ? one.localeCompare(other, "en", { numeric: true }) : numbers[0] - numbers[1];
  };
  headings.forEach((heading, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const first = heading.classList.contains("number") ? "descending" : "ascending";
      const second = first === "ascending" ? "descending" : "ascending";
      const order = heading.getAttribute("aria-sort") === first ? second : first;
      headings.forEach((each) => each.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      const sorted = [...rows].sort((one, other) => {
        const [left, right] = [value(one, place), value(other, place)];
        // What has no value comes last in both orders.
        return left === "" || right === "" ? compare(left, right) : sign * compare(left, right);
      });
      body.append(...sorted);
    });
  });
  if (rows.length < 12) continue;
  const line = document.createElement("p"), label = document.createElement("label");
  const input = document.createElement("input"), status = document.createElement("span");
  line.className = "filter";
  label.append("Only rows with ", input);
  input.type = "search";
  status.setAttribute("role", "status");
  line.append(label, status);
  table.closest(".wide").before(line);
  const text = rows.map((row) => row.textContent.toLowerCase());
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    rows.forEach((row, place) => { row.hidden = !words.every((word) => text[place].includes(word)); });
    const shown = rows.filter((row) => !row.hidden).length;
    status.textContent = words.length ? `${shown} of ${rows.length} rows` : "";
  });
}
