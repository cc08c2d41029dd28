// What checks.py asks of an open page; an object of functions, evaluated from outside the page.
({
  async axe(tags) {
    const result = await axe.run(document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] });
    return result.violations.flatMap((rule) => rule.nodes.map(
      (node) => `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary.replace(/\s+/g, " ")}`));
  },

  sideways() {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const right = (element) => Math.round(element.getBoundingClientRect().right);
    return Array.from(document.body.querySelectorAll("*"))
      .filter((element) => right(element) > width + 1 && !element.closest(".table-box"))
      .slice(0, 5)
      .map((element) => `${element.outerHTML.slice(0, 80)} ends at ${right(element)} of ${width} px`);
  },

  // A link inside a sentence may be as small as its line (WCAG 2.2, 2.5.8 "inline"); a box that is ticked
  // through its label is as big as the label.
  smallTargets(minimum) {
    const found = [];
    const all = "a[href], button, summary, select, textarea, input:not([type=hidden])";
    for (const element of document.querySelectorAll(all)) {
      const ticked = ["checkbox", "radio"].includes(element.type) && element.closest("label");
      // Where the whole card is one link, its box is stretched by a pseudo element.
      const whole = element.closest("[data-whole]");
      const box = (ticked || whole || element).getBoundingClientRect();
      if (!box.width || element.matches(".skip")) continue;
      const sentence = element.parentElement.cloneNode(true);
      sentence.querySelectorAll("a, button").forEach((each) => each.remove());
      if (element.matches("p a, dd a") && sentence.textContent.trim()) continue;
      if (box.width + 0.5 >= minimum && box.height + 0.5 >= minimum) continue;
      found.push(`${element.outerHTML.slice(0, 90)} is ${Math.round(box.width)} x ${Math.round(box.height)} px`);
    }
    return found;
  },

  smallText(minimum) {
    const found = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode());) {
      const parent = node.parentElement;
      if (!node.textContent.trim() || parent.matches("script, style, noscript")) continue;
      const size = getComputedStyle(parent).fontSize;
      if (parseFloat(size) + 0.05 < minimum) found.add(`${size}: ${node.textContent.trim().slice(0, 40)}`);
    }
    return Array.from(found);
  },
})
