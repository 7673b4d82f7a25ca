(() => {
  const bar = document.getElementById("filter");
  const text = document.getElementById("filter-text");
  const verdict = document.getElementById("filter-verdict");
  const found = document.getElementById("filter-found");
  const clauses = [...document.querySelectorAll("details.clause")];
  const words = clauses.map((clause) => `${clause.dataset.area} ${clause.textContent}`.toLowerCase());

  const filter = () => {
    const wanted = text.value.trim().toLowerCase();
    let shown = 0;
    clauses.forEach((clause, n) => {
      const is = clause.dataset.verdict;
      const fits = !verdict.value || is === verdict.value || (verdict.value === "unsettled" && !/^(pass|not_applicable)$/.test(is));
      clause.hidden = !(fits && words[n].includes(wanted));
      shown += clause.hidden ? 0 : 1;
    });
    for (const area of document.querySelectorAll("section.area")) {
      area.hidden = !area.querySelector("details.clause:not([hidden])");
    }
    found.textContent = `${shown} of ${clauses.length} shown`;
  };

  const openTarget = () => {
    const target = document.getElementById(location.hash.slice(1));
    for (let part = target; part; part = part.parentElement) {
      part.hidden = false;
      if (part.localName === "details") part.open = true;
    }
    target?.scrollIntoView();
  };

  const offerCopies = () => {
    for (const command of document.querySelectorAll("pre.command")) {
      const button = document.createElement("button");
      const row = document.createElement("div");
      row.className = "copied";
      button.type = "button";
      button.textContent = "Copy";
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(command.textContent);
        button.textContent = "Copied";
      });
      command.replaceWith(row);
      row.append(command, button);
    }
  };

  if (navigator.clipboard) offerCopies();
  if (bar) {
    bar.hidden = false;
    text.addEventListener("input", filter);
    verdict.addEventListener("change", filter);
  }
  addEventListener("hashchange", openTarget);
  if (location.hash) openTarget();
})();
